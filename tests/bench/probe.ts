/** What a page is watched for; each is marked with the page's own time when it happens (again). */
export type Mark = 'click' | 'input' | 'corrected' | 'channel-open' | 'button' | 'link' | 'note' | 'painted' | 'wiped';

/** A page's probe. Times are milliseconds since the Unix epoch by the page's clock. */
export interface Probe {
  readonly marks: Partial<Record<Mark, number>>;
  now(): number;
  /** Fulfilled with the time of the mark, past or coming; rejects after 20 s without it. */
  until(mark: Mark): Promise<number>;
}

declare global {
  interface Window {
    glirProbe: Probe;
  }
}

/** `tapAtOnce` presses "Open the note" in the moment it appears, without the detour through a test tool. */
export interface ProbeOptions {
  note: string;
  tapAtOnce: boolean;
}

/**
 * Runs in a page before the page's own scripts, and reads what a user would see: the shipped page knows nothing of it.
 * Has to stand by itself, because its text is what the browser gets.
 */
export function installProbe({ note, tapAtOnce }: ProbeOptions): void {
  const marks: Probe['marks'] = {};
  const waiting = new Map<Mark, (at: number) => void>();
  const now = () => performance.timeOrigin + performance.now();
  const set = (mark: Mark, at = now()) => {
    marks[mark] = at;
    waiting.get(mark)?.(at);
    waiting.delete(mark);
  };
  window.glirProbe = {
    marks,
    now,
    until: (mark) =>
      new Promise((resolve, reject) => {
        const at = marks[mark];
        if (at !== undefined) return resolve(at);
        waiting.set(mark, resolve);
        setTimeout(
          () => reject(new Error(`nothing came of "${mark}"; the page says: ${document.body.innerText.slice(0, 200)}`)),
          20_000,
        );
      }),
  };

  // The event's own time stamp: what waits behind a busy page counts as well.
  addEventListener('click', (event) => set('click', performance.timeOrigin + event.timeStamp), true);

  addEventListener('input', (event) => set('input', performance.timeOrigin + event.timeStamp), true);

  const createDataChannel = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...args) {
    const channel = createDataChannel.apply(this, args);
    channel.addEventListener('open', () => set('channel-open'));
    return channel;
  };

  const lookForButton = () => {
    const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Open the note');
    if (marks.button !== undefined || button === undefined) return;
    set('button');
    if (!tapAtOnce) return;
    set('click');
    button.click();
  };
  const lookForLink = () => {
    const field = [...document.querySelectorAll('input')].find(
      ({ labels }) => labels?.[0]?.textContent === 'Note link',
    );
    if (marks.link === undefined && field !== undefined && field.value !== '') set('link');
  };
  const lookForNote = () => {
    const region = document.querySelector('section[aria-label="Note"], [role="region"][aria-label="Note"]');
    if (marks.note === undefined) {
      if (region?.textContent !== note) return;
      set('note');
      // A task after the frame's callbacks runs once the frame with the text has been drawn and handed over.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => set('painted');
        port2.postMessage(null);
      });
    } else if (region !== null && region.textContent !== note) {
      if (marks.corrected === undefined) set('corrected');
    } else if (marks.wiped === undefined && !document.documentElement.textContent?.includes(note)) {
      set('wiped');
    }
  };
  new MutationObserver(() => {
    lookForButton();
    lookForLink();
    lookForNote();
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
