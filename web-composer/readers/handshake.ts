import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import type { Admission } from '../../src/protocol/constants.ts';
import { answer, createPrekey, knock } from '../../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { tokenAfterReload } from '../../src/protocol/crypto/readmission.ts';
import { encodeNoteMessage } from '../../src/protocol/note-message.ts';
import type { ServerEvent } from '../../web-shared/net/signalling-client.ts';
import { PeerSession, Tampered } from './peer-session.ts';
import type { PublishedPrekey } from './prekeys.ts';

const READMISSION_TOKEN_BYTES = 16;
const PSK_BYTES = 32;

export type Knock = Extract<ServerEvent, { t: 'knocked' }>;

/** The result of a handshake: a reader who proved that it holds the link. */
export interface Handshake {
  peer: PeerSession;
  shortCode: Promise<string>;
  isReadmission: boolean;
  /** Admitted before, by a page that was reloaded since. */
  isReloaded: boolean;
  /** The admission that the server told the reader's page. */
  admissionTold: Admission | undefined;
}

/** Answers knocks: checks that readers hold the link, and recognises those who were admitted before. */
export class Handshakes {
  readonly #room: { roomId: string; keys: LinkKeys };
  readonly #nextNumber: () => number;
  /** Ids that the server assigned: one used twice could make the doctor admit another reader than the one seen. */
  readonly #readerIds = new Set<string>();
  /** Row numbers by readmission token: a reader keeps its row when it reconnects. */
  readonly #readmissionTokens = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** Readers who went away while their handshake was under way. */
  readonly #abandoned = new Set<string>();

  /** @param nextNumber the row number for a reader who was not here before */
  constructor(room: { roomId: string; keys: LinkKeys }, nextNumber: () => number) {
    this.#room = room;
    this.#nextNumber = nextNumber;
  }

  /**
   * Answers a knock on the prekey that it was made for, and calls `attach` with the result before any message of that
   * reader is handled. Rejects with Tampered when knock and prekey do not belong together, and as `attach` does.
   */
  async answer(
    knocked: Knock,
    prekey: PublishedPrekey,
    attach: (handshake: Handshake) => Promise<void>,
  ): Promise<Handshake> {
    const { readerId } = knocked;
    if (this.#readerIds.has(readerId)) throw new Tampered('the server gave two readers the same id');
    this.#readerIds.add(readerId);
    const attached = this.#open(knocked, prekey).then(async (handshake) => {
      await attach(handshake);
      return handshake;
    });
    this.#underWay.set(
      readerId,
      attached.catch(() => undefined),
    );
    try {
      return await attached;
    } finally {
      this.#underWay.delete(readerId);
      this.#abandoned.delete(readerId);
    }
  }

  /** A reader is gone, or all of them: whoever's handshake is under way is not to be attached any more. */
  abandon(readerIds: Iterable<string> = [...this.#underWay.keys()]): void {
    for (const readerId of readerIds) if (this.#underWay.has(readerId)) this.#abandoned.add(readerId);
  }

  isAbandoned(readerId: string): boolean {
    return this.#abandoned.has(readerId);
  }

  /** Fulfilled when the handshake with a reader is over: messages right behind its knock wait for this. */
  async finished(readerId: string): Promise<void> {
    await this.#underWay.get(readerId);
  }

  remember({ readmissionToken, number }: PeerSession): void {
    this.#readmissionTokens.set(readmissionToken, number);
  }

  /** Whoever was turned away is asked for again, should it come back. */
  forget({ readmissionToken }: PeerSession): void {
    this.#readmissionTokens.delete(readmissionToken);
  }

  async #open(
    { readerId: id, enc, ciphertext }: Knock,
    { prekey, secrets, channel }: PublishedPrekey,
  ): Promise<Handshake> {
    const { roomId, keys } = this.#room;
    const known = [...this.#readmissionTokens.keys()];
    const shown = [...known, ...known.map(tokenAfterReload)];
    const answering = answer(keys.psk, roomId, prekey, secrets, { enc, ciphertext }, shown);
    const { hello, streams } = await answering.catch(({ message }: Error) => Promise.reject(new Tampered(message)));
    const isReloaded = known.some((token) => tokenAfterReload(token) === hello.readmissionToken);
    const own = known.find((token) => (isReloaded ? tokenAfterReload(token) : token) === hello.readmissionToken);
    const readmissionToken = own ?? toBase64Url(randomBytes(READMISSION_TOKEN_BYTES));
    const number = this.#readmissionTokens.get(readmissionToken) ?? this.#nextNumber();
    const peer = new PeerSession({ id, number, streams, channel, nD: toBase64Url(secrets.nD), readmissionToken });
    return {
      peer,
      shortCode: streams.shortCode(secrets.nD),
      isReadmission: own !== undefined,
      isReloaded,
      admissionTold: hello.admission,
    };
  }
}

/**
 * One handshake with nobody, under a key of its own. A browser compiles code when it first runs: this way it does so
 * while the doctor sends the link, and not while the first patient waits.
 */
export async function warmUpHandshake(): Promise<void> {
  const psk = randomBytes(PSK_BYTES);
  const { prekey, secrets } = await createPrekey();
  const { enc, ciphertext } = await knock(psk, 'warm-up', prekey, { language: 'en' });
  const { streams } = await answer(psk, 'warm-up', prekey, secrets, { enc, ciphertext });
  await streams.shortCode(secrets.nD);
  const nD = toBase64Url(secrets.nD);
  const note = { text: '', format: 'plain', medicines: [] } as const;
  const revision = { rev: 1, editing: false, copy: true, print: true, leftMs: 0, note };
  await streams.note.seal(encodeNoteMessage({ kind: 'note', nD, token: nD, ...revision }));
}
