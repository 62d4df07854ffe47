/** What the bot answers, without a platform's looks. Never the note, never a note link. */
export type Answer =
  /** `url` is the compose link; `ticketUntil` is in milliseconds since the Unix epoch. */
  | { kind: 'compose'; url: string; expirySeconds: number; ticketUntil: number }
  | { kind: 'list'; rooms: ListedRoom[] }
  | { kind: 'revoked'; count: number }
  | { kind: 'not-found' }
  | { kind: 'out-of-range'; minSeconds: number; maxSeconds: number }
  | { kind: 'help' }
  | { kind: 'do-not-type' };

/** A live room in a doctor's list. `id` is short, and enough for `/glir revoke`. */
export interface ListedRoom {
  id: string;
  state: 'draft' | 'open' | 'interrupted';
  readers: number;
  leftSeconds: number;
}
