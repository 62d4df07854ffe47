import { type Bytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { knock } from '../../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import { decodeNoteMessage, type NoteMessage, type SentNote } from '../../src/protocol/note-message.ts';
import { type Hello, type ToComposer, toReaderSchema } from '../../src/protocol/sealed.ts';
import type { SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { openReaderTransport } from '../../web-shared/net/webrtc-transport.ts';

/** What a visit tells the page. Nothing comes after `close`. */
export interface PeerSessionListener {
  /** The doctor decides; six digits to compare. */
  waiting(shortCode: string): void;
  /** The PIN was not right; this many tries are left for everybody together. */
  wrongPin(triesLeft: number): void;
  /** The note, or a later version of it; `first` for the first one of this visit. */
  note(message: SentNote, first: boolean): void;
  /** The doctor gave the note more time. */
  moreTime(addedMs: number): void;
  /** The composer's page is there: the answer to the ping of this number, and the last version that it sent. */
  pong(answer: { number: number; rev: number }): void;
  wiped(message: NoteMessage & { kind: 'wipe' }): void;
  /** The data channel closed. */
  lost(): void;
  /** Something between the two pages altered a message. */
  tampered(): void;
}

/** One connection to the composer's stream, from the join to its end. */
export interface PeerSession {
  /**
   * Asks for the note as soon as it could arrive: a stream that is not open yet would lose it. Once is enough, further
   * calls do nothing. Rejects with Refused, or with an Error when the channel does not open.
   *
   * @param pin goes right behind, where the doctor set one
   */
  knock(pin: string | null): Promise<void>;
  readonly knocked: boolean;
  /** Whether the note came over this connection. */
  readonly hasNote: boolean;
  /** Tells the composer something that nobody else can read. */
  tell(message: ToComposer): Promise<void>;
  /** A sealed message that came over the signalling, in base64url. */
  told(ciphertext: string): Promise<void>;
  /** Fulfilled when all that came sealed so far was heard. */
  heard(): Promise<void>;
  close(): void;
}

/**
 * Opens the data channel and prepares the handshake, so that a tap only has to send it. Rejects when the signal is aborted
 * meanwhile.
 */
export async function openPeerSession(
  room: { id: string; keys: LinkKeys },
  joined: Reply<'join'>,
  hello: Hello,
  { signalling, signal }: { signalling: SignallingClient; signal: AbortSignal },
  listener: PeerSessionListener,
): Promise<PeerSession> {
  let closed = false;
  let knocked = false;
  let first = true;
  let hearing: Promise<void> = Promise.resolve();
  const preparing = knock(room.keys.psk, room.id, joined.prekey, hello);
  const [transport, { enc, ciphertext, streams }] = await Promise.all([
    openReaderTransport(joined, signalling, {
      signal,
      frame: (frame) => void onFrame(frame),
      lost: () => {
        if (!closed) listener.lost();
      },
    }),
    preparing,
  ]);

  async function onFrame(frame: Bytes): Promise<void> {
    const { note, checkCommit } = (await preparing).streams;
    try {
      const message = decodeNoteMessage(await note.open(frame));
      if (closed) return;
      if (message.kind === 'wipe') return listener.wiped(message);
      // Whoever knows the link alone can begin a stream: only the note itself proves that it is the right one.
      if (first && message.kind !== 'note') throw new Error('the note comes first');
      if (message.kind === 'time') return listener.moreTime(message.addedMs);
      // The composer must keep its commitment even when nobody compares the codes.
      await checkCommit(fromBase64Url(message.nD));
      if (closed) return;
      const isFirst = first;
      first = false;
      listener.note(message, isFirst);
      await tell({ kind: 'shown', rev: message.rev });
    } catch {
      await giveUp();
    }
  }

  /** The composer's page hears of it before this one leaves, so that the doctor knows as well. */
  async function giveUp(): Promise<void> {
    if (closed) return;
    await tell({ kind: 'tampered' }).catch(() => undefined);
    if (!closed) listener.tampered();
  }

  async function hear(sealed: string): Promise<void> {
    try {
      const said = toReaderSchema.parse(JSON.parse(fromUtf8(await streams.incoming.open(fromBase64Url(sealed)))));
      const code = said.kind === 'reveal' ? await streams.shortCode(fromBase64Url(said.nD)) : '';
      if (closed) return;
      switch (said.kind) {
        case 'reveal':
          return listener.waiting(code);
        case 'wrong-pin':
          return listener.wrongPin(said.triesLeft);
        case 'pong':
          return listener.pong(said);
        case 'tampered':
          return listener.tampered();
      }
    } catch {
      await giveUp();
    }
  }

  async function tell(message: ToComposer): Promise<void> {
    const sealed = toBase64Url(await streams.outgoing.seal(utf8(JSON.stringify(message))));
    if (!closed) signalling.say({ t: 'sealed', ciphertext: sealed });
  }

  return {
    tell,
    get knocked() {
      return knocked;
    },
    get hasNote() {
      return !first;
    },
    async knock(pin) {
      if (knocked) return;
      knocked = true;
      await transport.opened;
      if (closed) return;
      const asked = signalling.request('knock', { enc, ciphertext });
      // It travels with the knock, so that a PIN costs no time.
      if (pin !== null) await tell({ kind: 'pin', pin });
      await asked;
    },
    told(sealed) {
      hearing = hear(sealed);
      return hearing;
    },
    heard: () => hearing,
    close() {
      closed = true;
      transport.close();
    },
  };
}
