import type { Clock } from '../../../src/clock.ts';
import type { Wire } from '../../../src/signalling/peer.ts';

/** What the closing handshake takes. */
const CLOSING_MS = 100;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** The server's end of a socket without a network: time closes what is being closed. */
export class FakeSocket implements Wire {
  readonly OPEN = OPEN;
  readonly bufferedAmount = 0;
  readyState: Wire['readyState'] = OPEN;
  readonly #closed: (code: number) => void;
  readonly #clock: Clock;

  constructor(clock: Clock, closed: (code: number) => void) {
    this.#clock = clock;
    this.#closed = closed;
  }

  /** The other side goes, as the server hears of it. */
  gone(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#closed(code);
  }

  /** Whoever listens does so at the peer, which drops what a closed socket cannot take. */
  send(): void {
    return;
  }

  close(code = 1005): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#clock.after(CLOSING_MS, () => this.gone(code));
  }

  terminate(): void {
    this.gone(1006);
  }
}
