import type { Admission, EndReason } from '../../src/protocol/constants.ts';
import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { Refused } from '../../src/protocol/errors.ts';
import type { Note } from '../../src/protocol/note.ts';
import { NAME_MAX } from '../../src/protocol/note-message.ts';
import type { ToReader } from '../../src/protocol/sealed.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import type { ServerEvent, SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { ComposerTransport } from '../../web-shared/net/webrtc-transport.ts';
import { type Delivery, FileDistribution } from '../files/file-distribution.ts';
import type { NoteFile, NoteFiles } from '../files/note-files.ts';
import type { AlertKind } from '../session/alerts.ts';
import type { Revision } from '../session/note-model.ts';
import { type OpenRoom, type ReaderRow, timeLeftMs } from '../session/state.ts';
import { AdmissionLimits } from './admission.ts';
import { type Handshake, Handshakes, type Knock } from './handshake.ts';
import { type PeerSession, Tampered } from './peer-session.ts';
import { Prekeys } from './prekeys.ts';
import { ReaderList } from './reader-list.ts';
import { handleMessage } from './reader-messages.ts';

/** A reader's connection, or this page's, was lost before its handshake was over: there is nobody to be told. */
class Gone extends Error {
  override readonly name = 'Gone';
}

export interface ReadersEvents {
  /** Something that the doctor sees has changed. */
  changed(): void;
  alert(kind: AlertKind): void;
  /** The last wrong PIN was one too many. */
  locked(): void;
}

interface ReadersOptions {
  roomId: string;
  keys: LinkKeys;
  /** The doctor's own name; readers see it where the policy says so. */
  displayName: string;
  files: NoteFiles;
  clock: PageClock;
  events: ReadersEvents;
}

/** One connection of this page. */
interface Connection {
  readonly signalling: SignallingClient;
  readonly transport: ComposerTransport;
  readonly prekeys: Prekeys;
  /** The last report on the readers, as JSON. */
  reported: string;
}

/**
 * The readers of one room: answers who knocks, admits, sends the note, follows who reads. Outlives a lost connection: a
 * reader that was admitted before gets in again with its readmission token.
 */
export class Readers {
  readonly #displayName: string;
  readonly #clock: Pick<PageClock, 'now'>;
  readonly #events: ReadersEvents;
  readonly #peers = new Map<string, PeerSession>();
  readonly #list = new ReaderList();
  readonly #handshakes: Handshakes;
  readonly #limits: AdmissionLimits;
  readonly #files: FileDistribution;
  #connection: Connection | null = null;
  /** Null while the room is a draft. */
  #opened: OpenRoom | null = null;
  /** What readers get; null before the first revision and after the end. */
  #revision: Revision | null = null;
  #isOver = false;
  /** Whether the doctor can see the page. */
  #isVisible = true;

  constructor({ roomId, keys, displayName, files, clock, events }: ReadersOptions) {
    this.#displayName = displayName;
    this.#clock = clock;
    this.#events = events;
    this.#handshakes = new Handshakes({ roomId, keys }, () => this.#list.nextNumber());
    this.#limits = new AdmissionLimits(this.#list, (kind) => events.alert(kind));
    this.#files = new FileDistribution(files, clock, {
      changed: () => events.changed(),
      distrusted: (readerId) => {
        events.alert('tampered');
        void this.#refuse(readerId);
      },
    });
  }

  get rows(): ReaderRow[] {
    return this.#list.complete;
  }

  /** The rows, with what readers point at where it stands in `note`, which may be ahead of their screens. */
  rowsIn(note: Note): ReaderRow[] {
    return this.#list.completeIn(note);
  }

  /** How many readers had the note on their screen. */
  get readBy(): number {
    return this.#list.readBy;
  }

  /** Starts to work on a connection; fulfilled when a first reader could be served. */
  async connect(signalling: SignallingClient, transport: ComposerTransport): Promise<void> {
    const prekeys = new Prekeys(transport, (made) => this.#handshakes.published(made));
    this.#connection = { signalling, transport, prekeys, reported: '' };
    this.#files.connect(signalling);
    await prekeys.start();
    if (!this.#isVisible) this.#report();
  }

  /** The connection is lost, and every reader's stream with it. */
  disconnect(): void {
    this.#connection?.transport.close();
    this.#connection = null;
    this.#files.disconnect();
    this.#handshakes.abandon();
    for (const reader of [...this.#peers.values()]) this.#remove(reader);
  }

  /** Whether the doctor can see the page: only while they cannot, the chat may ring for who waits. */
  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    this.#report();
  }

  /** The room was opened: readers may come. */
  open(opened: OpenRoom): void {
    this.#opened = opened;
  }

  /** The doctor gave the note more time, which readers are told. */
  extend(opened: OpenRoom, addedMs: number): void {
    this.#opened = opened;
    for (const reader of this.#holdingNote) reader.send({ kind: 'time', addedMs }).catch(() => undefined);
  }

  /** Sends a revision to everybody who reads, and to everybody who is admitted later. */
  publish(revision: Revision): void {
    if (this.#isOver) return;
    this.#revision = revision;
    for (const reader of this.#holdingNote) this.#sendNote(reader).catch(() => undefined);
  }

  /** The files of the note are others: whoever reads hears of it. */
  filesChanged(): void {
    if (!this.#isOver) this.#files.filesChanged();
  }

  /** How far a file is at the readers who are there. */
  deliveryOf(file: NoteFile): Delivery {
    return this.#files.deliveryOf(file);
  }

  /** Lets a waiting reader in and sends the note. Rejects with Refused `room-full`. */
  async admit(readerId: string): Promise<void> {
    const reader = this.#peers.get(readerId);
    if (reader?.state === 'waiting') await this.#admit(reader);
  }

  /** Turns a reader away, as the doctor pressed in this page: that code is no use to anybody any more. */
  async refuse(readerId: string): Promise<void> {
    const reader = this.#peers.get(readerId);
    if (reader !== undefined) this.#limits.decided(reader.number);
    await this.#refuse(readerId);
  }

  /** More readers may ask, although nobody decided about those who did. */
  letMoreAsk(): void {
    this.#limits.letMoreAsk();
  }

  /** What the doctor calls a reader; it stays in this page. */
  nameReader(readerId: string, name: string): void {
    this.#list.setName(readerId, name);
    this.#events.changed();
  }

  markAnswered(readerId: string): void {
    const reader = this.#peers.get(readerId);
    if (reader !== undefined) this.#list.change(reader, () => ({ points: [] }));
    this.#events.changed();
  }

  /**
   * Tells every page that got the note to wipe it, over the note's own stream, which the server cannot forge. From then
   * on nobody gets the note, whatever the server answers late.
   */
  async wipe(reason: EndReason): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#revision = null;
    this.#files.disconnect();
    await Promise.allSettled(this.#holdingNote.map((reader) => reader.send({ kind: 'wipe', reason })));
  }

  async onServerEvent(event: ServerEvent): Promise<void> {
    switch (event.t) {
      case 'prekey-taken':
        this.#connection?.prekeys.publishOneMore();
        break;
      case 'knocked':
        await this.#onKnock(event);
        break;
      case 'decision-requested':
        await this.#onDecision(event);
        break;
      case 'files-opened':
        this.#files.onOpened(event);
        break;
      case 'sealed':
        if (event.readerId !== undefined) await this.#onSealed(event.readerId, event.ciphertext);
        break;
      case 'reader-left':
        this.#handshakes.abandon([event.readerId]);
        this.#remove(this.#peers.get(event.readerId));
        this.#connection?.prekeys.take(event.prekeyId)?.channel.close();
        break;
    }
  }

  /** Somebody decided in the chat. Only the server knows who it was, so the doctor is alerted. */
  async #onDecision({ readerId, decision }: Extract<ServerEvent, { t: 'decision-requested' }>): Promise<void> {
    // It may be the server's own word: no decision that makes room for more codes.
    if (decision === 'refuse') return this.#refuse(readerId);
    if (this.#peers.get(readerId)?.state === 'waiting') this.#events.alert('chat');
    await this.admit(readerId).catch(() => undefined);
  }

  async #onKnock(knock: Knock): Promise<void> {
    const { readerId, prekeyId } = knock;
    const connection = this.#connection;
    const prekey = connection?.prekeys.take(prekeyId);
    try {
      if (prekey === undefined) throw new Tampered('a prekey is good for one reader only');
      // As it is while the server passes the knock on: what the doctor changes from now on is for whoever comes later.
      const admission = this.#admission;
      const handshake = await this.#handshakes.answer(knock, prekey, (answered) => this.#attach(answered, admission));
      const { peer: reader } = handshake;
      // The patient waits for the note; the doctor's list can wait.
      if (admission === 'link') {
        this.#takePlace(reader, 'admitted');
        await this.#sendNote(reader);
      }
      const shortCode = await handshake.shortCode;
      this.#list.change(reader, () => ({ shortCode }));
      this.#changed();
      if (admission === 'link') return;
      if (isAdmittedStill(handshake)) return await this.#admit(reader);
      if (admission === 'ask') await this.#sendSealed(reader, { kind: 'reveal', nD: reader.nD });
    } catch (error) {
      prekey?.channel.close();
      // After a lost connection nothing of it fits any more: nobody tampered with it.
      if (error instanceof Tampered && connection === this.#connection) this.#events.alert('tampered');
      if (!(error instanceof Gone)) await this.#turnAway(readerId, isRoomFull(error));
    }
  }

  /** Takes a reader in whose handshake is done. Rejects with Tampered or Gone, or with Refused when nobody more may wait. */
  async #attach(handshake: Handshake, admission: Admission): Promise<void> {
    const { peer: reader, isReloaded, admissionTold } = handshake;
    const { id, number } = reader;
    const isAdmitted = isAdmittedStill(handshake);
    if (admissionTold !== undefined && admissionTold !== admission) {
      await this.#sendSealed(reader, { kind: 'tampered' });
      throw new Tampered('the server told the reader another admission than the doctor chose');
    }
    if (admission === 'pin' && !isAdmitted) reader.state = 'pin';
    await this.#replaceEarlierConnection(number);
    // From here on nothing is waited for: nobody is taken in whose connection, or ours, was lost meanwhile.
    if (this.#handshakes.isAbandoned(id)) throw new Gone();
    if (!isAdmitted && admission !== 'link') this.#limits.wait(number, admission);
    this.#peers.set(id, reader);
    const state = reader.state === 'pin' ? 'pin' : 'waiting';
    this.#list.add({ id, number, state }, this.#clock.now(), isReloaded);
  }

  async #onSealed(readerId: string, ciphertext: string): Promise<void> {
    await this.#handshakes.finished(readerId);
    const reader = this.#peers.get(readerId);
    if (reader === undefined) return;
    try {
      const message = await reader.open(ciphertext);
      if (this.#peers.get(readerId) !== reader) return;
      const isOpen = !this.#isOver && timeLeftMs(this.#opened, this.#clock) > 0;
      const room = { isOpen, gate: this.#opened?.gate ?? null, now: this.#clock.now() };
      await this.#react(reader, handleMessage(reader, message, this.#list, room));
      // Not before the note: the files come beside it.
      if (message.kind === 'shown' && this.#peers.get(readerId) === reader) this.#files.readerShown(reader);
    } catch (error) {
      // Altered on the way, or something that cannot be true: this connection is trusted no more.
      if (error instanceof Tampered) {
        this.#events.alert('tampered');
        await this.#sendSealed(reader, { kind: 'tampered' });
      }
      await this.#refuse(readerId, isRoomFull(error));
    }
  }

  async #react(reader: PeerSession, reaction: ReturnType<typeof handleMessage>): Promise<void> {
    switch (reaction.do) {
      case 'admit':
        return this.#admit(reader);
      case 'send-note':
        await this.#sendNote(reader);
        return this.#changed();
      case 'reply':
        if (reaction.listChanged) this.#changed();
        return this.#sendSealed(reader, reaction.message);
      case 'lock':
        return this.#events.locked();
      case 'nothing':
        if (reaction.listChanged) this.#changed();
    }
  }

  /** Rejects with Refused `room-full`; the reader is then where it was. */
  async #admit(reader: PeerSession): Promise<void> {
    const { state } = reader;
    // Its stream is not open yet: a revision sent now would be lost on the way, and the ones after it with it.
    this.#takePlace(reader, 'admitting');
    try {
      await this.#connection?.signalling.request('admit', { readerId: reader.id });
    } catch (error) {
      reader.state = state;
      if (error instanceof Refused && error.code === 'room-full') this.#events.alert('room-full');
      throw error;
    }
    await this.#sendNote(reader);
  }

  #takePlace(reader: PeerSession, state: 'admitting' | 'admitted'): void {
    this.#limits.takePlace(reader, this.#peers.values(), this.#opened?.policy.maxReaders ?? 0, state);
  }

  async #sendNote(reader: PeerSession): Promise<void> {
    const [opened, revision] = [this.#opened, this.#revision];
    if (opened === null || revision === null) return;
    if (reader.state !== 'reading') reader.state = 'admitted';
    this.#limits.admitted(reader.number);
    this.#handshakes.remember(reader);
    const who = opened.policy.showName && this.#displayName !== '' ? this.#displayName.slice(0, NAME_MAX) : null;
    // A fraction of a millisecond would say nothing, and cost a short note a second datagram.
    const leftMs = Math.floor(timeLeftMs(opened, this.#clock));
    await reader.sendNote({ leftMs, who, ...revision });
  }

  async #refuse(readerId: string, isFull = false): Promise<void> {
    const reader = this.#peers.get(readerId);
    if (reader === undefined) return;
    if (!isFull) this.#handshakes.forget(reader);
    this.#remove(reader, isFull ? 'left' : 'refused');
    await this.#turnAway(readerId, isFull);
  }

  /** Ends the earlier connection of a reader that came back: a readmission token serves one connection at a time. */
  async #replaceEarlierConnection(number: number): Promise<void> {
    for (;;) {
      // Looked up anew each time: another one with the same token may have been attached meanwhile.
      const earlier = [...this.#peers.values()].find((reader) => reader.number === number);
      if (earlier === undefined) return;
      this.#remove(earlier);
      // Frees its place: the server may not know yet that the earlier connection is dead.
      await this.#turnAway(earlier.id);
    }
  }

  #remove(reader: PeerSession | undefined, state: 'left' | 'refused' = 'left'): void {
    if (reader === undefined) return;
    this.#peers.delete(reader.id);
    this.#files.readerLeft(reader.id);
    reader.close();
    this.#list.setState(reader, state, this.#clock.now());
    this.#changed();
  }

  get #admission() {
    return this.#opened?.policy.admission ?? 'ask';
  }

  get #holdingNote(): PeerSession[] {
    return [...this.#peers.values()].filter((reader) => reader.holdsNote);
  }

  async #sendSealed(reader: PeerSession, message: ToReader): Promise<void> {
    const connection = this.#connection;
    if (connection === null) return;
    connection.signalling.say({ t: 'sealed', readerId: reader.id, ciphertext: await reader.seal(message) });
  }

  /**
   * Has the server send a reader away. One that left at the same moment needs no refusal.
   *
   * @param isFull nobody declined it: the last place went to somebody else in the same moment
   */
  async #turnAway(readerId: string, isFull = false): Promise<void> {
    const because = isFull ? ({ because: 'room-full' } as const) : {};
    await this.#connection?.signalling.request('refuse', { readerId, ...because }).catch(() => undefined);
  }

  /** Informs the page, and by a report the chat where the doctor typed /glir. */
  #changed(): void {
    this.#events.changed();
    this.#report();
  }

  #report(): void {
    const connection = this.#connection;
    if (connection === null) return;
    const report = { waiting: this.#list.waiting, readBy: this.#list.readBy, isVisible: this.#isVisible };
    const text = JSON.stringify(report);
    if (text === connection.reported) return;
    connection.reported = text;
    connection.signalling.request('report-readers', report).catch(() => undefined);
  }
}

/** Whoever only lost the connection is not asked again. A reload begins anew: somebody else may hold the device by now. */
function isAdmittedStill({ isReadmission, isReloaded }: Handshake): boolean {
  return isReadmission && !isReloaded;
}

function isRoomFull(error: unknown): boolean {
  return error instanceof Refused && error.code === 'room-full';
}
