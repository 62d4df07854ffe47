import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { answerSchema, clusterEventSchema, commandSchema } from './cluster.ts';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D, section 8.2.2: random, so no more than 2^32 texts under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** How long a message is good for, by the database's clock. */
export const MESSAGE_MS = 30_000;

/** What a node says to one other, or to all. */
export const messageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ask'), id: z.uuid(), command: commandSchema }),
  z.strictObject({ kind: z.literal('answer'), id: z.uuid(), answer: answerSchema }),
  z.strictObject({ kind: z.literal('event'), event: clusterEventSchema }),
  /** Something that the sender published before may not have arrived. */
  z.strictObject({ kind: z.literal('gap') }),
]);
export type NodeMessage = z.infer<typeof messageSchema>;

const header = { from: z.string().min(1).max(64), seq: z.int().min(1), at: z.number() };
const envelopeSchema = z.union([
  z.strictObject({ ...header, message: messageSchema }),
  /** The message is in this row of `node_messages`, sealed as well. */
  z.strictObject({ ...header, row: z.int().min(1) }),
]);

/** A message, or where it is kept. */
export type Opened = z.infer<typeof envelopeSchema>;

/**
 * Encrypts and authenticates what nodes say to each other through the database (AES-256-GCM): whoever can read it learns
 * nothing, and whoever can send notifications is not believed. A message is bound to its channel, good for 30 s, and heard
 * once.
 */
export class MessageSeal {
  readonly #key: KeyObject;
  readonly #run: string;
  readonly #now: () => number;
  readonly #heard = new Map<string, { seq: number; at: number }>();
  #startedAt = 0;
  #seq = 0;

  /** `now` is the database's time. */
  constructor({ key, run, now }: { key: KeyObject; run: string; now: () => number }) {
    this.#key = key;
    this.#run = run;
    this.#now = now;
  }

  /** From now on messages count that are sent from now on: what was recorded before cannot be told from a repetition. */
  start(): void {
    this.#startedAt = this.#now();
  }

  /** The next message of this node; give them to the database in the order in which they were sealed. */
  seal(channel: string, message: NodeMessage): string {
    return this.#seal(channel, { ...this.#header(), message });
  }

  /** The same for a message that is too large for a notification: what to put into a row, and the notification for it. */
  sealStored(channel: string, message: NodeMessage): { stored: string; notification(row: number): string } {
    const head = this.#header();
    return {
      stored: this.#seal(storedContext(channel, head), message),
      notification: (row) => this.#seal(channel, { ...head, row }),
    };
  }

  /** What another node said; null for what is none of theirs, too old, or a repetition. */
  open(channel: string, payload: string): Opened | null {
    const opened = envelopeSchema.safeParse(this.#open(channel, payload));
    if (!opened.success) return null;
    const { from, seq, at } = opened.data;
    const now = this.#now();
    // The database's clock was set back since.
    if (now < this.#startedAt) this.#startedAt = 0;
    if (Math.abs(now - at) > MESSAGE_MS || at < this.#startedAt) return null;
    if (from !== this.#run) {
      if (seq <= (this.#heard.get(from)?.seq ?? 0)) return null;
      this.#heard.set(from, { seq, at });
    }
    return opened.data;
  }

  /** What was in the row of `opened`; null when it is not what was put there. */
  openStored(channel: string, opened: Opened, stored: string): NodeMessage | null {
    const message = messageSchema.safeParse(this.#open(storedContext(channel, opened), stored));
    return message.success ? message.data : null;
  }

  /** Forgets what is too old to be repeated. */
  forget(): void {
    const oldest = this.#now() - 2 * MESSAGE_MS;
    for (const [from, { at }] of this.#heard) if (at < oldest) this.#heard.delete(from);
  }

  #header(): { from: string; seq: number; at: number } {
    this.#seq += 1;
    return { from: this.#run, seq: this.#seq, at: this.#now() };
  }

  #seal(context: string, value: object): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(context));
    const box = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, box, cipher.getAuthTag()]).toString('base64');
  }

  /** Undefined when it does not open. */
  #open(context: string, sealed: string): unknown {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(-TAG_BYTES)];
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
      const text = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
      return JSON.parse(Buffer.concat(text).toString('utf8'));
    } catch {
      return undefined;
    }
  }
}

function storedContext(channel: string, { from, seq }: { from: string; seq: number }): string {
  return JSON.stringify([channel, 'row', from, seq]);
}
