import * as z from 'zod/mini';
import { CONNECTION_FAILURES, cutSeconds } from './connection-failures.ts';
import { ADMISSIONS, END_REASONS, LIMITS } from './constants.ts';
import { REFUSALS } from './errors.ts';

/**
 * The signalling's messages: one union per direction, each message a JSON text on the WebSocket. A client message with
 * an `id` is answered by exactly one `reply` or `refused` with the same `id`.
 */

const token = (length: number) => z.string().check(z.regex(new RegExp(`^[A-Za-z0-9_-]{${length}}$`)));
const roomId = token(22);
const readerId = token(22);
const key = token(43);
const id = z.int().check(z.minimum(1));
const version = z.int();
const ciphertext = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]+$/), z.maxLength(Math.ceil((LIMITS.ciphertextBytes * 4) / 3)));

const prekey = z.strictObject({ pkD: token(87), nonce: token(22), commit: key });

const dtls = z.strictObject({
  role: z.exactOptional(z.enum(['auto', 'client', 'server'])),
  fingerprints: z
    .array(
      z.strictObject({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().check(z.maxLength(256)),
      }),
    )
    .check(z.minLength(1), z.maxLength(8)),
});

const sctpStream = z.strictObject({
  streamId: z.int().check(z.minimum(0), z.maximum(65_535)),
  ordered: z.exactOptional(z.boolean()),
  maxPacketLifeTime: z.exactOptional(z.int()),
  maxRetransmits: z.exactOptional(z.int()),
});

/** What the doctor chose for a room. */
export const policySchema = z.strictObject({
  expirySeconds: z.int().check(z.minimum(LIMITS.expiryMinSeconds), z.maximum(LIMITS.expiryMaxSeconds)),
  admission: z.enum(ADMISSIONS),
  maxReaders: z.int().check(z.minimum(1), z.maximum(LIMITS.readersMax)),
  showName: z.boolean(),
});
export type Policy = z.infer<typeof policySchema>;

/** How far the doctor may choose: the server's limits, or the stricter ones of the doctor's workspace. */
export const policyLimitsSchema = z.object({
  expiryMaxSeconds: z.int(),
  maxReaders: z.int(),
  admissions: z.array(z.enum(ADMISSIONS)).check(z.minLength(1)),
});
export type PolicyLimits = z.infer<typeof policyLimitsSchema>;

/** Client to server: from the composer, from a reader, and what both send (`connect`, `restart-ice`, `connection-failed`, `leave`). */
export const clientMessageSchema = z.discriminatedUnion('t', [
  /** What a ticket is good for, which uses nothing up: a page asks when it is loaded, also one that a scanner loads. */
  z.strictObject({ t: z.literal('look'), id, version, ticket: key }),
  /**
   * Sent when somebody begins to write. `page`: random, chosen by the page, which may redeem its ticket again when the reply
   * was lost.
   */
  z.strictObject({ t: z.literal('compose'), id, version, ticket: key, page: z.exactOptional(token(22)) }),
  z.strictObject({ t: z.literal('resume'), id, version, ownerToken: z.string().check(z.maxLength(4096)) }),
  /**
   * Another note, answered with a ticket: for the page that owns one, or owned one which ended by itself; or for whoever has a
   * ticket that another browser used.
   */
  z.strictObject({
    t: z.literal('draft-again'),
    id,
    version,
    /** One of the two. */
    ownerToken: z.exactOptional(z.string().check(z.maxLength(4096))),
    ticket: z.exactOptional(key),
  }),
  /** Said again for an open room, it can only make the choice stricter. */
  z.strictObject({ t: z.literal('share'), id, joinHash: key, policy: policySchema }),
  z.strictObject({ t: z.literal('prekey'), id, sctp: sctpStream, prekey }),
  z.strictObject({ t: z.literal('admit'), id, readerId }),
  /** `because`: no place was left for a reader whom nobody declined. */
  z.strictObject({ t: z.literal('refuse'), id, readerId, because: z.exactOptional(z.literal('room-full')) }),
  /**
   * What the chat where the doctor typed /glir may show: who waits, with the short codes, and how many have read. While the page
   * can be seen, the chat does not ring for what is on it.
   */
  z.strictObject({
    t: z.literal('report-readers'),
    id,
    waiting: z
      .array(z.strictObject({ readerId, number: z.int(), shortCode: z.string().check(z.regex(/^\d{6}$/)) }))
      .check(z.maxLength(64)),
    readBy: z.int().check(z.minimum(0)),
    isVisible: z.exactOptional(z.boolean()),
  }),
  /** The whole life that an open room is to have, within its limits; never less than it has. */
  z.strictObject({
    t: z.literal('extend'),
    id,
    totalSeconds: z.int().check(z.minimum(LIMITS.expiryMinSeconds), z.maximum(LIMITS.expiryMaxSeconds)),
  }),
  z.strictObject({ t: z.literal('end'), id, reason: z.enum(['revoked', 'locked']) }),
  /**
   * `before`: this page's earlier connection, which the server may still take for alive; it ends. With `dtls` the server is
   * connected when it answers, and the page sends no `connect`. `hold`, from another node alone: the reader is kept under this
   * token until its socket comes.
   */
  z.strictObject({
    t: z.literal('join'),
    id,
    version,
    roomId,
    joinKey: key,
    before: z.exactOptional(readerId),
    dtls: z.exactOptional(dtls),
    hold: z.exactOptional(token(22)),
  }),
  /** Takes over a join that was made by `POST /join`; `token` came with its answer, and is good once. */
  z.strictObject({ t: z.literal('attach'), id, roomId, token: token(22) }),
  z.strictObject({ t: z.literal('knock'), id, enc: token(87), ciphertext }),
  z.strictObject({ t: z.literal('connect'), id, dtls }),
  z.strictObject({ t: z.literal('restart-ice'), id }),
  /** A connection for files, of the composer or of an admitted reader; a later one replaces the one before. */
  z.strictObject({ t: z.literal('open-files'), id, dtls }),
  z.strictObject({ t: z.literal('sealed'), readerId: z.exactOptional(readerId), ciphertext }),
  /** What keeps this page from the note; `seconds`: how long its sockets lived, where they are cut. Nothing answers it. */
  z.strictObject({
    t: z.literal('connection-failed'),
    code: z.enum(CONNECTION_FAILURES),
    seconds: z.exactOptional(cutSeconds),
  }),
  z.strictObject({ t: z.literal('leave') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

const iceParameters = z.object({
  usernameFragment: z.string(),
  password: z.string(),
  iceLite: z.exactOptional(z.boolean()),
});

/** The server's end of a WebRTC transport, as mediasoup-client wants it. */
const transport = z.object({
  id: z.string(),
  iceParameters,
  iceCandidates: z.array(
    z.object({
      foundation: z.string(),
      priority: z.number(),
      ip: z.string(),
      address: z.string(),
      protocol: z.enum(['udp', 'tcp']),
      port: z.number(),
      type: z.literal('host'),
      tcpType: z.exactOptional(z.literal('passive')),
    }),
  ),
  dtlsParameters: dtls,
  sctpParameters: z.object({ port: z.number(), maxSendMessageSize: z.number(), maxReceiveMessageSize: z.number() }),
  iceServers: z.array(
    z.object({
      urls: z.array(z.string()),
      username: z.exactOptional(z.string()),
      credential: z.exactOptional(z.string()),
    }),
  ),
  iceTransportPolicy: z.enum(['all', 'relay']),
});
export type TransportInfo = z.infer<typeof transport>;

/** Bytes that one file may have, and all files of a note together; 0 where there are to be none. */
const filesLimits = z.object({ fileBytes: z.int(), totalBytes: z.int() });
export type FilesLimits = z.infer<typeof filesLimits>;

/** Whether the doctor was asked for the policy in the chat, so that the page need not ask again. */
const isChosen = z.exactOptional(z.boolean());

const composing = z.object({
  roomId,
  ownerToken: z.string(),
  displayName: z.string(),
  policy: policySchema,
  isChosen,
  limits: policyLimitsSchema,
  files: filesLimits,
  /** Milliseconds until the room expires, null while it is a draft. */
  leftMs: z.nullable(z.number()),
  transport,
});

/** An open room as it is from now on, whatever was asked for: its whole life and what is left of it, in milliseconds. */
const opened = z.object({ ownerToken: z.string(), policy: policySchema, leftMs: z.number(), totalMs: z.number() });

/** What each request is answered with; requests that are not listed are answered with an empty object. */
export const replySchemas = {
  look: z.object({
    displayName: z.string(),
    policy: policySchema,
    isChosen,
    limits: policyLimitsSchema,
    files: filesLimits,
    /** Milliseconds for which the ticket is good. */
    leftMs: z.number(),
  }),
  compose: composing,
  resume: composing,
  'draft-again': z.object({ ticket: key }),
  share: opened,
  prekey: z.object({ prekeyId: z.string() }),
  admit: z.object({}),
  refuse: z.object({}),
  'report-readers': z.object({}),
  extend: opened,
  end: z.object({}),
  join: z.object({
    readerId,
    /** The doctor's display name, null when the doctor keeps it private. */
    who: z.nullable(z.string()),
    /** The practice's phone number, null when its admin gave none. */
    phone: z.nullable(z.string()),
    admission: z.enum(ADMISSIONS),
    leftMs: z.number(),
    totalMs: z.number(),
    prekey,
    transport,
    channel: z.object({
      id: z.string(),
      dataProducerId: z.string(),
      sctpStreamParameters: sctpStream,
      label: z.string(),
      protocol: z.string(),
    }),
  }),
  attach: z.object({}),
  knock: z.object({}),
  connect: z.object({}),
  /** A reader's channel is the first stream of this transport. */
  'open-files': z.object({ transport }),
  'restart-ice': z.object({ iceParameters, iceServers: z.exactOptional(transport.shape.iceServers) }),
} as const;
export type RequestType = keyof typeof replySchemas;
export type Request<T extends RequestType> = Omit<Extract<ClientMessage, { t: T }>, 't' | 'id'>;
export type Reply<T extends RequestType> = z.infer<(typeof replySchemas)[T]>;

/** Server to client. */
export const serverMessageSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('reply'), id, data: z.unknown() }),
  /** Without an `id` the refusal is about a message that could not be read at all. */
  z.object({ t: z.literal('refused'), id: z.exactOptional(id), code: z.enum(REFUSALS) }),
  /** Comes every `heartbeatSeconds`; a client that misses it for `heartbeatLostSeconds` counts itself as cut off. */
  z.object({ t: z.literal('heartbeat') }),
  /** `agoMs`: how long ago, for whoever comes after the end. */
  z.object({
    t: z.literal('ended'),
    reason: z.enum(END_REASONS),
    agoMs: z.number(),
    /** The practice's phone number, null when its admin gave none. */
    phone: z.nullable(z.string()),
  }),
  /** To the composer: a prekey is used up, make another. */
  z.object({ t: z.literal('prekey-taken'), prekeyId: z.string() }),
  /** The doctor decided about a waiting reader in the chat. */
  z.object({ t: z.literal('decision-requested'), readerId, decision: z.enum(['admit', 'refuse']) }),
  /** The doctor asked for more time in the chat: `moreTimeSeconds`. */
  z.object({ t: z.literal('more-time-requested') }),
  z.object({ t: z.literal('knocked'), readerId, prekeyId: z.string(), enc: z.string(), ciphertext: z.string() }),
  z.object({ t: z.literal('reader-left'), readerId, prekeyId: z.string() }),
  /** To the composer: this reader is connected for files, on this stream of the composer's connection for files. */
  z.object({ t: z.literal('files-opened'), readerId, streamId: z.int().check(z.minimum(0), z.maximum(65_534)) }),
  /** Both ways through the server, which cannot read it; `readerId` says to the composer who it was. */
  z.object({ t: z.literal('sealed'), readerId: z.exactOptional(readerId), ciphertext: z.string() }),
  /** To a reader. */
  z.object({ t: z.literal('declined') }),
  /** The composer is away. `who` and `phone`, as for a join, to a reader who comes meanwhile. */
  z.object({
    t: z.literal('interrupted'),
    who: z.exactOptional(z.nullable(z.string())),
    phone: z.exactOptional(z.nullable(z.string())),
  }),
  z.object({ t: z.literal('untapped') }),
  /** The doctor gave the room more time. */
  z.object({ t: z.literal('time-left'), leftMs: z.number(), totalMs: z.number() }),
  /** The composer is back after an interruption: join again. */
  z.object({ t: z.literal('resumed') }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/**
 * What `POST /join` answers: what a socket would have been sent up to the answer to the join, and the token for `attach` where
 * there is something to take over.
 */
export const earlyJoinSchema = z.object({ messages: z.array(z.unknown()), token: z.exactOptional(token(22)) });
