import type { CryptoKey } from 'hpke';
import { type Bytes, concat, sha256, toBase64Url, utf8 } from '../bytes.ts';
import { SECRET_BYTES } from '../link.ts';

/** What a note link's secret gives. The two keys are independent: knowing one says nothing about the other. */
export interface LinkKeys {
  /** Pre-shared key of the handshake, 32 bytes; never leaves the browser. */
  psk: Bytes;
  /** Shown to the server to join, 32 bytes; before that the server knows only its hash. */
  joinKey: Bytes;
}

/**
 * Derives a note link's keys with HKDF-SHA256 (RFC 5869), bound to the room.
 * Throws RangeError when the secret has not exactly 32 bytes (RFC 9180, section 9.5: a PSK needs 32 bytes of entropy).
 */
export async function deriveLinkKeys(secret: Bytes, roomId: string): Promise<LinkKeys> {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`a secret has ${SECRET_BYTES} bytes`);
  const ikm = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const derive = (label: string) => hkdf(ikm, utf8(roomId), label, 32);
  const [psk, joinKey] = await Promise.all([derive('glir/1 psk'), derive('glir/1 join')]);
  return { psk, joinKey };
}

/** What the server keeps of a join key: SHA-256 in base64url. The key has 256 random bits, so no slow hash is needed. */
export async function joinHashOf(joinKey: Bytes): Promise<string> {
  return toBase64Url(await sha256(joinKey));
}

/** HKDF-SHA256 (RFC 5869) of an imported key to `length` bytes, with a text as info. */
export async function hkdf(ikm: CryptoKey, salt: Bytes, label: string, length: number): Promise<Bytes> {
  const params = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(label) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, ikm, length * 8));
}

/** Joins byte strings so that no two different lists give the same result: each goes with its 2-byte length. */
export function lengthPrefixed(...parts: Bytes[]): Bytes {
  return concat(...parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 0xff), part]));
}
