import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The header of a request between nodes. */
export const SIGNATURE_HEADER = 'glir-node';
/** How long a signature is good for, by the database's clock. */
export const SIGNATURE_MS = 30_000;
const NONCE_BYTES = 16;

const claimsSchema = z.strictObject({
  from: z.string().min(1).max(64),
  to: z.string().min(1).max(64),
  origin: z.string().max(512),
  at: z.number(),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  network: z.string().max(128),
});

/** Who asks whom and where, and for a person from which network (empty when for none). */
export type Claims = z.infer<typeof claimsSchema>;

/** The request's method and path, which the signature covers. */
interface Target {
  readonly method: string;
  readonly path: string;
}

/** Signs requests of this node and checks those of others: HMAC-SHA256 under a key that all nodes have. */
export class RequestSignatures {
  readonly #key: KeyObject;
  readonly #run: string;
  readonly #now: () => number;
  readonly #used = new Map<string, number>();

  /** `now` is the database's time. */
  constructor({ key, run, now }: { key: KeyObject; run: string; now: () => number }) {
    this.#key = key;
    this.#run = run;
    this.#now = now;
  }

  /** The header for a request to the node of a run. */
  sign(target: Target, { run: to, url: origin }: { run: string; url: string }, network = ''): string {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const claims: Claims = { from: this.#run, to, origin, at: this.#now(), nonce, network };
    const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${text}.${this.#macOf(target, text).toString('base64url')}`;
  }

  /** What a request claims; null when no node signed it for this request, when it is too old, or was seen before. */
  check(target: Target, header: string | undefined): Claims | null {
    const [text = '', mac = '', ...more] = header?.split('.') ?? [];
    if (more.length > 0 || !isSame(this.#macOf(target, text), Buffer.from(mac, 'base64url'))) return null;
    const claims = claimsSchema.safeParse(parse(Buffer.from(text, 'base64url').toString('utf8')));
    if (!claims.success) return null;
    const { at, nonce } = claims.data;
    const now = this.#now();
    if (Math.abs(now - at) > SIGNATURE_MS || this.#used.has(nonce)) return null;
    for (const [old, until] of this.#used) {
      // They are in the order in which they came, and good for as long, give or take how far clocks differ.
      if (until >= now) break;
      this.#used.delete(old);
    }
    this.#used.set(nonce, now + 2 * SIGNATURE_MS);
    return claims.data;
  }

  /** Proves to the sender of a request that a node with the key answers it with this body; goes back in the same header. */
  answer(header: string, body = ''): string {
    return createHmac('sha256', this.#key).update(`answer\n${header}\n${body}`).digest('base64url');
  }

  /** Whether it is the answer to the request with this header. */
  isAnswer(header: string, answer: string | undefined, body = ''): boolean {
    return isSame(Buffer.from(this.answer(header, body)), Buffer.from(answer ?? ''));
  }

  #macOf({ method, path }: Target, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${method}\n${path}\n${text}`).digest();
  }
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
