import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import type { Admission } from '../../src/protocol/constants.ts';
import {
  answer,
  answerFirst,
  createPrekey,
  type FirstKnock,
  knock,
  type Prekey,
  type PrekeySecrets,
  UnknownFirstKnock,
} from '../../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { tokenAfterReload } from '../../src/protocol/crypto/readmission.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { encodeNoteMessage } from '../../src/protocol/note-message.ts';
import type { ServerEvent } from '../../web-shared/net/signalling-client.ts';
import { PeerSession, Tampered } from './peer-session.ts';
import type { PublishedPrekey } from './prekeys.ts';

const READMISSION_TOKEN_BYTES = 16;
const PSK_BYTES = 32;
/** Prekeys from whose knock a reader may go on: more than readers who try again ever have taken. */
const MAX_FIRST_KNOCKS = 1000;

/** A prekey that was published in the life of the room, with the first knock on it and the row of whoever knocked. */
interface Published {
  readonly prekey: Prekey;
  readonly secrets: PrekeySecrets;
  answered: { readonly first: FirstKnock; readonly number: number } | null;
}

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
  /** By their commitment. They outlive a connection, so that a reader whose knock was lost can go on from it. */
  readonly #published = new Map<string, Published>();
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
    // Each waits for earlier ones alone, so no two wait for each other.
    const earlier = [...this.#underWay.values()];
    const attached = this.#open(knocked, prekey, earlier).then(async (handshake) => {
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

  /** A prekey that readers may get from now on. */
  published({ prekey, secrets }: { prekey: Prekey; secrets: PrekeySecrets }): void {
    this.#published.set(prekey.commit, { prekey, secrets, answered: null });
    for (const commit of this.#published.keys()) {
      if (this.#published.size <= MAX_FIRST_KNOCKS) break;
      this.#published.delete(commit);
    }
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
    earlier: Promise<unknown>[],
  ): Promise<Handshake> {
    const { roomId, keys } = this.#room;
    const known = [...this.#readmissionTokens.keys()];
    const shown = [...known, ...known.map(tokenAfterReload)];
    const firstKnockOf = async (named: { commit: string; enc: string }) => {
      // The knock that it goes on from may be among them, from a connection that was lost just now.
      await Promise.all(earlier);
      return this.#firstKnock(named);
    };
    const answering = answer(keys.psk, roomId, prekey, secrets, { enc, ciphertext }, shown, firstKnockOf);
    const { hello, streams, first } = await answering.catch((error: Error) => {
      // Not of this room's life: whoever made it up must not alarm the doctor with it.
      throw error instanceof UnknownFirstKnock ? new Refused('room-full') : new Tampered(error.message);
    });
    const isReloaded = known.some((token) => tokenAfterReload(token) === hello.readmissionToken);
    const own = known.find((token) => (isReloaded ? tokenAfterReload(token) : token) === hello.readmissionToken);
    const readmissionToken = own ?? toBase64Url(randomBytes(READMISSION_TOKEN_BYTES));
    const number = this.#readmissionTokens.get(readmissionToken) ?? this.#numberOf(first);
    const nD = this.#published.get(first.commit)?.secrets.nD ?? secrets.nD;
    const peer = new PeerSession({ id, number, streams, channel, nD: toBase64Url(nD), readmissionToken });
    return {
      peer,
      shortCode: streams.shortCode(nD),
      isReadmission: own !== undefined,
      isReloaded,
      admissionTold: hello.admission,
    };
  }

  /** The first knock that a reader's page says it sent, which may never have come here; null when there was none such. */
  async #firstKnock({ commit, enc }: { commit: string; enc: string }): Promise<FirstKnock | null> {
    const published = this.#published.get(commit);
    if (published === undefined) return null;
    // Told on its own prekey, it fails there: that one is answered by then.
    if (published.answered === null) {
      const { roomId, keys } = this.#room;
      const first = await answerFirst(keys.psk, roomId, published.prekey, published.secrets, enc);
      published.answered ??= { first, number: this.#nextNumber() };
    }
    const { first } = published.answered;
    if (first.enc !== enc) throw new Tampered('another reader answered that prekey');
    return first;
  }

  /** The row of whoever sent a first knock. */
  #numberOf(first: FirstKnock): number {
    const published = this.#published.get(first.commit);
    if (published === undefined) return this.#nextNumber();
    published.answered ??= { first, number: this.#nextNumber() };
    return published.answered.number;
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
