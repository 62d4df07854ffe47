import type { EndReason } from '../../src/protocol/constants.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { Medicine } from '../../src/protocol/note.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import type { ServerEvent } from '../../web-shared/net/signalling-client.ts';
import { News } from './alerts.ts';
import { Countdown } from './countdown.ts';
import { type Draft, draftOf, type Entry } from './draft.ts';
import { endRoom, wipePages } from './end-room.ts';
import { NoteModel, type NoteOptions } from './note-model.ts';
import { isPin, proposePin } from './pin.ts';
import { Publisher } from './publisher.ts';
import { extendRoom, openRoom, type Room, takeRoom } from './room.ts';
import { Seat } from './room-connection.ts';
import { factsOf, openState, writingState } from './snapshots.ts';
import type { ComposerActions, ComposerState, Policy, RefusedCode } from './state.ts';
import { rehearse } from './warm-up.ts';

interface Surroundings {
  /** Origin of this page, which is also the note link's. */
  origin: string;
  clock: PageClock;
  onState(state: ComposerState): void;
}

/** The doctor's tab: the only place where the note lives. */
export class ComposerSession implements ComposerActions {
  readonly #around: Surroundings;
  readonly #seat: Seat;
  readonly #manuscript = new NoteModel();
  readonly #corrections: Publisher;
  #state: ComposerState = { name: 'loading' };
  #pin = proposePin();
  #room: Room | null = null;
  readonly #news = new News(() => this.#refresh());
  readonly #countdown: Countdown;

  constructor(entry: Entry, around: Surroundings) {
    this.#around = around;
    this.#countdown = new Countdown(around.clock);
    this.#corrections = new Publisher(this.#manuscript, around.clock, () => {
      this.#room?.readers.update();
      this.#refresh();
    });
    this.#seat = new Seat(entry, {
      origin: around.origin,
      clock: around.clock,
      room: (joined) => this.#roomFor(joined),
      seated: () => {
        if (this.#state.name === 'open') this.#show({ ...this.#state, interrupted: false });
      },
      notice: (notice) => void this.#onServerEvent(notice),
      down: () => {
        this.#room?.readers.disconnect();
        if (this.#state.name === 'open') this.#show({ ...this.#state, interrupted: true });
      },
      failed: (code) => this.#onFailure(code),
    });
  }

  start(): void {
    this.#seat.take();
  }

  /** The tab closes or reloads: the note goes with it. */
  leave(): void {
    this.#seat.signalling?.say({ t: 'leave' });
    this.#over('left');
  }

  /** What there is to hand over to another window; null unless the note is still being written. */
  get draft(): Draft | null {
    const [state, room] = [this.#state, this.#room];
    if (state.name !== 'writing' || state.sharing || room === null) return null;
    return draftOf(room.ownerToken, state, this.#manuscript);
  }

  /** Lets go of a draft that another window has now: forgets it here without ending its room. */
  release(): void {
    this.#forget();
    this.#show({ name: 'loading' });
  }

  /** Whether closing the tab would lose something. */
  get wouldLose(): boolean {
    return this.#state.name === 'open' || (this.#state.name === 'writing' && this.#manuscript.problem !== 'empty');
  }

  write(note: string): void {
    this.#change(() => this.#manuscript.write(note));
  }

  list(medicines: readonly Medicine[]): void {
    this.#change(() => this.#manuscript.list(medicines));
  }

  chooseOptions(options: Partial<NoteOptions>): void {
    this.#change(() => this.#manuscript.choose(options));
  }

  choose(policy: Partial<Policy>): void {
    if (this.#state.name !== 'writing') return;
    this.#show({ ...this.#state, policy: { ...this.#state.policy, ...policy } });
  }

  setPin(pin: string): void {
    if (this.#state.name !== 'writing') return;
    this.#pin = pin;
    this.#show({ ...this.#state, pin, problem: null });
  }

  proposePin(): void {
    this.setPin(proposePin());
  }

  admit(readerId: string): void {
    this.#news.drop('room-full');
    this.#room?.readers.admit(readerId).catch(() => undefined);
  }

  refuse(readerId: string): void {
    void this.#room?.readers.refuse(readerId);
  }

  answered(readerId: string): void {
    this.#room?.readers.answered(readerId);
  }

  destroy(): void {
    void this.#end('revoked');
  }

  #change(make: () => void): void {
    if (this.#state.name !== 'writing' && this.#state.name !== 'open') return;
    make();
    if (this.#state.name === 'writing') {
      return this.#show({ ...this.#state, ...factsOf(this.#manuscript), problem: null });
    }
    this.#corrections.changed();
    this.#refresh();
  }

  /** Before "Share" nothing is lost but a draft; afterwards the server has no way back to the room. */
  #onFailure(code: RefusedCode): void {
    if (this.#state.name === 'open' || (this.#room !== null && code !== 'no-webrtc')) return this.#over('lost');
    this.#forget();
    this.#show({ name: 'refused', code });
  }

  async #roomFor(joined: Reply<'compose'>): Promise<Room> {
    if (this.#room !== null) return this.#room;
    const { displayName, policy, limits } = joined;
    this.#room = await takeRoom(joined, this.#around.origin, {
      policy: () => ('policy' in this.#state ? this.#state.policy : null),
      gate: () => this.#room?.opened?.gate ?? null,
      version: () => this.#manuscript.version,
      leftMs: () => this.#leftMs,
      now: () => this.#around.clock.now(),
      changed: () => this.#refresh(),
      tell: (news) => this.#news.tell(news),
      locked: () => void this.#end('locked'),
    });
    this.#show(writingState(this.#manuscript, { policy, limits, displayName, pin: this.#pin }));
    return this.#room;
  }

  async share(): Promise<void> {
    const [state, room, { signalling }] = [this.#state, this.#room, this.#seat];
    if (state.name !== 'writing' || state.sharing || room === null) return;
    const { policy } = state;
    const pinProblem = policy.admission === 'pin' && !isPin(this.#pin) ? 'bad-pin' : null;
    const problem = this.#manuscript.problem ?? pinProblem;
    if (problem !== null || signalling === null) return this.#show({ ...state, problem: problem ?? 'unreachable' });
    this.#show({ ...state, sharing: true, problem: null });
    try {
      const { now } = this.#around.clock;
      const opened = await openRoom(room, signalling, policy, this.#pin, now);
      this.#manuscript.publish(false);
      this.#show(openState(room, opened, policy, this.#manuscript, now()));
      this.#countdown.run(
        () => this.#leftMs,
        () => this.#refresh(),
        () => void wipePages(room, 'expired', this.#around.clock).then(() => this.#over('expired')),
      );
      await rehearse();
    } catch {
      if (this.#state.name === 'writing') this.#show({ ...this.#state, sharing: false, problem: 'unreachable' });
    }
  }

  async extend(seconds: number): Promise<void> {
    // Refused when no more time is allowed, which the page shows before; cut off, the doctor can press again.
    await extendRoom(this.#room, this.#seat.signalling, seconds, this.#around.clock.now).catch(() => undefined);
    this.#refresh();
  }

  async #end(reason: 'revoked' | 'locked'): Promise<void> {
    const [room, { signalling }] = [this.#room, this.#seat];
    if (room === null || this.#state.name === 'over') return;
    this.#stopWriting();
    await endRoom(room, signalling, reason, this.#around.clock);
    this.#over(reason);
  }

  async #onServerEvent(notice: ServerEvent): Promise<void> {
    if (notice.t === 'ended') {
      // A server that ends the room for this page alone would leave the note on its readers' screens.
      const told = this.#room === null ? null : wipePages(this.#room, notice.reason, this.#around.clock);
      return this.#over(notice.reason, notice.agoMs, told);
    }
    // A version that this page does not know ends in `refused`; other refusals are about messages nobody waits for.
    await this.#room?.readers.onServerEvent(notice);
  }

  get #leftMs(): number {
    return Math.max(0, (this.#room?.opened?.until ?? 0) - this.#around.clock.now());
  }

  /** Draws what an open room has come to. */
  #refresh(): void {
    const [state, room] = [this.#state, this.#room];
    if (state.name !== 'open' || room?.opened == null) return;
    const fresh = openState(room, room.opened, state.policy, this.#manuscript, this.#around.clock.now());
    const { interrupted } = state;
    this.#show({ ...fresh, interrupted, notice: this.#news.gravest, editing: this.#corrections.underWay });
  }

  /** @param told while readers are still being told, the connection to them stays */
  #over(reason: EndReason, agoMs = 0, told: Promise<void> | null = null): void {
    if (this.#state.name === 'over' || this.#state.name === 'refused') return;
    const readBy = this.#room?.readers.readBy ?? 0;
    this.#stopWriting();
    this.#countdown.stop();
    this.#seat.leave();
    if (told === null) this.#forget();
    else void told.then(() => this.#forget());
    this.#show({ name: 'over', reason, at: this.#around.clock.now() - agoMs, readBy });
  }

  #stopWriting(): void {
    this.#corrections.stop();
    this.#manuscript.wipe();
  }

  /** Drops the note, the keys and the connection. */
  #forget(): void {
    this.#stopWriting();
    this.#pin = '';
    this.#countdown.stop();
    this.#room?.keys.psk.fill(0);
    this.#room?.readers.disconnect();
    this.#room = null;
    this.#seat.leave();
  }

  #show(state: ComposerState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}
