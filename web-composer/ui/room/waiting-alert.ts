/** Somebody waits for the doctor's decision: a soft sound, and a notification of the browser where the doctor allows it. */
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ReaderRow } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

/** Two soft tones, in Hz; each lasts so many seconds. */
const TONES = [660, 880] as const;
const TONE_SECONDS = 0.22;
const LOUDNESS = 0.06;

export interface WaitingAlert {
  readonly element: HTMLElement;
  update(readers: readonly ReaderRow[]): void;
  /** The note is over: nothing is heard or shown any more. */
  stop(): void;
}

/** @param bringIntoView called when somebody new waits */
export function createWaitingAlert(strings: ComposerStrings, bringIntoView: () => void): WaitingAlert {
  const labels = createLabels(strings);
  const sound = el('input', { type: 'checkbox', role: 'switch', id: 'waiting-sound', autocomplete: 'off' });
  sound.checked = true;
  const chime = createChime();
  const notice = createNotice(strings);
  const said = el('p', { class: 'hint', role: 'status' });
  const ask = button('button-quiet', [labels.text('notify')], () => {
    void notice.ask().then((allowed) => {
      setText(said, strings.t(allowed ? 'notify.on' : 'notify.refused'));
      setShown(ask, notice.canAsk);
    });
  });
  const element = el(
    'div',
    { class: 'waiting-alert' },
    el('label', { class: 'switch' }, el('span', {}, labels.text('sound')), sound),
    ask,
    said,
  );
  let waiting = new Set<string>();
  return {
    element,
    update(readers) {
      labels.draw();
      setShown(ask, notice.canAsk);
      const now = new Set(readers.filter(({ state }) => state === 'waiting').map(({ id }) => id));
      const isNew = [...now].some((id) => !waiting.has(id));
      waiting = now;
      if (now.size === 0) notice.close();
      if (!isNew) return;
      if (sound.checked) chime.play();
      notice.show();
      bringIntoView();
    },
    stop() {
      chime.stop();
      notice.close();
    },
  };
}

/** Silent where the browser does not allow sounds, or before anything on the page was pressed. */
function createChime(): { play(): void; stop(): void } {
  let context: AudioContext | null = null;
  return {
    play() {
      if (!('AudioContext' in window) || navigator.userActivation?.hasBeenActive === false) return;
      context ??= new AudioContext();
      // A phone call, for one, had taken the sound away.
      void context.resume().catch(() => undefined);
      const at = context.currentTime;
      for (const [index, tone] of TONES.entries()) playTone(context, tone, at + index * TONE_SECONDS);
    },
    stop() {
      void context?.close().catch(() => undefined);
      context = null;
    },
  };
}

function playTone(context: AudioContext, tone: number, from: number): void {
  const [wave, gain] = [context.createOscillator(), context.createGain()];
  wave.frequency.value = tone;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(LOUDNESS, from + TONE_SECONDS / 4);
  gain.gain.linearRampToValueAtTime(0, from + TONE_SECONDS * 2);
  wave.connect(gain).connect(context.destination);
  wave.start(from);
  wave.stop(from + TONE_SECONDS * 2);
}

/** The notification names nobody: other people may see the screen. It shows only while the page is not looked at. */
function createNotice(strings: ComposerStrings): {
  /** Whether the doctor has not decided yet whether the browser may show notifications. */
  readonly canAsk: boolean;
  ask(): Promise<boolean>;
  show(): void;
  close(): void;
} {
  const isThere = 'Notification' in window;
  let shown: Notification | null = null;
  return {
    get canAsk() {
      return isThere && Notification.permission === 'default';
    },
    ask: async () => (await Notification.requestPermission()) === 'granted',
    show() {
      if (!isThere || Notification.permission !== 'granted' || document.hasFocus()) return;
      try {
        shown = new Notification(strings.t('pageTitle'), { body: strings.t('notify.body'), tag: 'glir-waiting' });
        shown.onclick = () => window.focus();
      } catch {
        // Android's browsers show notifications of installed pages only.
      }
    },
    close() {
      shown?.close();
      shown = null;
    },
  };
}
