/** One direction of a line, which everything on it shares: a packet leaves after the one before it, and arrives later. */
export class OneWay {
  readonly #delayMs: number;
  readonly #bytesPerMs: number;
  readonly #onTheWay: { deliver(): void }[] = [];
  #freeAt = 0;

  /** @param bitsPerSecond Infinity for a line that holds nothing up */
  constructor({ delayMs, bitsPerSecond }: { delayMs: number; bitsPerSecond: number }) {
    this.#delayMs = delayMs;
    this.#bytesPerMs = bitsPerSecond / 8_000;
  }

  /** Calls `deliver` when so many bytes have arrived. */
  send(bytes: number, deliver: () => void): void {
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#bytesPerMs;
    const ms = this.#freeAt - now + this.#delayMs;
    const packet = { deliver };
    this.#onTheWay.push(packet);
    if (ms <= 0) this.#arrive(packet);
    else setTimeout(() => this.#arrive(packet), ms);
  }

  /** Timers of different lengths may overtake each other by a millisecond; packets do not. */
  #arrive(last: { deliver(): void }): void {
    if (!this.#onTheWay.includes(last)) return;
    for (let packet = this.#onTheWay.shift(); packet !== undefined; packet = this.#onTheWay.shift()) {
      packet.deliver();
      if (packet === last) return;
    }
  }
}
