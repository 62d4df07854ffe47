import type { LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Readers } from './readers.ts';
import type { ComposerState, Policy } from './state.ts';

/** This page's room. */
export interface Room {
  id: string;
  keys: LinkKeys;
  link: string;
  owner: string;
  displayName: string;
  readers: Readers;
  /** Local time of expiry; null while the room is a draft. */
  until: number | null;
}

/** The state when the room has just been shared. */
export function opened({ until, displayName, link, readers }: Room, policy: Policy, leftMs: number): ComposerState {
  const totalMs = policy.expirySeconds * 1000;
  const time = { until: until ?? 0, leftMs, totalMs };
  return { name: 'open', policy, displayName, link, ...time, readers: readers.rows, interrupted: false, notice: null };
}
