import { setTimeout as delay } from 'node:timers/promises';
import { parseComposeLink, parseNoteLink } from '../../../src/protocol/link.ts';
import { ComposerSession } from '../../../web-composer/session/composer-session.ts';
import type { ComposerState } from '../../../web-composer/session/state.ts';
import { ReceiverSession } from '../../../web-receiver/session/receiver-session.ts';
import type { ReceiverState } from '../../../web-receiver/session/state.ts';
import { browserClock } from '../../../web-shared/clock.ts';
import { composeLinkFor } from '../../support/server/chat-command.ts';
import type { Hospital } from './hospital.ts';

const SOON_MS = 20_000;
const POLL_MS = 10;

/** A note that is read, with what both pages showed and when. */
export class LiveNote {
  readonly roomId: string;
  readonly composer: ComposerSession;
  readonly receiver: ReceiverSession;
  readonly #seen: Seen;

  /** Writes a note at one node and reads it at another; `-1` is whichever comes next. */
  static async open(hospital: Hospital, number: number, doctorsNode = -1, patientsNode = -1): Promise<LiveNote> {
    at(hospital, doctorsNode);
    const link = await composeLink(hospital);
    const note = await LiveNote.from(link, { text: textOf(number), beforeReading: () => at(hospital, patientsNode) });
    hospital.balancer.only(null);
    return note;
  }

  /** Writes a note behind a compose link, and reads it. */
  static async from(
    composeUrl: string,
    { text, beforeReading = () => undefined }: { text: string; beforeReading?: () => void },
  ): Promise<LiveNote> {
    const seen: Seen = { composer: [], receiver: [] };
    const { hash, origin } = new URL(composeUrl);
    const ticket = parseComposeLink(hash);
    if (ticket === null) throw new Error('the compose link has no ticket');
    const onComposer = (state: ComposerState): void => void seen.composer.push({ at: performance.now(), state });
    const composer = new ComposerSession({ ticket }, { origin, clock: browserClock, onState: onComposer });
    composer.start();
    await until(() => seen.composer.at(-1)?.state.name === 'writing', 'the composer is ready');
    composer.write(text);
    composer.choosePolicy({ admission: 'link', expirySeconds: 3_600 });
    await composer.share();
    await until(() => seen.composer.at(-1)?.state.name === 'open', 'the note is shared');
    const open = seen.composer.at(-1)?.state;
    if (open?.name !== 'open') throw new Error('the note is not open');
    beforeReading();
    const { pathname, hash: fragment } = new URL(open.link);
    const link = parseNoteLink(pathname, fragment);
    if (link === null) throw new Error('the note link is not complete');
    const receiver = new ReceiverSession(link, {
      origin,
      language: 'en',
      clock: browserClock,
      onState: (state) => void seen.receiver.push({ at: performance.now(), state }),
    });
    receiver.start();
    const note = new LiveNote(link.roomId, composer, receiver, seen);
    await until(() => note.receiverState === 'closed', 'the patient may tap');
    receiver.open();
    await until(() => note.isRead, 'the note is read');
    return note;
  }

  private constructor(roomId: string, composer: ComposerSession, receiver: ReceiverSession, seen: Seen) {
    this.roomId = roomId;
    this.composer = composer;
    this.receiver = receiver;
    this.#seen = seen;
  }

  get receiverState(): ReceiverState['name'] | undefined {
    return this.#seen.receiver.at(-1)?.state.name;
  }

  get isRead(): boolean {
    return this.receiverState === 'reading';
  }

  /** Why the note is gone, as the patient's page says; null while it is not. */
  get goneBecause(): string | null {
    const last = this.#seen.receiver.at(-1)?.state;
    return last?.name === 'gone' ? last.reason : null;
  }

  /** The longest time for which the note was hidden since a moment, in milliseconds; it may still be. */
  longestHiddenSince(from: number): number {
    let hiddenAt: number | null = null;
    let longest = 0;
    for (const { at, state } of this.#seen.receiver) {
      if (at < from) continue;
      if (state.name === 'reading') {
        if (hiddenAt !== null) longest = Math.max(longest, at - hiddenAt);
        hiddenAt = null;
      } else hiddenAt ??= at;
    }
    return hiddenAt === null ? longest : Math.max(longest, performance.now() - hiddenAt);
  }

  /** The doctor destroys it; gives how long the patient's page took to wipe it, in milliseconds. */
  async destroy(): Promise<number> {
    const from = performance.now();
    this.composer.destroy();
    await until(() => this.goneBecause !== null, 'the note is gone');
    return performance.now() - from;
  }

  leave(): void {
    this.composer.leave();
    this.receiver.leave();
  }

  /** What both pages showed when it changed, for whoever looks into a failure. */
  story(from: number): string {
    const told = (seen: readonly { at: number; state: { name: string; interrupted?: unknown } }[]): string => {
      const names = seen.map(({ at, state }) => ({
        at,
        name: state.interrupted ? `${state.name}, cut off` : state.name,
      }));
      const changes = names.filter(({ at, name }, index) => at >= from && name !== names[index - 1]?.name);
      return changes.map(({ at, name }) => `${Math.round(at - from)} ${name}`).join(', ');
    };
    return `${this.roomId.slice(0, 8)}: composer ${told(this.#seen.composer)}; receiver ${told(this.#seen.receiver)}`;
  }
}

interface Seen {
  composer: { at: number; state: ComposerState }[];
  receiver: { at: number; state: ReceiverState }[];
}

/** What a doctor does whom a node asks to try again, because the machine is busy: tries again. */
async function composeLink({ url }: Hospital): Promise<string> {
  let link: string | null = null;
  const ask = async (): Promise<boolean> => {
    link = await composeLinkFor(url).catch(() => null);
    return link !== null;
  };
  await until(ask, 'a note is begun', { pollMs: 500 });
  return link ?? '';
}

/** Rejects with what it waited for when that does not come. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  { ms = SOON_MS, pollMs = POLL_MS } = {},
): Promise<void> {
  const late = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`not in ${ms / 1000} s: ${what}`);
    await delay(pollMs);
  }
}

function at({ balancer }: Hospital, index: number): void {
  balancer.only(index < 0 ? null : index);
}

function textOf(number: number): string {
  return `Amoxicillin 500 mg, note ${number}`;
}
