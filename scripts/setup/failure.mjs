/** A step that could not be done, with what the reader should do next. Shown without a stack trace. */
export class SetupFailure extends Error {
  /**
   * @param {string} problem one sentence: what went wrong
   * @param {string} next one sentence or command: what to do now
   */
  constructor(problem, next) {
    super(problem);
    this.name = 'SetupFailure';
    this.next = next;
  }
}

/** Someone asked us to stop (Ctrl-C, a closed terminal, a service manager). */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
    this.signal = signal;
  }
}
