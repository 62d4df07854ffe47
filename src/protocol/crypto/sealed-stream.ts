import type { CryptoKey } from 'hpke';
import { type Bytes, concat, copyOf } from '../bytes.ts';
import { pad, unpad } from './padding.ts';

const COUNTER_BYTES = 8;
const NONCE_BYTES = 12;
const KEY_BYTES = 16;

/** A frame that was altered, cut, repeated, reordered or made with another key. The stream cannot go on. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
}

/** Seals messages of one direction, in order. */
export interface Sealer {
  /**
   * Pads to 1 KiB steps and encrypts; gives `counter (8 bytes) || ciphertext and tag`. Frames come in the order of the
   * calls, also when a short message follows a long one at once.
   */
  seal(content: Bytes): Promise<Bytes>;
}

/** Opens the frames of one direction, strictly in order. */
export interface Opener {
  /** The content of the next frame. Rejects with StreamError, after which nothing more is opened. */
  open(frame: Bytes): Promise<Bytes>;
}

/**
 * AES-128-GCM (NIST SP 800-38D) with a counter as nonce: each key belongs to one direction of one reader, so no
 * nonce repeats. The raw key is overwritten once WebCrypto holds it.
 */
export async function createSealer(rawKey: Bytes): Promise<Sealer> {
  const key = await importKey(rawKey, 'encrypt');
  const queue = inSequence();
  let next = 0;

  async function sealNext(padded: Bytes): Promise<Bytes> {
    const counter = counterBytes(next++);
    return concat(counter, new Uint8Array(await crypto.subtle.encrypt(gcm(counter), key, padded)));
  }

  return {
    seal(content) {
      const padded = pad(content);
      return queue(() => sealNext(padded));
    },
  };
}

/** The other side of `createSealer`. */
export function createOpener(rawKey: Bytes): Promise<Opener> {
  return openerOf(rawKey, (counter, next) => counter === next);
}

/** The same where frames may be lost on the way: none is opened twice, or after a later one. */
export function openWithGaps(rawKey: Bytes): Promise<Opener> {
  return openerOf(rawKey, (counter, next) => counter >= next);
}

async function openerOf(rawKey: Bytes, mayCome: (counter: number, next: number) => boolean): Promise<Opener> {
  const key = await importKey(rawKey, 'decrypt');
  const queue = inSequence();
  let next = 0;

  async function openNext(frame: Bytes): Promise<Bytes> {
    const counter = copyOf(frame.subarray(0, COUNTER_BYTES));
    const number = frame.length <= COUNTER_BYTES ? -1 : Number(new DataView(counter.buffer).getBigUint64(0));
    if (!mayCome(number, next)) throw new StreamError('a frame is missing, repeated or out of order');
    try {
      const padded = await crypto.subtle.decrypt(gcm(counter), key, copyOf(frame.subarray(COUNTER_BYTES)));
      next = number + 1;
      return unpad(new Uint8Array(padded));
    } catch {
      throw new StreamError('a frame was altered or made with another key');
    }
  }

  return { open: (frame) => queue(() => openNext(frame)) };
}

/** Runs steps one after the other; once a step has failed, every later one fails the same way without running. */
function inSequence(): <Result>(step: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (step) => {
    const result = last.then(step);
    last = result;
    // The rejection reaches the caller through `result`; this keeps the chain itself from reporting it twice.
    last.catch(() => undefined);
    return result;
  };
}

async function importKey(rawKey: Bytes, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  if (rawKey.length !== KEY_BYTES) throw new RangeError(`a stream key has ${KEY_BYTES} bytes`);
  const key = await crypto.subtle.importKey('raw', rawKey, 'AES-GCM', false, [usage]);
  rawKey.fill(0);
  return key;
}

function counterBytes(counter: number): Bytes {
  const bytes = new Uint8Array(COUNTER_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter));
  return bytes;
}

function gcm(counter: Bytes) {
  const iv = concat(new Uint8Array(NONCE_BYTES - COUNTER_BYTES), counter);
  return { name: 'AES-GCM', iv, additionalData: counter };
}
