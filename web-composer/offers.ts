import { createOffer, type Offer, type OfferSecrets } from '../src/protocol/crypto/handshake.ts';
import type { ComposerTransport, Outlet } from '../web-shared/transport.ts';

/** Offers kept ready, so that a reader who comes never waits for one. */
const SPARE_OFFERS = 3;

/** An offer with its private half and the stream that was made for it. */
export interface OpenOffer {
  offer: Offer;
  secrets: OfferSecrets;
  outlet: Outlet;
}

/** The single-use offers of one connection. */
export class Offers {
  readonly #transport: ComposerTransport;
  readonly #open = new Map<string, OpenOffer>();

  constructor(transport: ComposerTransport) {
    this.#transport = transport;
  }

  /** Fulfilled when a first reader could be served; the spare ones follow. */
  async start(): Promise<void> {
    await this.#publish();
    for (let spare = 1; spare < SPARE_OFFERS; spare++) this.more();
  }

  /** Publishes one more, as soon as possible. */
  more(): void {
    // It fails when the connection does, and then all offers are made anew on the next one.
    this.#publish().catch(() => undefined);
  }

  /** Takes an offer out, for the one reader that it serves; undefined when it was never made or is used. */
  take(offerId: string): OpenOffer | undefined {
    const offer = this.#open.get(offerId);
    this.#open.delete(offerId);
    return offer;
  }

  async #publish(): Promise<void> {
    const { offer, secrets } = await createOffer();
    const outlet = await this.#transport.publish(offer);
    this.#open.set(outlet.id, { offer, secrets, outlet });
  }
}
