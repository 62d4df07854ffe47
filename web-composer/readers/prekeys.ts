import { createPrekey, type Prekey, type PrekeySecrets } from '../../src/protocol/crypto/handshake.ts';
import type { ComposerTransport, ReaderChannel } from '../../web-shared/net/webrtc-transport.ts';

/** Prekeys kept ready, so that a reader who comes never waits for one. */
const SPARE_PREKEYS = 3;

/** A prekey with its private half and the stream that was made for it. */
export interface PublishedPrekey {
  prekey: Prekey;
  secrets: PrekeySecrets;
  channel: ReaderChannel;
}

export class Prekeys {
  readonly #transport: ComposerTransport;
  readonly #published: (made: { prekey: Prekey; secrets: PrekeySecrets }) => void;
  readonly #unused = new Map<string, PublishedPrekey>();

  /** @param published called with each prekey before a reader can have it */
  constructor(transport: ComposerTransport, published: (made: { prekey: Prekey; secrets: PrekeySecrets }) => void) {
    this.#transport = transport;
    this.#published = published;
  }

  /** Fulfilled when a first reader could be served; the spare ones follow. */
  async start(): Promise<void> {
    await this.#publish();
    for (let spare = 1; spare < SPARE_PREKEYS; spare++) this.publishOneMore();
  }

  publishOneMore(): void {
    // It fails when the connection does, and then all prekeys are made anew on the next one.
    this.#publish().catch(() => undefined);
  }

  /** Takes a prekey out, for the one reader that it serves; undefined when it was never made or is used. */
  take(prekeyId: string): PublishedPrekey | undefined {
    const prekey = this.#unused.get(prekeyId);
    this.#unused.delete(prekeyId);
    return prekey;
  }

  async #publish(): Promise<void> {
    const { prekey, secrets } = await createPrekey();
    this.#published({ prekey, secrets });
    const channel = await this.#transport.publish(prekey);
    this.#unused.set(channel.id, { prekey, secrets, channel });
  }
}
