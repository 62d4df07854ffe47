import type { WebSocket } from 'ws';
import { z } from 'zod';
import { END_REASONS } from '../protocol/constants.ts';
import { REFUSALS } from '../protocol/errors.ts';

/** How long a node may take to answer another one. */
export const ANSWER_MS = 1_500;

/** What stands for a room's id where the id itself is not known: its SHA-256 in base64url. */
const roomHash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const token = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const count = z.int().min(0);
/** Milliseconds since the Unix epoch. */
const time = z.number();

const tenantSchema = z.strictObject({
  platform: z.enum(['slack', 'teams', 'local']),
  tenant: z.string(),
});
const doctorSchema = tenantSchema.extend({ user: z.string() });

/**
 * A room as it crosses nodes: what a chat shows of it. Without the doctor's name and without what a page shows to get in;
 * every `Room` is one too.
 */
export const roomSnapshotSchema = z.strictObject({
  id: token,
  doctor: doctorSchema,
  state: z.enum(['draft', 'open', 'interrupted', 'ended']),
  createdAt: time,
  /** Milliseconds until it ends by itself: each node counts by a clock of its own. */
  leftMs: time,
  reading: count,
  waiting: z
    .array(z.strictObject({ readerId: token, number: z.int(), shortCode: z.string().regex(/^\d{6}$/) }))
    .readonly(),
  readBy: count,
  isPageVisible: z.boolean(),
});
export type RoomSnapshot = z.infer<typeof roomSnapshotSchema>;

/** How a node is, as its admin sees it. Names no person and no room. */
const nodeStatusSchema = z.strictObject({
  /** Where the other nodes reach it; null for a node by itself. */
  url: z.string().nullable(),
  version: z.string(),
  /** Milliseconds since it was started. */
  uptimeMs: time,
  rooms: count,
  workers: z.strictObject({ running: count, configured: count }),
  /** Whether everything can be written. */
  isWritable: z.boolean(),
  /** What went wrong lately, by kind and code, with how often and how long ago in milliseconds. */
  troubles: z
    .array(z.strictObject({ kind: z.enum(['refusal', 'connection']), code: z.string(), count, agoMs: time }))
    .max(200),
});
export type NodeStatus = z.infer<typeof nodeStatusSchema>;

/** What one node asks of another. */
export const commandSchema = z.discriminatedUnion('kind', [
  /** Answered with `rooms`: the room, or none when it is not live there. */
  z.strictObject({ kind: z.literal('find'), roomId: token }),
  /** Answered with `rooms`: all that the doctor has there. */
  z.strictObject({ kind: z.literal('rooms-of'), doctor: doctorSchema }),
  /** Answered with `hosted`: all that the tenant has there, or everybody. */
  z.strictObject({ kind: z.literal('list-rooms'), tenant: tenantSchema.nullable() }),
  /** Answered with `status`. */
  z.strictObject({ kind: z.literal('node-status') }),
  /** Answered with `ended`. */
  z.strictObject({ kind: z.literal('end'), roomId: token, reason: z.enum(END_REASONS) }),
  z.strictObject({ kind: z.literal('end-doctor'), doctor: doctorSchema, reason: z.enum(END_REASONS) }),
  z.strictObject({ kind: z.literal('end-tenant'), tenant: tenantSchema, reason: z.enum(END_REASONS) }),
  /** What the doctor decided about a reader; answered with `done`. */
  z.strictObject({
    kind: z.literal('decision'),
    roomId: token,
    readerId: token,
    decision: z.enum(['admit', 'refuse']),
  }),
  /** The doctor asked for more time; answered with `done`. */
  z.strictObject({ kind: z.literal('more-time'), roomId: token }),
]);
export type Command = z.infer<typeof commandSchema>;

/** What a node answers a command with. */
export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rooms'), rooms: z.array(roomSnapshotSchema) }),
  z.strictObject({ kind: z.literal('hosted'), node: z.string().nullable(), rooms: z.array(roomSnapshotSchema) }),
  z.strictObject({ kind: z.literal('status'), status: nodeStatusSchema }),
  z.strictObject({ kind: z.literal('ended'), count }),
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('refused'), code: z.enum(REFUSALS) }),
]);
export type Answer = z.infer<typeof answerSchema>;

const tombstoneSchema = z.strictObject({ reason: z.enum(END_REASONS), endedAt: time });

/**
 * What happened, for the other nodes: to a room, which a chat there may show, with what is to be seen of it. A room whose
 * server stops is `interrupted`: its composer brings it to another node, which then says `recovered`.
 */
export const clusterEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum([
      'drafted',
      'opened',
      'extended',
      'restricted',
      'interrupted',
      'resumed',
      'readers-changed',
      'recovered',
    ]),
    room: roomSnapshotSchema,
  }),
  z.strictObject({ kind: z.literal('ended'), room: roomSnapshotSchema, tombstone: tombstoneSchema }),
  /** A room that no node hosted was ended. */
  z.strictObject({ kind: z.literal('ended-absent'), room: roomHash, tombstone: tombstoneSchema }),
  /** Another node hosts the room now. */
  z.strictObject({ kind: z.literal('moved'), roomId: token, epoch: z.int() }),
  /** Somebody from that network showed a ticket, a link or an owner token that is none. */
  z.strictObject({ kind: z.literal('wrong-guess'), network: z.string() }),
]);
export type ClusterEvent = z.infer<typeof clusterEventSchema>;

/** A node that hosts a room. */
export interface RoomLocation {
  /** The run of that node's server, see `RoomRepository`. */
  readonly run: string;
  /** Where other nodes reach it. */
  readonly url: string;
  /** Counts up whenever a node takes the room, so that a former host can tell that it is none any more. */
  readonly epoch: number;
}

/** What came of a command that was given to several nodes. */
export interface Answers {
  readonly answers: readonly Answer[];
  /** How many of the nodes did not answer within `ANSWER_MS`. */
  readonly missing: number;
}

/** A person whose socket is passed on to the node that hosts the room. */
export interface ForwardedClient {
  /** Where the person comes from, as `src/limits` tells networks apart. */
  readonly network: string;
  /** Gets what the host sends. */
  onMessage(text: string): void;
  /** Is called once when the host closed the socket, with its code; with 1012 when the host cannot be reached any more. */
  onClose(code: number): void;
}

/** The way to the node that hosts the room. */
export interface ForwardedSocket {
  /** Sends a message, as soon as the way is open. */
  send(text: string): void;
  /** Characters and bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** The person is gone: the client hears nothing more. */
  close(): void;
}

/**
 * The other nodes that serve the same doctors and patients, as one of them sees them. What a node publishes before it
 * answers arrives before its answer. Nothing here rejects with anything but Refused `unavailable`, when the nodes' shared
 * state cannot be asked.
 */
export interface Cluster {
  /** The run of this node's server. */
  readonly run: string;
  /** Registers this node: from now on others ask it and forward to it. Rejects with an Error that says what to set. */
  start(): Promise<void>;
  /** This node is gone for the others. Sockets between it and them close with 1012. */
  close(): Promise<void>;
  /** Which other node, one that is alive, hosts a room; null when this one does, or none. */
  locate(roomId: string): Promise<RoomLocation | null>;
  /** Where the node of a run is reached, or was; null when it has stopped, or was not there for an hour. */
  whereIs(run: string): Promise<string | null>;
  /**
   * Whether the server of that run answers at its URL, within 1.5 s. One that refuses this node's signature, because of another
   * key or a wrong clock, counts as that server: it cannot be told to be gone. Never rejects.
   */
  answersAt(url: string, run: string): Promise<boolean>;
  /** Gives a command to the node of that run, or to all `others` that are alive; settles within `ANSWER_MS`. */
  ask(target: string | 'others', command: Command): Promise<Answers>;
  /** Tells all other nodes. */
  publish(event: ClusterEvent): void;
  /** From now on `serve` answers what other nodes ask this one. A call that rejects is no answer. */
  onCommand(serve: (command: Command) => Promise<Answer>): void;
  /** Calls `listener` with what other nodes publish, until the returned function is called. */
  onEvent(listener: (event: ClusterEvent) => void): () => void;
  /** Calls `listener` when events may have been missed, which can be asked for again from now on. */
  onGap(listener: () => void): () => void;
  /** Passes a person's socket on to the node that hosts the room. */
  forward(host: RoomLocation, client: ForwardedClient): ForwardedSocket;
  /** From now on `accept` gets the sockets that other nodes pass on to this one, with the network of the person behind each. */
  onForwarded(accept: (socket: WebSocket, network: string) => void): void;
}
