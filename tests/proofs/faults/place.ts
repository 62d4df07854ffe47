/** Where a process of the stage runs: this machine, or a network namespace with an address of its own. */
export interface Place {
  /** Its IP address, as a URL has it. */
  readonly address: string;
  /** The command line that runs `words` there. */
  command(words: readonly string[]): string[];
}

/** This process's own network, over loopback. */
export const HERE: Place = { address: '127.0.0.1', command: (words) => [...words] };
