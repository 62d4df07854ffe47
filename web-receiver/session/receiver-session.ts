import type { Bytes } from '../../src/protocol/bytes.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { SentNote } from '../../src/protocol/note-message.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { askedState } from './asked.ts';
import { Watch } from './liveness.ts';
import type { PeerSession } from './peer-session.ts';
import { PinEntry } from './pin-entry.ts';
import { Sheet } from './reading-state.ts';
import { meaningOf } from './refusals.ts';
import { RoomClock } from './room-clock.ts';
import { Joining } from './room-connection.ts';
import { obey } from './server-events.ts';
import type { GoneReason, InterruptedSide, ReceiverActions, ReceiverState, RoomFacts } from './state.ts';

const REJOIN_MS = 2000;

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
  #readmissionToken: string | null = null;
  /** Six digits to compare, once the composer of this connection revealed its half. */
  #code: string | null = null;
  readonly #watch: Watch;

  constructor(link: { roomId: string; secret: Bytes }, around: Surroundings) {
    this.#around = around;
    this.#room = new RoomClock(around.clock, (room) => this.#onSecond(room));
    this.#watch = new Watch({
      clock: around.clock,
      room: this.#room,
      ask: (number) => void this.#joining.visit?.tell({ kind: 'ping', number }),
      changed: () => this.#onBeat(),
      unanswered: () => this.#gone('unreachable'),
      overdue: () => this.#gone('lost'),
    });
    this.sheet = new Sheet(
      (receipt) => void this.#joining.visit?.tell(receipt),
      () => this.#showSheet(),
    );
    this.#joining = new Joining(link, {
      ...around,
      readmissionToken: () => this.#readmissionToken,
      learned: (joined) => this.#learn(joined),
      joined: (visit) => {
        if (this.#tapped) void this.#knock(visit);
        else this.#watch.settle();
      },
      refused: (code) => this.#onRefused(code),
      notice: (notice) =>
        obey(notice, {
          gone: (reason, agoMs, phone) => this.#gone(reason, agoMs, phone),
          declined: () => void Promise.resolve(this.#joining.visit?.heard()).then(() => this.#gone('declined')),
          hide: (side) => this.#hide(side),
          rejoin: (side) => this.#rejoin(side),
          untapped: () => (this.#tapped ? this.#rejoin() : this.#joining.leave()),
          told: (ciphertext) => void this.#joining.visit?.told(ciphertext),
          time: (time) => this.#room.learnTime(time),
          refused: (code) => this.#onRefused(code),
        }),
      down: () => this.#hide(this.#room.ownSide),
      failed: () => this.#gone('unreachable'),
      over: () => this.#rejoin(),
      listener: {
        waiting: (shortCode) => this.#onWaiting(shortCode),
        wrongPin: (triesLeft) => this.#onWrongPin(triesLeft),
        note: (message, first) => this.#onNote(message, first),
        pong: (answer) => this.#watch.answered(answer),
        moreTime: (addedMs) => this.#room.add(addedMs),
        wiped: ({ reason }) => this.#gone(reason),
        lost: () => this.#cover(this.#room.ownSide),
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
    if (this.#entry.isAskedIn(room) && !this.#entry.take(typed)) return this.#show(this.#entry.closedIn(room));
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
    this.#watch.beginAnew();
    this.#show({ name: 'loading' });
    this.#joining.start();
  }

  /** The page goes away: nothing of the note stays in it. */
  leave(): void {
    this.#joining.say({ t: 'leave' });
    this.#forget();
    this.#show({ name: 'loading' });
  }

  #onWaiting(shortCode: string): void {
    // Whoever was let in before is let in again without a question.
    if (this.#readmissionToken !== null) return;
    this.#watch.settle();
    this.#code = shortCode;
    this.#inRoom((room) => this.#show(askedState(room, this.#code)));
  }

  /** The composer's page answered, or has not answered for too long. */
  #onBeat(): void {
    if (!this.#tapped) return this.#watch.isFresh ? this.#watch.settle() : undefined;
    if (!this.#watch.isFresh) return this.#cover(this.#watch.silentSide);
    if (this.#state.name !== 'interrupted') return;
    if (this.sheet.holdsNote) return this.#showSheet();
    this.#watch.settle();
    this.#inRoom((room) => this.#show(askedState(room, this.#code)));
  }

  #learn(joined: Reply<'join'>): void {
    const room = this.#room.learn(joined);
    if (!this.#tapped) this.#show(this.#entry.closedIn(room));
  }

  #onWrongPin(triesLeft: number): void {
    if (this.#readmissionToken !== null) return;
    this.#watch.settle();
    this.#tapped = false;
    this.#entry.wrong(triesLeft);
    this.#inRoom((room) => this.#show(this.#entry.closedIn(room)));
  }

  #onNote(message: SentNote, first: boolean): void {
    const { token: readmissionToken, leftMs, who, rev } = message;
    // A composer of this room would send the pass that it gave; a forged one cannot know it.
    if (this.#readmissionToken !== null && this.#readmissionToken !== readmissionToken) return this.#gone('tampered');
    this.#readmissionToken = readmissionToken;
    this.#entry.end();
    this.#watch.arrived(rev);
    this.#room.seal(leftMs, first);
    if (who !== undefined) this.#room.learnName(who);
    this.sheet.put(message);
  }

  /** Shows the note, where the connection that brought it is there and the composer holds it out. */
  #showSheet(): void {
    this.#inRoom((room) => {
      const reading = this.sheet.state(room);
      if (reading === null || this.#joining.visit?.hasNote !== true) return;
      if (!this.#watch.isFresh) return this.#cover(this.#watch.silentSide);
      this.#watch.settle();
      this.#show(reading);
    });
  }

  async #knock(visit: PeerSession): Promise<void> {
    if (!this.#watch.knocking(!visit.knocked)) return this.#gone('unreachable');
    try {
      // After a wrong PIN the knock is past, and the next one goes by itself.
      const { pin } = this.#entry;
      if (pin !== null && visit.knocked) await visit.tell({ kind: 'pin', pin });
      else await visit.knock(pin);
      // The doctor decides; until the composer's page has answered, nobody knows whether it was asked.
      this.#inRoom((room) => {
        if (room.admission === 'ask' && this.#state.name === 'closed') this.#show(askedState(room, this.#code));
      });
    } catch (error) {
      if (error instanceof Refused && this.#joining.visit === visit) this.#onRefused(error.code);
    }
  }

  #onRefused(code: Refusal): void {
    const meaning = meaningOf(code, this.#readmissionToken !== null);
    if ('over' in meaning) return this.#gone(meaning.over);
    if (meaning.wait === 'for-doctor') return this.#hide('doctor');
    if (meaning.wait !== 'for-place') return;
    this.#hide(this.#room.ownSide);
    this.#watch.disconnected(REJOIN_MS, () => this.#joining.again());
  }

  /** This connection is given up for a new one; nothing of the note is seen in between. */
  #rejoin(side = this.#room.ownSide): void {
    this.#hide(side);
    this.#joining.again();
  }

  #hide(side: InterruptedSide): void {
    this.#joining.leave();
    this.#watch.disconnected();
    this.#code = null;
    this.#cover(side);
  }

  /** The note leaves the screen; it leaves for good when that takes too long. */
  #cover(side: InterruptedSide): void {
    this.#watch.hidden();
    if (this.#entry.pin !== null) {
      // Whether that PIN was counted nobody here knows: it is not sent a second time by itself.
      this.#entry.drop();
      this.#tapped = false;
      return this.#inRoom((room) => this.#show(this.#entry.closedIn(room)));
    }
    if (this.#tapped) this.#inRoom((room) => this.#show({ name: 'interrupted', room, side }));
  }

  #inRoom(run: (room: RoomFacts) => void): void {
    if (this.#room.room !== null) run(this.#room.room);
  }

  #onSecond(room: RoomFacts): void {
    if (room.leftMs === 0) this.#gone('expired');
    else if ('room' in this.#state) this.#show({ ...this.#state, room });
  }

  #gone(reason: GoneReason, agoMs = 0, told: string | null = null): void {
    if (this.#state.name === 'gone') return;
    const { who, phone } = this.#room.room ?? { who: null, phone: told };
    this.#forget();
    this.#show({ name: 'gone', reason, who, phone, at: this.#around.clock.now() - agoMs });
  }

  /** Drops the note, the keys and the connection. The secret stays: it is in the address bar as well. */
  #forget(): void {
    this.#watch.stop();
    this.#joining.forget();
    this.#room.stop();
    this.sheet.wipe();
    this.#entry.beginAnew();
    this.#readmissionToken = null;
  }

  #show(state: ReceiverState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}
