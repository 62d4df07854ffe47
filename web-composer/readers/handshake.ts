import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import type { Admission } from '../../src/protocol/constants.ts';
import { answer } from '../../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import type { ServerEvent } from '../../web-shared/net/signalling-client.ts';
import { Reader } from './peer-session.ts';
import type { PublishedPrekey } from './prekeys.ts';
import { Tampered } from './tampered.ts';

const READMISSION_TOKEN_BYTES = 16;

export type Knocked = Extract<ServerEvent, { t: 'knocked' }>;

/** A reader who proved that it holds the link. */
export interface Arrival {
  reader: Reader;
  /** The short code, six digits. */
  code: Promise<string>;
  /** Whether it was admitted before its connection broke. */
  isBack: boolean;
  /** How readers get in, as the server told the reader's page. */
  told: Admission | undefined;
}

/** Who knocks: checks that they hold the link, and recognises those who were here before. */
export class Arrivals {
  readonly #room: { roomId: string; keys: LinkKeys };
  readonly #nextNumber: () => number;
  /** Ids that the server gave away: one that comes twice could make the doctor admit another reader than the one seen. */
  readonly #ids = new Set<string>();
  /** Row numbers by the pass that their reader got with the note: a reader keeps its row when it comes back. */
  readonly #readmissionTokens = new Map<string, number>();
  readonly #under = new Map<string, Promise<unknown>>();

  /** @param nextNumber the row's number for somebody who was not here before */
  constructor(room: { roomId: string; keys: LinkKeys }, nextNumber: () => number) {
    this.#room = room;
    this.#nextNumber = nextNumber;
  }

  /**
   * Answers a knock on the offer that it was made for, and then `seat`s its reader. Rejects with Tampered when the two
   * were not made for each other.
   */
  async answer(knocked: Knocked, prekey: PublishedPrekey, seat: (arrival: Arrival) => Promise<void>): Promise<Arrival> {
    const { readerId } = knocked;
    if (this.#ids.has(readerId)) throw new Tampered('a reader has an id of its own');
    this.#ids.add(readerId);
    const seated = this.#meet(knocked, prekey).then(async (arrival) => {
      await seat(arrival);
      return arrival;
    });
    this.#under.set(
      readerId,
      seated.catch(() => undefined),
    );
    try {
      return await seated;
    } finally {
      this.#under.delete(readerId);
    }
  }

  /** Fulfilled when the handshake with a reader is over: what it says right behind its knock waits for this. */
  async over(readerId: string): Promise<void> {
    await this.#under.get(readerId);
  }

  /** From now on the reader's pass lets it in again. */
  remember({ readmissionToken, number }: Reader): void {
    this.#readmissionTokens.set(readmissionToken, number);
  }

  async #meet(
    { readerId: id, enc, ciphertext }: Knocked,
    { prekey, secrets, channel }: PublishedPrekey,
  ): Promise<Arrival> {
    const { roomId, keys } = this.#room;
    const knocking = answer(keys.psk, roomId, prekey, secrets, { enc, ciphertext }, this.#readmissionTokens.keys());
    const { hello, streams } = await knocking.catch(({ message }: Error) => Promise.reject(new Tampered(message)));
    const known = this.#readmissionTokens.get(hello.readmissionToken ?? '');
    const isBack = known !== undefined;
    const readmissionToken = isBack
      ? (hello.readmissionToken ?? '')
      : toBase64Url(randomBytes(READMISSION_TOKEN_BYTES));
    const nD = toBase64Url(secrets.nD);
    const reader = new Reader({ id, number: known ?? this.#nextNumber(), streams, channel, nD, readmissionToken });
    return { reader, code: streams.shortCode(secrets.nD), isBack, told: hello.admission };
  }
}
