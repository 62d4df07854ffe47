import { z } from 'zod';
import { Secret } from './secret.ts';

/** A key for data at rest. */
export interface DataKey {
  /** Stands beside what was encrypted with the key, so that it is found again. */
  readonly id: string;
  /** 32 bytes in base64. */
  readonly key: Secret;
}

/** How to make a key, for messages. */
export const MAKE_A_DATA_KEY = 'Make one with: openssl rand -base64 32';

/** The key of the documentation, which everybody knows. */
export const EXAMPLE_DATA_KEY = 'ZXhhbXBsZTogbWFrZSBhIGtleSBvZiB5b3VyIG93biE=';

const ID = /^[A-Za-z0-9_-]{1,32}$/;
/** 32 bytes, with or without padding. */
const KEY = /^[A-Za-z0-9+/]{43}=?$/;

/**
 * A comma-separated list of `id:base64(32 bytes)`, spaces around entries do not count. No message repeats an entry: it
 * is a secret, or was meant to be one.
 */
export function dataKeys() {
  return z.string().transform((text, context): readonly DataKey[] => {
    const entries = text.split(',').map((entry) => entry.trim());
    const wrong = entries.map(wrongWithEntry).find((found) => found !== null) ?? wrongWithAll(entries);
    if (wrong === null) return entries.map(split).map(({ id, base64 }) => ({ id, key: new Secret(base64) }));
    context.addIssue({ code: 'custom', message: `${wrong} Set id:key, such as k1:KEY. ${MAKE_A_DATA_KEY}` });
    return z.NEVER;
  });
}

function split(entry: string): { id: string; base64: string } {
  const [id = '', ...rest] = entry.split(':');
  return { id, base64: rest.join(':') };
}

function wrongWithEntry(entry: string, index: number): string | null {
  const { id, base64 } = split(entry);
  const which = `entry ${index + 1}`;
  if (!entry.includes(':')) return `${which} has no id before its key.`;
  if (!ID.test(id)) return `${which} has an id with other than 1 to 32 letters, digits, - and _.`;
  if (!KEY.test(base64)) return `${which} has no key of 32 bytes in base64.`;
  return null;
}

function wrongWithAll(entries: readonly string[]): string | null {
  const ids = entries.map((entry) => split(entry).id);
  const keys = entries.map((entry) => hexOf(split(entry).base64));
  if (new Set(ids).size < ids.length) return 'two entries have the same id.';
  if (new Set(keys).size < keys.length) return 'two entries have the same key.';
  return null;
}

function hexOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
