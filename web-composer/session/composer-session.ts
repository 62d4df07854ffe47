import { type Admission, type EndReason, LIMITS } from '../../src/protocol/constants.ts';
import { Refused } from '../../src/protocol/errors.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { Medicine } from '../../src/protocol/note.ts';
import { isStricter, samePolicy } from '../../src/protocol/policy.ts';
import type { PageClock, Timer } from '../../web-shared/clock.ts';
import type { SocketTrouble } from '../../web-shared/net/reconnect.ts';
import { Disconnected, type ServerEvent, type SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { filesState } from '../files/files-state.ts';
import { type ChosenFile, NoteFiles } from '../files/note-files.ts';
import { warmUpHandshake } from '../readers/handshake.ts';
import { type AlertKind, Alerts } from './alerts.ts';
import { anotherTicket } from './another-ticket.ts';
import { createDraft, type Draft, type Entry } from './draft.ts';
import { NoteModel, type NoteOptions, type Revision } from './note-model.ts';
import { isPin, proposePin } from './pin.ts';
import { Publisher } from './publisher.ts';
import { createRoom, endRoom, extendRoom, openRoom, type Room, restrictRoom, wipeReaders } from './room.ts';
import { RoomConnection } from './room-connection.ts';
import {
  type Blocked,
  type ComposerActions,
  type ComposerState,
  isUsedElsewhere,
  type KeptNote,
  noteFacts,
  type OpenRoom,
  openState,
  type Policy,
  type RefusedCode,
  timeLeftMs,
  writingState,
} from './state.ts';

/** How long "Share" waits for a connection before the doctor hears that there is none. */
const SHARE_MS = 8_000;

interface SessionOptions {
  /** Origin of this page, which is also the note link's. */
  origin: string;
  clock: PageClock;
  onState(state: ComposerState): void;
  /** A ticket for another room, for the note that is kept. */
  onTicket?(ticket: string): void;
  /** Opens a draft in another tab; false when the browser does not. */
  openTab?(draft: Draft): Promise<boolean>;
}

/** The doctor's tab: the only place where the note lives. */
export class ComposerSession implements ComposerActions {
  readonly #options: SessionOptions;
  readonly #clock: PageClock;
  readonly #connection: RoomConnection;
  readonly #note = new NoteModel();
  readonly #files = new NoteFiles(() => this.#onFilesChanged());
  readonly #publisher: Publisher;
  readonly #alerts = new Alerts();
  #state: ComposerState = { name: 'loading' };
  #pin = proposePin();
  #room: Room | null = null;
  #nextSecond: Timer | null = null;
  readonly #entry: Entry;
  /** Whether the ticket was used, or is being used: not before somebody writes. */
  #hasBegun = false;
  #ticketTimeout: Timer | null = null;
  #another: (ComposerState & { name: 'open' })['another'] = null;
  /** The doctor ends the note to go on with its text under another link. */
  #keepsNote = false;
  /** What another room can be begun with when this one is over, or was never there. */
  #nextEntry: Entry | null = null;
  #shareTimeout: Timer | null = null;
  #isVisible = true;
  #blocked: Blocked | null = null;

  constructor(entry: Entry, options: SessionOptions) {
    const { origin, clock } = options;
    this.#entry = entry;
    this.#options = options;
    this.#clock = clock;
    this.#publisher = new Publisher(this.#note, clock, (revision) => this.#publish(revision));
    this.#connection = new RoomConnection(entry, origin, clock, {
      looked: (found) => this.#onLooked(found),
      roomFor: (joined) => this.#roomFor(joined),
      connected: (signalling) => {
        this.#showInterrupted(false);
        void this.#open(signalling);
      },
      disconnected: () => {
        this.#room?.readers.disconnect();
        this.#showInterrupted(true);
      },
      blocked: (blocked) => this.#showBlocked(blocked),
      socketTrouble: (trouble, seconds) => this.#onSocketTrouble(trouble, seconds),
      serverEvent: (event) => void this.#onServerEvent(event),
      failed: (code) => this.#onFailure(code),
    });
  }

  /**
   * Connects the page. A ticket is only looked at: whatever opens the page first, such as a program that checks links, uses
   * nothing up by it.
   *
   * @param writes there is a note already, so that the room is needed at once
   */
  start(writes = false): void {
    if ('ticket' in this.#entry && !writes) this.#connection.look(this.#entry.ticket);
    else this.#begin();
  }

  /** Somebody has written in the note: the ticket is used, and the room made ready. Harmless when it is. */
  begin(): void {
    if (this.#hasBegun || this.#state.name !== 'writing' || this.#note.isEmpty) return;
    this.#begin();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#ticketTimeout?.cancel();
    this.#connection.open();
  }

  #onLooked({ displayName, policy, isChosen = false, limits, files, leftMs }: Reply<'look'>): void {
    this.#ticketTimeout = this.#clock.after(leftMs, () => this.#onFailure('expired-ticket'));
    this.#files.limits = files;
    this.#show(this.#writingState({ policy, isChosen, limits, displayName }));
  }

  /** The tab closes or reloads: the note goes with it. */
  leave(): void {
    this.#connection.signalling?.say({ t: 'leave' });
    this.#wipeNote();
    if (this.isOver) this.wipe();
    else this.#over('left');
  }

  /** Whether the doctor can see the page. */
  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    this.#room?.readers.setVisible(isVisible);
  }

  /** The note that is kept after its room is over; null when there is none. */
  get kept(): KeptNote | null {
    return 'kept' in this.#state ? this.#state.kept : null;
  }

  /** Whether there is no room any more, or never was one. */
  get isOver(): boolean {
    return this.#state.name === 'over' || this.#state.name === 'refused';
  }

  openAgain(): void {
    void this.#openAgain();
  }

  async #openAgain(): Promise<void> {
    const { origin, clock } = this.#options;
    const entry = this.#nextEntry;
    if (!('again' in this.#state) || this.#state.again === 'opening' || entry === null) return;
    this.#show({ ...this.#state, again: 'opening' });
    const asked = await anotherTicket(origin, clock, entry);
    if (!('again' in this.#state) || this.#nextEntry === null) return;
    if ('ticket' in asked) this.#options.onTicket?.(asked.ticket);
    else this.#show({ ...this.#state, again: asked.problem });
  }

  wipe(): void {
    if (this.#state.name === 'refused') this.#connection.close();
    this.#wipeNote();
    if (this.#state.name === 'over') this.#nextEntry = null;
    if ('kept' in this.#state) this.#show({ ...this.#state, kept: null });
  }

  /** What there is to hand over to another window; null unless the note is still being written. */
  get draft(): Draft | null {
    const [state, room] = [this.#state, this.#room];
    if (state.name !== 'writing' || state.sharing || (this.#hasBegun && room === null)) return null;
    return createDraft(room === null ? this.#entry : { ownerToken: room.ownerToken }, state, this.#note, this.#files);
  }

  /** Another window has the draft now: forgets it here without ending its room. */
  release(): void {
    this.#wipeNote();
    this.#forget();
    this.#show({ name: 'loading' });
  }

  get hasNoteToLose(): boolean {
    return (
      this.#state.name === 'open' ||
      this.kept !== null ||
      (this.#state.name === 'writing' && (this.#note.problem !== 'empty' || this.#files.files.length > 0))
    );
  }

  write(text: string): void {
    this.#changeNote(() => this.#note.setText(text));
  }

  setMedicines(medicines: readonly Medicine[]): void {
    this.#changeNote(() => this.#note.setMedicines(medicines));
  }

  chooseOptions(options: Partial<NoteOptions>): void {
    this.#changeNote(() => this.#note.setOptions(options));
  }

  choosePolicy(policy: Partial<Policy>): void {
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

  async share(): Promise<void> {
    const state = this.#state;
    if (state.name !== 'writing' || state.sharing) return;
    const pinProblem = state.policy.admission === 'pin' && !isPin(this.#pin) ? 'bad-pin' : null;
    const problem = this.#note.problem ?? pinProblem ?? (this.#blocked === null ? null : 'blocked');
    if (problem !== null) return this.#show({ ...state, problem });
    this.#show({ ...state, sharing: true, problem: null });
    this.#shareTimeout = this.#clock.after(SHARE_MS, () => this.#stopSharing());
    this.begin();
    const { signalling } = this.#connection;
    if (signalling !== null) await this.#open(signalling);
  }

  /** "Share" was pressed; with a connection that is lost meanwhile it goes on over the next one. */
  async #open(signalling: SignallingClient): Promise<void> {
    const [state, room] = [this.#state, this.#room];
    if (state.name !== 'writing' || !state.sharing || room === null) return;
    const { policy } = state;
    try {
      const opened = await openRoom(room, signalling, policy, this.#pin, this.#clock);
      this.#shareTimeout?.cancel();
      // Asked for over an earlier connection as well, and answered there.
      if (this.#state.name !== 'writing') return;
      this.#publisher.publishFirst();
      this.#show({ ...this.#openState(room, opened), blocked: this.#blocked });
      this.#countDown(room);
      if (!samePolicy(opened.policy, policy)) this.#alert('choice-kept');
    } catch (error) {
      return error instanceof Disconnected ? undefined : this.#stopSharing();
    }
    await warmUpHandshake().catch(() => undefined);
  }

  #stopSharing(): void {
    this.#shareTimeout?.cancel();
    if (this.#state.name === 'writing') this.#show({ ...this.#state, sharing: false, problem: 'unreachable' });
  }

  admit(readerId: string): void {
    this.#clearAlerts('room-full', 'many-codes');
    this.#room?.readers.admit(readerId).catch(() => undefined);
  }

  refuse(readerId: string): void {
    this.#clearAlerts('many-codes');
    void this.#room?.readers.refuse(readerId);
  }

  letMoreAsk(): void {
    this.#room?.readers.letMoreAsk();
    this.#clearAlerts('many-codes');
  }

  nameReader(readerId: string, name: string): void {
    this.#room?.readers.nameReader(readerId, name);
  }

  markAnswered(readerId: string): void {
    this.#room?.readers.markAnswered(readerId);
  }

  async extend(seconds: number): Promise<void> {
    const [room, { signalling }] = [this.#room, this.#connection];
    if (room?.opened == null) return;
    this.#alerts.clear('time-kept');
    const { wantedSeconds } = room;
    room.wantedSeconds = Math.min(room.limits.expiryMaxSeconds, wantedSeconds + seconds);
    // While there is no connection, or when the answer is lost, it is asked for as soon as there is one again.
    const given = signalling === null || (await extendRoom(room, signalling, this.#clock).catch(isLost));
    if (given) return this.#refresh();
    room.wantedSeconds = Math.min(room.wantedSeconds, Math.max(wantedSeconds, Math.ceil(room.opened.totalMs / 1000)));
    this.#alert('time-kept');
  }

  async restrict(admission: Admission): Promise<void> {
    const [room, { signalling }] = [this.#room, this.#connection];
    if (room?.opened == null || !isStricter(admission, room.opened.policy.admission)) return;
    try {
      if (signalling === null) throw new Disconnected();
      await restrictRoom(room, signalling, admission, this.#pin);
      this.#alerts.clear('not-restricted');
      this.#refresh();
    } catch {
      this.#alert('not-restricted');
    }
  }

  async sendToAnother(where: 'tab' | 'here'): Promise<void> {
    const [room, { origin, clock, openTab, onTicket }] = [this.#room, this.#options];
    if (room?.opened == null || this.#another === 'opening') return;
    this.#showAnother('opening');
    const asked = await anotherTicket(origin, clock, { ownerToken: room.ownerToken });
    if (this.#state.name !== 'open') return;
    if ('problem' in asked) return this.#showAnother(asked.problem);
    if (where === 'tab') {
      const choice = { policy: room.opened.policy, pin: proposePin() };
      const isOpen = await openTab?.(createDraft({ ticket: asked.ticket }, choice, this.#note, this.#files));
      return this.#showAnother(isOpen === true ? null : 'no-tab');
    }
    this.#keepsNote = true;
    await this.#end('revoked');
    onTicket?.(asked.ticket);
  }

  #showAnother(another: (ComposerState & { name: 'open' })['another']): void {
    this.#another = another;
    this.#refresh();
  }

  destroy(): void {
    void this.#end('revoked');
  }

  addFiles(files: readonly ChosenFile[]): void {
    if (this.#state.name === 'writing' || this.#state.name === 'open') void this.#files.add(files);
  }

  withdrawFile(id: number): void {
    this.#files.withdraw(id);
  }

  letFilesBeSaved(maySave: boolean): void {
    this.#files.maySave = maySave;
  }

  #onFilesChanged(): void {
    this.#room?.readers.filesChanged();
    if (this.#state.name === 'writing') this.#show({ ...this.#state, files: filesState(this.#files) });
    else this.#refresh();
  }

  #writingState(room: Pick<ComposerState & { name: 'writing' }, 'policy' | 'isChosen' | 'limits' | 'displayName'>) {
    return writingState(this.#note, { ...room, pin: this.#pin, files: filesState(this.#files) });
  }

  #changeNote(change: () => void): void {
    if (this.#state.name !== 'writing' && this.#state.name !== 'open') return;
    change();
    if (this.#state.name === 'writing') {
      return this.#show({ ...this.#state, ...noteFacts(this.#note), problem: null });
    }
    this.#publisher.noteChanged();
    this.#refresh();
  }

  #publish(revision: Revision): void {
    this.#room?.readers.publish(revision);
    this.#refresh();
  }

  async #roomFor(joined: Reply<'compose'>): Promise<Room> {
    if (this.#room !== null) return this.#room;
    const { displayName, policy, isChosen = false, limits } = joined;
    this.#files.limits = joined.files;
    this.#room = await createRoom(joined, this.#options.origin, this.#files, this.#clock, {
      changed: () => this.#refresh(),
      alert: (kind) => this.#alert(kind),
      locked: () => void this.#end('locked'),
    });
    this.#room.readers.setVisible(this.#isVisible);
    // What was chosen and written while the room was made ready stays.
    if (this.#state.name !== 'writing') {
      this.#show({ ...this.#writingState({ policy, isChosen, limits, displayName }), blocked: this.#blocked });
    }
    return this.#room;
  }

  async #onServerEvent(event: ServerEvent): Promise<void> {
    if (event.t === 'ended') {
      // A server that ends the room for this page alone would leave the note on its readers' screens.
      const wiped = this.#room === null ? null : wipeReaders(this.#room, event.reason, this.#clock);
      return this.#over(event.reason, event.agoMs, wiped);
    }
    if (event.t === 'more-time-requested') return this.#onMoreTime();
    await this.#room?.readers.onServerEvent(event);
  }

  /** Somebody asked in the chat. Only the server knows who it was, so the doctor is alerted. */
  #onMoreTime(): Promise<void> {
    this.#alert('more-time');
    return this.extend(LIMITS.moreTimeSeconds);
  }

  /** Before "Share" nothing is lost but a draft; afterwards the server has no way back to the room. */
  #onFailure(code: RefusedCode): void {
    if (this.#state.name === 'open' || (this.#room !== null && code !== 'no-webrtc')) return this.#over('lost');
    const kept = this.#note.isEmpty ? null : this.#note.kept;
    this.#nextEntry = isUsedElsewhere(code) ? this.#entry : null;
    this.#forget();
    this.#show({ name: 'refused', code, kept, again: null });
  }

  /** Shows an open room's time left each second, and ends it when there is none. */
  #countDown(room: Room): void {
    this.#nextSecond = this.#clock.after(1000, () => {
      if (timeLeftMs(room.opened, this.#clock) === 0) {
        return void wipeReaders(room, 'expired', this.#clock).then(() => this.#over('expired'));
      }
      this.#refresh();
      this.#countDown(room);
    });
  }

  async #end(reason: 'revoked' | 'locked'): Promise<void> {
    const [room, { signalling }] = [this.#room, this.#connection];
    if (room === null || this.#state.name === 'over') return;
    // Only the doctor's own wish takes the note from this page as well.
    if (reason === 'revoked' && !this.#keepsNote) this.#wipeNote();
    this.#publisher.stop();
    await endRoom(room, signalling, reason, this.#clock);
    this.#over(reason);
  }

  /**
   * Readers have nothing of the note any more; this page keeps it, unless the doctor destroyed it.
   *
   * @param agoMs how long ago the room ended
   * @param wiped fulfilled when readers were told to wipe; until then the connection to them stays
   */
  #over(reason: EndReason, agoMs = 0, wiped: Promise<void> | null = null): void {
    if (this.#state.name === 'over' || this.#state.name === 'refused') return;
    const readBy = this.#room?.readers.readBy ?? 0;
    const opened = this.#room?.opened ?? null;
    const from = opened === null ? null : opened.until - opened.totalMs;
    this.#publisher.stop();
    if (reason === 'revoked' && !this.#keepsNote) this.#wipeNote();
    const kept = this.#note.isEmpty ? null : this.#note.kept;
    const ownerToken = kept === null ? undefined : this.#room?.ownerToken;
    this.#nextEntry = ownerToken === undefined ? null : { ownerToken };
    this.#nextSecond?.cancel();
    this.#connection.close();
    // Of a note that is kept, the text is: files are for the readers of one room.
    this.#files.wipe();
    if (wiped === null) this.#forget();
    else void wiped.then(() => this.#forget());
    this.#show({ name: 'over', reason, from, at: this.#clock.now() - agoMs, readBy, kept, again: null });
  }

  #wipeNote(): void {
    this.#publisher.stop();
    this.#note.wipe();
    this.#files.wipe();
  }

  /** The room, its keys and its PIN go; the note does not. */
  #forget(): void {
    this.#publisher.stop();
    this.#pin = '';
    this.#nextSecond?.cancel();
    this.#ticketTimeout?.cancel();
    this.#shareTimeout?.cancel();
    this.#room?.keys.psk.fill(0);
    this.#room?.readers.disconnect();
    this.#room = null;
    this.#connection.close();
  }

  #clearAlerts(...kinds: AlertKind[]): void {
    for (const kind of kinds) this.#alerts.clear(kind);
    this.#refresh();
  }

  #alert(kind: AlertKind): void {
    this.#alerts.raise(kind);
    this.#refresh();
  }

  /** Before the room is there, the page says so alone, and goes on by itself once a socket opens. */
  #onSocketTrouble(trouble: SocketTrouble, seconds?: number): void {
    if (this.#room !== null || this.#state.name === 'writing') {
      const cut = seconds === undefined ? {} : { seconds };
      if (trouble !== 'unreachable' && trouble !== 'wrong-address')
        this.#showBlocked({ failure: trouble, addresses: [], ...cut });
    } else if (trouble !== 'socket-cut') this.#show({ name: 'refused', code: trouble, kept: null, again: null });
  }

  #showBlocked(blocked: Blocked | null): void {
    this.#blocked = blocked;
    if (this.#state.name === 'open') return this.#show({ ...this.#state, blocked });
    if (this.#state.name !== 'writing') return;
    const problem = this.#state.problem === 'blocked' && blocked === null ? null : this.#state.problem;
    this.#show({ ...this.#state, blocked, problem });
  }

  #showInterrupted(interrupted: boolean): void {
    if (this.#state.name === 'open') this.#show({ ...this.#state, interrupted });
  }

  #refresh(): void {
    const [state, room] = [this.#state, this.#room];
    if (state.name !== 'open' || room?.opened == null) return;
    const { interrupted, blocked } = state;
    const [alert, editing, another] = [this.#alerts.mostSerious, this.#publisher.isEditing, this.#another];
    this.#show({ ...this.#openState(room, room.opened), interrupted, blocked, alert, editing, another });
  }

  #openState(room: Room, opened: OpenRoom): ComposerState & { name: 'open' } {
    const files = filesState(this.#files, (file) => room.readers.deliveryOf(file));
    return openState(room, opened, room.readers.rowsIn(this.#note.note), this.#note, files, this.#clock);
  }

  #show(state: ComposerState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

/** Whether an answer may still come, over another connection: false when the server refused. */
function isLost(error: unknown): boolean {
  return !(error instanceof Refused);
}
