import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { SECRET_BYTES } from '../protocol/link.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** The key is used once, so its nonce may be the same for every ticket. */
const NONCE = new Uint8Array(12);
const KEY_INFO = 'GLIR ticket';

/**
 * A fresh single-use ticket (base64url, 256 random bits) that stands for `ownerToken`, and what is to be kept of it: neither
 * the ticket nor the token can be made from that.
 */
export function sealTicket(ownerToken: string): { ticket: string; hash: Uint8Array; box: Uint8Array } {
  const ticket = toBase64Url(randomBytes(SECRET_BYTES));
  const cipher = createCipheriv(CIPHER, keyOf(ticket), NONCE);
  const box = Buffer.concat([cipher.update(ownerToken, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { ticket, hash: hashOfTicket(ticket), box };
}

/** The owner token that a ticket stands for; null when the box is another ticket's, or was changed. */
export function openTicket(ticket: string, box: Uint8Array): string | null {
  const decipher = createDecipheriv(CIPHER, keyOf(ticket), NONCE, { authTagLength: TAG_BYTES });
  try {
    decipher.setAuthTag(box.subarray(-TAG_BYTES));
    return decipher.update(box.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}

/** What is kept of a ticket, or of the word by which a page is known that used one. */
export function hashOfTicket(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** HKDF (RFC 5869) with SHA-256. */
function keyOf(ticket: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', ticket, '', KEY_INFO, KEY_BYTES));
}
