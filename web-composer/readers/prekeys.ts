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
  readonly #unused = new Map<string, PublishedPrekey>();

  constructor(transport: ComposerTransport) {
    this.#transport = transport;
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
    const channel = await this.#transport.publish(prekey);
    this.#unused.set(channel.id, { prekey, secrets, channel });
  }
}
