/** A socket that lives longer than this was not cut by a time limit that anybody would notice. */
const LONGEST_MS = 5 * 60 * 1000;
/** One that lives shorter broke in another way. */
const SHORTEST_MS = 3_000;
/** Cut so often after about the same time, it is no accident. */
const CUTS = 3;
/** How far apart those times may be. */
const SPREAD_MS = 3_000;

/** Tells sockets that something on the way cuts, again and again after the same time, from connections that just break. */
export class SocketCuts {
  readonly #lives: number[] = [];

  /**
   * A socket ended without a closing word.
   *
   * @param livedMs how long it had been open
   * @returns its usual life in seconds once it is plain that there is one, else null
   */
  onCut(livedMs: number): number | null {
    if (livedMs < SHORTEST_MS || livedMs > LONGEST_MS) {
      this.#lives.length = 0;
      return null;
    }
    const lives = [...this.#lives, livedMs].slice(-CUTS);
    this.#lives.splice(0, this.#lives.length, ...lives);
    if (lives.length < CUTS || Math.max(...lives) - Math.min(...lives) > SPREAD_MS) return null;
    // A busy page notices late that a socket is open.
    return Math.round(Math.max(...lives) / 1000);
  }

  /** The network changed, or the server said why it closed. */
  forget(): void {
    this.#lives.length = 0;
  }
}
