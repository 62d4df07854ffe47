import { type Bytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../src/protocol/bytes.ts';
import { knock } from '../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Reply } from '../src/protocol/messages.ts';
import { decodeNoteMessage, type Hello, type NoteMessage, toReaderSchema } from '../src/protocol/sealed.ts';
import type { Signalling } from '../web-shared/signalling.ts';
import { openReaderTransport } from '../web-shared/transport.ts';

/** The note as the composer sealed it. */
export type SealedNote = NoteMessage & { kind: 'note' };

/** What a visit tells the page. Nothing comes after `close`. */
interface Listener {
  /** The doctor decides; six digits to compare. */
  waiting(shortCode: string): void;
  note(message: SealedNote): void;
  wiped(message: NoteMessage & { kind: 'wipe' }): void;
  /** The data channel closed. */
  lost(): void;
  /** Something between the two pages altered a message. */
  tampered(): void;
}

/** One connection to the composer's stream, from the join to its end. */
export interface Visit {
  /**
   * Asks for the note as soon as it could arrive: a stream that is not open yet would lose it. Once is enough, further
   * calls do nothing. Rejects with Refused, or with an Error when the channel does not open.
   */
  knock(): Promise<void>;
  /** A sealed message that came over the signalling, in base64url. */
  told(box: string): Promise<void>;
  close(): void;
}

/** Opens the data channel and prepares the handshake, so that a tap only has to send it. */
export async function openVisit(
  room: { id: string; keys: LinkKeys },
  joined: Reply<'join'>,
  hello: Hello,
  signalling: Signalling,
  listener: Listener,
): Promise<Visit> {
  let closed = false;
  let knocked = false;
  const preparing = knock(room.keys.psk, room.id, joined.offer, hello);
  const [transport, { enc, box, streams }] = await Promise.all([
    openReaderTransport(joined, signalling, {
      frame: (frame) => void onFrame(frame),
      lost: () => {
        if (!closed) listener.lost();
      },
    }),
    preparing,
  ]);

  async function onFrame(frame: Bytes): Promise<void> {
    const { note, outgoing, checkCommit } = (await preparing).streams;
    try {
      const message = decodeNoteMessage(await note.open(frame));
      if (closed) return;
      if (message.kind === 'wipe') return listener.wiped(message);
      // The composer must keep its commitment even when nobody compares the codes.
      await checkCommit(fromBase64Url(message.nD));
      if (closed) return;
      listener.note(message);
      const shown = utf8(JSON.stringify({ kind: 'shown', rev: message.rev }));
      signalling.say({ t: 'tell', box: toBase64Url(await outgoing.seal(shown)) });
    } catch {
      if (!closed) listener.tampered();
    }
  }

  return {
    async knock() {
      if (knocked) return;
      knocked = true;
      await transport.opened;
      if (!closed) await signalling.request('knock', { enc, box });
    },
    async told(sealed) {
      try {
        const { nD } = toReaderSchema.parse(JSON.parse(fromUtf8(await streams.incoming.open(fromBase64Url(sealed)))));
        const code = await streams.shortCode(fromBase64Url(nD));
        if (!closed) listener.waiting(code);
      } catch {
        if (!closed) listener.tampered();
      }
    },
    close() {
      closed = true;
      transport.close();
    },
  };
}
