import type { Bytes } from '../src/protocol/bytes.ts';
import type { Reply } from '../src/protocol/messages.ts';
import type { SentNote } from '../src/protocol/note-message.ts';
import { Refused } from '../src/protocol/refused.ts';
import { LIMITS, type Refusal } from '../src/protocol/terms.ts';
import type { PageClock, Timer } from '../web-shared/clock.ts';
import type { Notice } from '../web-shared/signalling.ts';
import { Joining } from './joining.ts';
import { PinEntry } from './pin-entry.ts';
import { isBelated, meaningOf } from './refusals.ts';
import { RoomClock } from './room-clock.ts';
import { Sheet } from './sheet.ts';
import type { GoneReason, InterruptedSide, ReceiverActions, ReceiverState, RoomFacts } from './state.ts';
import type { Visit } from './visit.ts';

/** How long a data channel may take to open before the page says that it cannot connect. */
const CHANNEL_MS = 15_000;
const MAX_KNOCKS = 10;
const REJOIN_MS = 2000;
const HIDDEN_MS = (LIMITS.graceSeconds + 5) * 1000;

interface Surroundings {
  origin: string;
  language: string;
  clock: PageClock;
  onState(state: ReceiverState): void;
}

/** The patient's page: joins, waits for the tap, shows the note, and forgets it when it must. */
export class ReceiverSession implements ReceiverActions {
  readonly #around: Surroundings;
  readonly #room: RoomClock;
  readonly #joining: Joining;
  readonly #entry = new PinEntry();
  /** What is on the screen; the view tells it what the patient does there. */
  readonly sheet: Sheet;
  #state: ReceiverState = { name: 'loading' };
  #tapped = false;
  /** Lets this page in again after a lost connection; came sealed with the note. */
  #pass: string | null = null;
  /** Handshakes since the tap: each one is a try at the short code for whoever sits in the middle. */
  #knocks = 0;
  #patience: Timer | null = null;

  constructor(link: { roomId: string; secret: Bytes }, around: Surroundings) {
    this.#around = around;
    this.#room = new RoomClock(around.clock, (room) => this.#onSecond(room));
    this.sheet = new Sheet(
      (receipt) => void this.#joining.visit?.tell(receipt),
      () => this.#showSheet(),
    );
    this.#joining = new Joining(link, {
      ...around,
      pass: () => this.#pass,
      learned: (joined) => this.#learn(joined),
      joined: (visit) => {
        if (this.#tapped) void this.#knock(visit);
        else this.#patience?.cancel();
      },
      refused: (code) => this.#onRefused(code),
      notice: (notice) => this.#onNotice(notice),
      down: () => this.#hide(this.#ownSide),
      failed: () => this.#gone('unreachable'),
      listener: {
        waiting: (shortCode) => this.#onWaiting(shortCode),
        wrongPin: (triesLeft) => this.#onWrongPin(triesLeft),
        note: (message, first) => this.#onNote(message, first),
        moreTime: (addedMs) => this.#room.add(addedMs),
        wiped: ({ reason }) => this.#gone(reason),
        lost: () => {
          this.#hide(this.#ownSide);
          this.#joining.again();
        },
        // This connection is given up, and nothing of it is shown.
        tampered: () => this.#gone('tampered'),
      },
    });
  }

  start(): void {
    this.#joining.start();
  }

  open(typed = ''): void {
    const { room } = this.#room;
    if (this.#tapped || room === null) return;
    if (this.#asksPin(room) && !this.#entry.take(typed)) return this.#showClosed(room);
    this.#tapped = true;
    // Drawn after the knock is on its way, and not at all when the answer is faster.
    this.#around.clock.after(0, () => {
      if (this.#state.name === 'closed') this.#show({ ...this.#state, opening: true });
    });
    const { visit, underWay } = this.#joining;
    if (visit !== null) void this.#knock(visit);
    else if (!underWay) this.#joining.again();
  }

  retry(): void {
    this.#tapped = false;
    this.#knocks = 0;
    this.#show({ name: 'loading' });
    this.start();
  }

  /** The page goes away: nothing of the note stays in it. */
  leave(): void {
    this.#joining.say({ t: 'leave' });
    this.#forget();
    this.#show({ name: 'loading' });
  }

  #onWaiting(shortCode: string): void {
    this.#inRoom((room) => this.#state.name !== 'reading' && this.#show({ name: 'waiting', room, shortCode }));
  }

  #learn(joined: Reply<'join'>): void {
    const room = this.#room.learn(joined);
    if (!this.#tapped) this.#showClosed(room);
  }

  /** The doctor set a PIN, and this page was not let in yet. */
  #asksPin(room: RoomFacts): boolean {
    return room.admission === 'pin' && this.#pass === null;
  }

  #showClosed(room: RoomFacts): void {
    const pin = this.#asksPin(room) ? this.#entry.prompt : null;
    this.#show({ name: 'closed', room, opening: false, pin });
  }

  #onWrongPin(triesLeft: number): void {
    if (this.#pass !== null) return;
    this.#patience?.cancel();
    this.#tapped = false;
    this.#entry.wrong(triesLeft);
    this.#inRoom((room) => this.#showClosed(room));
  }

  #onNote(message: SentNote, first: boolean): void {
    const { pass, leftMs } = message;
    // A composer of this room would send the pass that it gave; a forged one cannot know it.
    if (this.#pass !== null && this.#pass !== pass) return this.#gone('tampered');
    this.#pass = pass;
    this.#entry.drop();
    this.#knocks = 0;
    this.#patience?.cancel();
    this.#room.seal(leftMs, first);
    this.sheet.put(message);
  }

  #showSheet(): void {
    this.#inRoom((room) => {
      const reading = this.sheet.state(room);
      if (reading !== null && this.#joining.visit !== null) this.#show(reading);
    });
  }

  async #knock(visit: Visit): Promise<void> {
    this.#knocks += 1;
    if (this.#knocks > MAX_KNOCKS) return this.#gone('unreachable');
    this.#waitAtMost(CHANNEL_MS, () => this.#gone('unreachable'));
    try {
      // After a wrong PIN the knock is past, and the next one goes by itself.
      const { pin } = this.#entry;
      if (pin !== null && visit.knocked) await visit.tell({ kind: 'pin', pin });
      else await visit.knock(pin);
      // Without the doctor in between, the note itself is what is waited for.
      const { room } = this.#room;
      if (room === null || room.admission !== 'ask') return;
      this.#patience?.cancel();
      if (this.#state.name === 'closed') this.#show({ name: 'waiting', room, shortCode: null });
    } catch (error) {
      if (error instanceof Refused) this.#onRefused(error.code);
    }
  }

  #onNotice(notice: Notice): void {
    switch (notice.t) {
      case 'ended':
        return this.#gone(notice.reason, notice.agoMs, notice.phone);
      case 'declined':
        return this.#gone('declined');
      case 'interrupted':
        return this.#hide('doctor');
      case 'back':
        return this.#joining.again();
      case 'untapped':
        return this.#joining.leave();
      case 'told':
        void this.#joining.visit?.told(notice.box);
        return;
      case 'time':
        return this.#room.learnTime(notice);
      case 'refused':
        // A receipt that crossed with an interruption; what is the matter comes in a notice of its own.
        if (!isBelated(notice.code)) this.#onRefused(notice.code);
    }
  }

  #onRefused(code: Refusal): void {
    const meaning = meaningOf(code, this.#pass !== null);
    if ('over' in meaning) return this.#gone(meaning.over);
    if (meaning.wait === 'for-doctor') return this.#hide('doctor');
    if (meaning.wait === 'for-place') this.#around.clock.after(REJOIN_MS, () => this.#joining.again());
  }

  get #ownSide(): InterruptedSide {
    return this.#room.wasAsleep ? 'asleep' : 'patient';
  }

  /** The note leaves the screen until the connection is back; it leaves for good when that takes too long. */
  #hide(side: InterruptedSide): void {
    this.#joining.leave();
    this.#waitAtMost(HIDDEN_MS, () => this.#gone('lost'));
    if (this.#entry.pin !== null) {
      // Whether that PIN was counted nobody here knows: it is not sent a second time by itself.
      this.#entry.drop();
      this.#tapped = false;
      return this.#inRoom((room) => this.#showClosed(room));
    }
    if (this.#tapped) this.#inRoom((room) => this.#show({ name: 'interrupted', room, side }));
  }

  #inRoom(run: (room: RoomFacts) => void): void {
    if (this.#room.room !== null) run(this.#room.room);
  }

  #waitAtMost(ms: number, run: () => void): void {
    this.#patience?.cancel();
    this.#patience = this.#around.clock.after(ms, run);
  }

  #onSecond(room: RoomFacts): void {
    if (room.leftMs === 0) this.#gone('expired');
    else if ('room' in this.#state) this.#show({ ...this.#state, room });
  }

  #gone(reason: GoneReason, agoMs = 0, told: string | null = null): void {
    const { who, phone } = this.#room.room ?? { who: null, phone: told };
    this.#forget();
    this.#show({ name: 'gone', reason, who, phone, at: this.#around.clock.now() - agoMs });
  }

  /** Drops the note, the keys and the connection. The secret stays: it is in the address bar as well. */
  #forget(): void {
    this.#patience?.cancel();
    this.#joining.forget();
    this.#room.stop();
    this.sheet.wipe();
    this.#entry.drop();
    this.#pass = null;
  }

  #show(state: ReceiverState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}
