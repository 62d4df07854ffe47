import { type Bytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { type FirstKnock, knock } from '../../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { Note } from '../../src/protocol/note.ts';
import { decodeNoteMessage, type NoteMessage, type SentNote } from '../../src/protocol/note-message.ts';
import { type Hello, type ToComposer, toReaderSchema } from '../../src/protocol/sealed.ts';
import type { Observed } from '../../web-shared/net/connection-failure.ts';
import {
  openPrepared,
  type PreparedConnection,
  type ReaderConnectionHandlers,
  type ReaderTransport,
} from '../../web-shared/net/data-connection.ts';
import type { ReaderSignalling } from '../../web-shared/net/signalling-client.ts';

/** What the composer's page says over one connection. Nothing is called after `close`. */
export interface PeerHandlers {
  /** The knock was sent; later ones of this page go on from the first. */
  onKnocked(first: FirstKnock): void;
  /** The doctor decides; six digits to compare. */
  onShortCode(shortCode: string): void;
  /** The PIN was wrong; this many tries are left for all readers together. */
  onWrongPin(triesLeft: number): void;
  /** Fulfilled when a note can be drawn: it is not handed over before. Never rejects. */
  readyToDraw(note: Note): Promise<void>;
  /** The note, or a later version of it; `first` for the first one of this connection. */
  onNote(message: SentNote, first: boolean): void;
  onMoreTime(addedMs: number): void;
  /** The files that there are, which come over a connection of their own. */
  onFiles(list: Bytes, signalling: ReaderSignalling): void;
  /** The answer to the ping of this number, and the last version that the composer sent. */
  onPong(pong: { number: number; rev: number }): void;
  onWipe(message: NoteMessage & { kind: 'wipe' }): void;
  onClosed(): void;
  /** Something between the two pages altered a message. */
  onTampered(): void;
}

/** One handshake with the composer's page, from the join to its end. */
export interface PeerSession extends Observed {
  /**
   * Asks for the note, also before the data channel is open: the worker keeps what it cannot send yet. Calling it again does
   * nothing. Rejects with Refused.
   *
   * @param pin sent right behind the knock, where the doctor set one
   */
  knock(pin: string | null): Promise<void>;
  readonly knocked: boolean;
  readonly hasNote: boolean;
  /** Fulfilled once data can flow; rejects when the connection fails. */
  readonly opened: Promise<void>;
  /** Whether data could flow at any time. */
  readonly wasOpen: boolean;
  send(message: ToComposer): Promise<void>;
  /** Takes a sealed message that came over the signalling, in base64url. */
  receive(ciphertext: string): Promise<void>;
  /** Fulfilled when every sealed message so far was handled. */
  received(): Promise<void>;
  close(): void;
}

/**
 * Opens the data channel and prepares the handshake, so that a tap only has to send it. Rejects when `signal` is aborted
 * meanwhile.
 */
export async function openPeerSession(
  room: { id: string; keys: LinkKeys },
  joined: Reply<'join'>,
  hello: Hello,
  {
    signalling,
    signal,
    prepared,
    firstKnock,
  }: {
    signalling: ReaderSignalling;
    signal: AbortSignal;
    prepared: PreparedConnection | null;
    firstKnock: FirstKnock | null;
  },
  handlers: PeerHandlers,
): Promise<PeerSession> {
  let closed = false;
  let knocked = false;
  let first = true;
  let receiving: Promise<void> = Promise.resolve();
  let isOpen = false;
  let frames: Promise<void> = Promise.resolve();
  const preparing = knock(room.keys.psk, room.id, joined.prekey, hello, firstKnock);
  const on = {
    signal,
    frame: (frame: Bytes) => {
      // One after the other: what comes right behind the note is not looked at before the note is accepted.
      frames = frames.then(() => onFrame(frame));
    },
    closed: () => {
      if (!closed) handlers.onClosed();
    },
  };
  const [transport, { enc, ciphertext, streams, first: knockedFirst }] = await Promise.all([
    prepared === null ? openWithMediasoup(joined, signalling, on) : openPrepared(prepared, joined, signalling, on),
    preparing,
  ]);

  transport.opened.then(
    () => {
      isOpen = true;
    },
    () => undefined,
  );

  async function onFrame(frame: Bytes): Promise<void> {
    const { note, checkCommit } = (await preparing).streams;
    try {
      const message = decodeNoteMessage(await note.open(frame));
      if (closed) return;
      if (message.kind === 'wipe') return handlers.onWipe(message);
      // Whoever knows the link alone can begin a stream: only the note itself proves that it is the right one.
      if (first && message.kind !== 'note') throw new Error('the note comes first');
      if (message.kind === 'files') return handlers.onFiles(message.list, signalling);
      if (message.kind === 'time') return handlers.onMoreTime(message.addedMs);
      // The composer must keep its commitment even when nobody compares the codes.
      await Promise.all([checkCommit(fromBase64Url(message.nD)), handlers.readyToDraw(message.note)]);
      if (closed) return;
      const isFirst = first;
      first = false;
      handlers.onNote(message, isFirst);
      await send({ kind: 'shown', rev: message.rev });
    } catch {
      await reportTampering();
    }
  }

  /** The composer hears of it before this page leaves, so that the doctor knows as well. */
  async function reportTampering(): Promise<void> {
    if (closed) return;
    await send({ kind: 'tampered' }).catch(() => undefined);
    if (!closed) handlers.onTampered();
  }

  async function handle(sealed: string): Promise<void> {
    try {
      const said = toReaderSchema.parse(JSON.parse(fromUtf8(await streams.incoming.open(fromBase64Url(sealed)))));
      const code = said.kind === 'reveal' ? await streams.shortCode(fromBase64Url(said.nD)) : '';
      if (closed) return;
      switch (said.kind) {
        case 'reveal':
          return handlers.onShortCode(code);
        case 'wrong-pin':
          return handlers.onWrongPin(said.triesLeft);
        case 'pong':
          return handlers.onPong(said);
        case 'tampered':
          return handlers.onTampered();
      }
    } catch {
      await reportTampering();
    }
  }

  async function send(message: ToComposer): Promise<void> {
    const sealed = toBase64Url(await streams.outgoing.seal(utf8(JSON.stringify(message))));
    if (!closed) signalling.say({ t: 'sealed', ciphertext: sealed });
  }

  return {
    send,
    opened: transport.opened,
    getStats: () => transport.getStats(),
    get knocked() {
      return knocked;
    },
    get wasOpen() {
      return isOpen;
    },
    get hasNote() {
      return !first;
    },
    async knock(pin) {
      if (knocked) return;
      knocked = true;
      handlers.onKnocked(knockedFirst);
      const reply = signalling.request('knock', { enc, ciphertext });
      // It travels with the knock, so that a PIN costs no round trip.
      if (pin !== null) await send({ kind: 'pin', pin });
      await reply;
    },
    receive(sealed) {
      receiving = receiving.then(() => handle(sealed));
      return receiving;
    },
    received: () => receiving,
    close() {
      closed = true;
      transport.close();
    },
  };
}

/** In mediasoup-client's way, which is loaded only now: nearly every page connects without it. */
async function openWithMediasoup(
  joined: Reply<'join'>,
  signalling: ReaderSignalling,
  on: ReaderConnectionHandlers,
): Promise<ReaderTransport> {
  const { openReaderTransport } = await import('./mediasoup-transport.ts');
  return openReaderTransport(joined, signalling, on);
}
