/** What the bot answers to a command that opens nothing, without a platform's looks. Never the note, never a link. */
export type Answer =
  | { kind: 'list'; rooms: ListedRoom[] }
  | { kind: 'revoked'; count: number }
  | { kind: 'not-found' }
  | { kind: 'help' }
  | { kind: 'do-not-type' };

/** A live room in a doctor's list. `id` is short, and enough for `/glir revoke`. */
export interface ListedRoom {
  id: string;
  state: 'draft' | 'open' | 'interrupted';
  readers: number;
  leftSeconds: number;
}
