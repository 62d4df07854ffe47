import type { Bytes } from '../../src/protocol/bytes.ts';
import { CONNECTION_FAILURES, type ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { Note } from '../../src/protocol/note.ts';
import type { SentNote } from '../../src/protocol/note-message.ts';
import type { Place, ToComposer } from '../../src/protocol/sealed.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { onNetworkChange } from '../../web-shared/net/network-change.ts';
import type { SocketTrouble } from '../../web-shared/net/reconnect.ts';
import type { ServerEvent } from '../../web-shared/net/signalling-client.ts';
import type { FilesLoader } from './files-loader.ts';
import { Liveness } from './liveness.ts';
import { type KeptReader, wholeLink } from './note-address.ts';
import type { PeerSession } from './peer-session.ts';
import { PinEntry } from './pin-entry.ts';
import { ReadingState } from './reading-state.ts';
import { isBelated, meaningOf } from './refusals.ts';
import { RoomClock } from './room-clock.ts';
import { RoomConnection } from './room-connection.ts';
import type { GoneReason, InterruptedSide, ReceiverActions, ReceiverState, RoomFacts } from './state.ts';

const RETRY_MS = 2000;
/** How long a patient waits for the doctor's decision before the page says what else to do. */
const UNANSWERED_MS = 60_000;

interface ReceiverSessionOptions {
  origin: string;
  /** BCP 47; the doctor sees it. */
  language: string;
  clock: PageClock;
  /** What `keepReader` was given before the page was reloaded; null for nothing. */
  keptReader?: KeptReader | null;
  /** Keeps what makes a reload the same reader; null when it is of no use any more. */
  keepReader?(reader: KeptReader | null): void;
  /** Fulfilled when a note can be drawn; at once where it is left out. */
  readyToDraw?(note: Note): Promise<void>;
  onState(state: ReceiverState): void;
  /** What shows the files of the note; absent where there is nobody to look. */
  files?: Pick<FilesLoader, 'take' | 'disconnect' | 'wipe'>;
}

/** The patient's page: joins, waits for the tap, shows the note, and forgets it when it must. */
export class ReceiverSession implements ReceiverActions {
  readonly #link: { roomId: string; secret: Bytes };
  readonly #options: ReceiverSessionOptions;
  readonly #room: RoomClock;
  readonly #connection: RoomConnection;
  readonly #liveness: Liveness;
  readonly #pinEntry = new PinEntry();
  readonly #reading = new ReadingState();
  #state: ReceiverState = { name: 'loading' };
  #tapped = false;
  /** Six digits to compare, once the composer revealed its half over this connection. */
  #shortCode: string | null = null;
  /** Whom a patient waits for who came while the doctor's page was away. */
  #away: { who: string | null; phone: string | null } = { who: null, phone: null };
  /** When the patient began to wait for the doctor's decision. */
  #waitingSince: number | null = null;
  /** What keeps this page from the note, until the note is there. */
  #failure: ConnectionFailure | null = null;
  /** The page has forgotten everything, and tries nothing by itself. */
  #isOver = false;
  #stopListening: () => void = () => undefined;

  constructor(link: { roomId: string; secret: Bytes }, options: ReceiverSessionOptions) {
    this.#link = link;
    this.#options = options;
    this.#room = new RoomClock(options.clock, (room) => this.#onSecond(room));
    this.#liveness = new Liveness({
      clock: options.clock,
      room: this.#room,
      sendPing: (number) => this.#send({ kind: 'ping', number }),
      onChange: () => this.#onLivenessChange(),
      onUnanswered: () => this.#endUnanswered(),
      onHiddenTooLong: () => this.#end('lost'),
    });
    this.#connection = new RoomConnection(link, {
      ...options,
      beforeReload: options.keptReader ?? null,
      keepReader: (reader) => options.keepReader?.(reader),
      readyToDraw: options.readyToDraw ?? (() => Promise.resolve()),
      onJoinReply: (reply) => this.#onJoinReply(reply),
      onConnected: (peer) => (this.#tapped ? void this.#knock(peer) : this.#liveness.cancelWaits()),
      onRefused: (code) => this.#onRefused(code),
      onServerEvent: (event) => this.#onServerEvent(event),
      onDisconnected: () => this.#disconnect(this.#room.ownSide),
      onFailed: () => this.#end('unreachable'),
      onSocketTrouble: (trouble) => this.#onSocketTrouble(trouble),
      onDataFailure: (failure) => this.#onDataFailure(failure),
      onAttached: () => this.#onAttached(),
      onClosedUnexplained: () => this.#reconnect(),
      onShortCode: (shortCode) => this.#onShortCode(shortCode),
      onWrongPin: (triesLeft) => this.#onWrongPin(triesLeft),
      onNote: (message, first) => this.#onNote(message, first),
      onPong: (pong) => this.#liveness.onPong(pong),
      onMoreTime: (addedMs) => this.#room.onSealedMoreTime(addedMs),
      onFiles: (list, signalling) => options.files?.take(list, signalling),
      onWipe: ({ reason }) => this.#end(reason),
      onClosed: () => this.#hide(this.#room.ownSide),
      onTampered: () => this.#end('tampered'),
    });
  }

  start(): void {
    this.#connection.start();
  }

  /** Gets the browser's WebRTC ready while the socket opens. */
  prepare(): void {
    this.#connection.prepare();
  }

  get holdsNote(): boolean {
    return this.#reading.holdsNote;
  }

  open(typed = ''): void {
    const { room } = this.#room;
    if (this.#tapped || room === null) return;
    if (this.#pinEntry.isNeededIn(room) && !this.#pinEntry.take(typed)) return this.#showClosed();
    this.#tapped = true;
    // Drawn after the knock is on its way, and not at all when the answer is faster.
    this.#options.clock.after(0, () => {
      if (this.#state.name === 'closed') this.#show({ ...this.#state, opening: true });
    });
    const { peer, isConnecting } = this.#connection;
    if (peer !== null) void this.#knock(peer);
    else if (!isConnecting) this.#connection.reconnect();
    if (peer === null && this.#failure !== null) this.#hide(this.#room.ownSide);
  }

  retry(): void {
    this.#tapped = false;
    this.#forget();
    this.#isOver = false;
    this.#show({ name: 'loading' });
    this.#connection.start();
  }

  setVisible(visible: boolean): void {
    // Much may have happened meanwhile: whether the note may still be seen is decided anew.
    if (this.#report(this.#reading.setVisible(visible)) && visible) this.#showNote();
  }

  reachEnd(): void {
    this.#report(this.#reading.reachEnd());
  }

  confirmUnderstood(): void {
    if (this.#report(this.#reading.confirmUnderstood())) this.#showNote();
  }

  point(place: Place, on: boolean): void {
    if (this.#report(this.#reading.point(place, on))) this.#showNote();
  }

  /** The page goes away: nothing of the note stays in it. */
  leave(): void {
    this.#connection.sayLeave();
    this.#forget();
    this.#show({ name: 'loading' });
  }

  /** The server can cut this page off, but never show it anything. */
  #onServerEvent(event: ServerEvent): void {
    switch (event.t) {
      case 'ended':
        return this.#end(event.reason, event.agoMs, event.phone);
      case 'declined':
        // What the composer sealed before comes first.
        return void Promise.resolve(this.#connection.peer?.received()).then(() => this.#end('declined'));
      case 'interrupted':
        this.#away = { who: event.who ?? this.#away.who, phone: event.phone ?? this.#away.phone };
        return this.#disconnect('doctor');
      case 'resumed':
        return this.#reconnect('doctor');
      case 'untapped':
        // Closed because nobody tapped: the page connects again with the tap.
        return this.#tapped ? this.#reconnect() : this.#connection.disconnect();
      case 'sealed':
        return void this.#connection.peer?.receive(event.ciphertext);
      case 'time-left':
        return this.#room.onTimeLeft(event);
      case 'refused':
        if (!isBelated(event.code)) this.#onRefused(event.code);
    }
  }

  /** The socket is tried again and again; the page goes on by itself when one opens. */
  #onSocketTrouble(trouble: SocketTrouble): void {
    if (this.#isOver) return;
    const { room } = this.#room;
    if (room === null) return this.#show(this.#goneState(trouble, null, null));
    if (trouble === 'unreachable' || trouble === 'wrong-address') return;
    this.#failure = trouble;
    if (this.#tapped) this.#hide(this.#room.ownSide);
    // The page joined without a socket, but cannot open the note without one.
    else if (trouble === 'socket-blocked') this.#show(this.#goneState(trouble, null, null));
  }

  /** A socket has taken over what the page began without one. */
  #onAttached(): void {
    if (this.#failure === 'socket-blocked') this.#failure = null;
    if (!this.#tapped && this.#state.name === 'gone') this.#showClosed();
  }

  /** A note that was here may come back, for as long as it is hidden; before, the page leaves its place to others. */
  #onDataFailure(failure: ConnectionFailure): void {
    if (this.#connection.readmissionToken === null) return this.#end(failure);
    this.#failure = failure;
    this.#reconnect();
  }

  #onJoinReply(reply: Reply<'join'>): void {
    const room = this.#room.onJoinReply(reply);
    if (this.#failure === 'socket-blocked') this.#failure = null;
    // The doctor asks for a PIN since the tap: it has to be typed first.
    if (this.#pinEntry.isNeededIn(room) && this.#pinEntry.pin === null) this.#tapped = false;
    if (!this.#tapped) this.#showClosed();
  }

  #onShortCode(shortCode: string): void {
    // Whoever was admitted before is admitted again without a question.
    if (this.#connection.readmissionToken !== null) return;
    this.#liveness.cancelWaits();
    this.#shortCode = shortCode;
    this.#showKnocked();
  }

  #onWrongPin(triesLeft: number): void {
    if (this.#connection.readmissionToken !== null) return;
    this.#liveness.cancelWaits();
    this.#tapped = false;
    this.#pinEntry.onWrong(triesLeft);
    this.#showClosed();
  }

  #onNote(message: SentNote, first: boolean): void {
    const { token, leftMs, who, rev } = message;
    const { readmissionToken } = this.#connection;
    // A composer of this room would send the token that it gave; a forged one cannot know it.
    if (readmissionToken !== null && readmissionToken !== token) return this.#end('tampered');
    this.#connection.readmissionToken = token;
    if (first) this.#options.keepReader?.({ readmissionToken: token });
    this.#waitingSince = null;
    this.#pinEntry.finish();
    this.#liveness.onNote(rev);
    this.#room.onSealedTime(leftMs, first);
    if (who !== undefined) this.#room.onSealedName(who);
    this.#report(this.#reading.take(message));
    this.#showNote();
  }

  #onLivenessChange(): void {
    const { isFresh, silentSide } = this.#liveness;
    if (!this.#tapped) return isFresh ? this.#liveness.cancelWaits() : undefined;
    if (!isFresh) return this.#hide(silentSide);
    if (this.#state.name !== 'interrupted') return;
    if (this.#reading.holdsNote) return this.#showNote();
    this.#liveness.cancelWaits();
    this.#showKnocked();
  }

  async #knock(peer: PeerSession): Promise<void> {
    if (!this.#liveness.onKnock(!peer.knocked)) return this.#end('unreachable');
    try {
      // After a wrong PIN the knock is past, and the next PIN goes by itself.
      const { pin } = this.#pinEntry;
      if (pin !== null && peer.knocked) await peer.send({ kind: 'pin', pin });
      else await peer.knock(pin);
      if (this.#room.room?.admission === 'ask' && this.#state.name === 'closed') this.#showKnocked();
    } catch (error) {
      if (error instanceof Refused && this.#connection.peer === peer) this.#onRefused(error.code);
    }
  }

  #onRefused(code: Refusal): void {
    const meaning = meaningOf(code, this.#connection.readmissionToken !== null);
    if ('gone' in meaning) return this.#end(meaning.gone);
    if (meaning.wait === 'for-doctor') return this.#disconnect('doctor');
    if (meaning.wait !== 'for-place') return;
    this.#disconnect(this.#room.ownSide);
    this.#liveness.onDisconnect(RETRY_MS, () => this.#connection.reconnect());
  }

  #onSecond(room: RoomFacts): void {
    if (room.leftMs === 0) this.#end('expired');
    else if (this.#state.name === 'waiting') this.#showWaiting(room);
    else if ('room' in this.#state) this.#show({ ...this.#state, room });
  }

  #send(message: ToComposer): void {
    void this.#connection.peer?.send(message);
  }

  /** Sends a receipt, which is lost while there is no connection. False when there was none to send. */
  #report(receipt: ToComposer | null): boolean {
    if (receipt === null) return false;
    this.#send(receipt);
    return true;
  }

  /** Replaces the connection; nothing of the note is seen in between. */
  #reconnect(side = this.#room.ownSide): void {
    this.#disconnect(side);
    this.#connection.reconnect();
  }

  #disconnect(side: InterruptedSide): void {
    this.#connection.disconnect();
    this.#options.files?.disconnect();
    this.#liveness.onDisconnect();
    this.#shortCode = null;
    this.#hide(side);
  }

  /** Takes the note off the screen; for good when that lasts too long. */
  #hide(side: InterruptedSide): void {
    this.#liveness.onHide();
    if (this.#pinEntry.pin !== null) {
      // Whether that PIN was counted nobody here knows: it is not sent a second time by itself.
      this.#pinEntry.drop();
      this.#tapped = false;
      return this.#showClosed();
    }
    const { room } = this.#room;
    if (room === null && side === 'doctor') this.#show({ name: 'away', ...this.#away });
    const { wasAsleep } = this.#room;
    const failure = side === 'doctor' || wasAsleep ? null : this.#failure;
    if (this.#tapped && room !== null) this.#show({ name: 'interrupted', room, side, failure });
  }

  #showClosed(): void {
    const { room } = this.#room;
    if (room !== null) this.#show(this.#pinEntry.closedScreen(room));
  }

  /** After the tap, while nothing came back yet but, at most, the short code. */
  #showKnocked(): void {
    const { room } = this.#room;
    if (room === null) return;
    if (room.admission === 'ask') this.#showWaiting(room);
    else this.#show({ name: 'closed', room, opening: true, pin: null });
  }

  #showWaiting(room: RoomFacts): void {
    const now = this.#options.clock.now();
    this.#waitingSince ??= now;
    const unanswered = now - this.#waitingSince >= UNANSWERED_MS;
    this.#show({ name: 'waiting', room, shortCode: this.#shortCode, unanswered });
  }

  /** Only while the connection that brought the note lasts, and the composer answers. */
  #showNote(): void {
    const { room } = this.#room;
    const reading = room === null ? null : this.#reading.in(room);
    if (reading === null || this.#connection.peer?.hasNote !== true) return;
    if (!this.#liveness.isFresh) return this.#hide(this.#liveness.silentSide);
    this.#liveness.cancelWaits();
    this.#failure = null;
    this.#show(reading);
  }

  /** Nobody has answered the knock: a page that is asleep does not, and this device is not to blame for it. */
  #endUnanswered(): void {
    const isSilent = this.#connection.peer?.wasOpen === true;
    this.#end('unreachable');
    if (isSilent && this.#state.name === 'gone') this.#show({ ...this.#state, silent: true });
  }

  #end(reason: GoneReason, agoMs = 0, saidPhone: string | null = null): void {
    if (this.#isOver) return;
    const { who, phone } = this.#room.room ?? { who: null, phone: saidPhone };
    this.#options.keepReader?.(null);
    this.#forget();
    this.#isOver = true;
    this.#show({ ...this.#goneState(reason, who, phone), at: this.#options.clock.now() - agoMs });
    // The way out is another network: as soon as there is one, the page tries again.
    if (isFailure(reason)) this.#stopListening = onNetworkChange(() => this.retry());
  }

  #goneState(reason: GoneReason, who: string | null, phone: string | null): ReceiverState & { name: 'gone' } {
    const link = isFailure(reason) ? { link: wholeLink(this.#link, this.#options.origin) } : {};
    return { name: 'gone', reason, who, phone, at: null, ...link };
  }

  /** Drops the note, the keys and the connection. The secret stays, for a reload. */
  #forget(): void {
    this.#waitingSince = null;
    this.#shortCode = null;
    this.#failure = null;
    this.#stopListening();
    this.#liveness.stop();
    this.#connection.close();
    this.#room.stop();
    this.#reading.wipe();
    this.#options.files?.wipe();
    this.#pinEntry.reset();
  }

  #show(state: ReceiverState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

/** Whether it is this browser or the way to the server that keeps the page from the note. */
function isFailure(reason: GoneReason): reason is ConnectionFailure {
  return CONNECTION_FAILURES.some((failure) => failure === reason);
}
