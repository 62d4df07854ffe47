import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { DataKey } from '../config/secret.ts';
import { StoreError } from './errors.ts';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D, section 8.2.2: random, so no more than 2^32 texts under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** An encrypted text, with the id of its key. */
export interface Sealed {
  keyId: string;
  nonce: Uint8Array;
  /** Ciphertext, then the tag. */
  box: Uint8Array;
}

/** Encrypts with its first key and decrypts with any of them. */
export interface KeyRing {
  /** Id of the key that encrypts. */
  readonly currentId: string;
  /** `context` says what the text is and whose; opening it in another context fails. */
  seal(text: string, context: readonly string[]): Sealed;
  /** Throws StoreError: `missing-key`, `tampered`. */
  open(sealed: Sealed, context: readonly string[]): string;
}

/**
 * AES-256-GCM (NIST SP 800-38D) with a fresh nonce for each text; context and key id are authenticated with it.
 *
 * @throws StoreError `unusable` without any key
 */
export function createKeyRing(dataKeys: readonly DataKey[]): KeyRing {
  const keys = new Map(dataKeys.map(({ id, key }) => [id, createSecretKey(key.reveal(), 'base64')]));
  const current = dataKeys[0]?.id;
  if (current === undefined) throw new StoreError('unusable', 'There is no key for data at rest. Set GLIR_DATA_KEYS.');

  return {
    currentId: current,
    seal: (text, context) => seal(current, keyOf(keys, current), text, context),
    open: (sealed, context) => open(keyOf(keys, sealed.keyId), sealed, context),
  };
}

/** For a GLIR without GLIR_DATA_KEYS, which keeps nothing that has to be encrypted: every use throws `unusable`. */
export const noKeyRing: KeyRing = {
  get currentId() {
    return createKeyRing([]).currentId;
  },
  seal: (text, context) => createKeyRing([]).seal(text, context),
  open: (sealed, context) => createKeyRing([]).open(sealed, context),
};

function keyOf(keys: ReadonlyMap<string, KeyObject>, id: string): KeyObject {
  const key = keys.get(id);
  if (key !== undefined) return key;
  const message = `Stored data was encrypted with the key "${id}", which GLIR_DATA_KEYS does not hold. Add that key again, behind the others.`;
  throw new StoreError('missing-key', message);
}

function seal(keyId: string, key: KeyObject, text: string, context: readonly string[]): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(context, keyId));
  const box = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { keyId, nonce, box };
}

function open(key: KeyObject, { keyId, nonce, box }: Sealed, context: readonly string[]): string {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(context, keyId));
    const end = box.length - TAG_BYTES;
    decipher.setAuthTag(box.subarray(end));
    return Buffer.concat([decipher.update(box.subarray(0, end)), decipher.final()]).toString('utf8');
  } catch {
    const message = `Stored data does not decrypt with its key "${keyId}": it was changed outside of GLIR, or another key has that id now. Restore a backup or the key, or install GLIR there again.`;
    throw new StoreError('tampered', message);
  }
}

/** As JSON, so that no two contexts read the same. */
function boundTo(context: readonly string[], keyId: string): Buffer {
  return Buffer.from(JSON.stringify([...context, keyId]));
}
