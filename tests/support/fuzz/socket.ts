/** One socket that says whatever it is told to, and writes down what it hears. */
export interface Attacker {
  readonly number: number;
  /** The room whose composer or visitor it believes to be. */
  roomId: string | null;
  role: 'composer' | 'reader' | null;
  sent: number;
  /** Requests without an answer yet. */
  waiting(): number;
  isOpen(): boolean;
  say(data: string | Buffer, request?: { id: number; t: string; said: Record<string, unknown> }): void;
  end(how: 'close' | 'cut' | 'away'): void;
}
