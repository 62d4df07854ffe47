import { Refused } from '../../src/protocol/errors.ts';
import {
  earlyJoinSchema,
  type Reply,
  type Request,
  type RequestType,
  type ServerMessage,
  serverMessageSchema,
} from '../../src/protocol/messages.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import type { ReaderSignalling, SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { EarlyJoin } from './early-join.ts';

/**
 * A reader who joined before the socket was there. What it says waits for the socket and goes in order; nothing is said over the
 * socket before the answer to the join is there.
 */
export class EarlyReader implements ReaderSignalling {
  readonly clock: PageClock;
  readonly #roomId: string;
  readonly #giveUp: () => void;
  readonly #answer: Promise<{ messages: ServerMessage[]; token?: string | undefined }>;
  readonly #attached = Promise.withResolvers<SignallingClient>();
  #signalling: SignallingClient | null = null;

  constructor({ answer, giveUp }: Pick<EarlyJoin, 'answer' | 'giveUp'>, roomId: string, clock: PageClock) {
    this.#giveUp = giveUp;
    this.#roomId = roomId;
    this.clock = clock;
    this.#answer = answer.then((said) => {
      const { messages, token } = earlyJoinSchema.parse(said);
      return { messages: messages.map((one) => serverMessageSchema.parse(one)), token };
    });
    // Each of them is waited for by whoever wants it, or by nobody.
    this.#answer.catch(() => undefined);
    this.#attached.promise.catch(() => undefined);
  }

  /** What the server said up to its answer to the join. Rejects when it did not answer. */
  async heard(): Promise<readonly ServerMessage[]> {
    return (await this.#answer).messages;
  }

  /**
   * Has the socket take the reader over. False when the page has to join over the socket: there was no answer, or the reader is
   * gone. Rejects with Disconnected when the socket is.
   *
   * @param patienceMs how long an answer is waited for that is not there yet
   */
  async attach(signalling: SignallingClient, patienceMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const late = Number.isFinite(patienceMs) ? this.clock.after(patienceMs, () => this.giveUp()) : null;
    this.#answer.finally(() => late?.cancel()).catch(() => undefined);
    const answer = await this.#answer.catch(() => null);
    if (answer === null) return false;
    const { token } = answer;
    // There is nothing to take over, and the page has heard why.
    if (token === undefined) return true;
    const attached = signalling.request('attach', { roomId: this.#roomId, token });
    this.#signalling = signalling;
    this.#attached.resolve(signalling);
    try {
      await attached;
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  /** No answer is waited for any more. */
  giveUp(): void {
    this.#giveUp();
  }

  async request<T extends RequestType>(t: T, body: Request<T>): Promise<Reply<T>> {
    return (await this.#attached.promise).request(t, body);
  }

  say(message: Parameters<SignallingClient['say']>[0]): void {
    void this.#attached.promise.then((signalling) => signalling.say(message));
  }

  expectMessage(ms: number): void {
    this.#signalling?.expectMessage(ms);
  }
}
