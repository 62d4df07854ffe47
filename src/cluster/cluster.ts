import { z } from 'zod';
import { END_REASONS } from '../protocol/constants.ts';
import { REFUSALS } from '../protocol/errors.ts';

/** How long a node may take to answer another one. */
export const ANSWER_MS = 1_500;

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
  expiresAt: time,
  reading: count,
  waiting: z
    .array(z.strictObject({ readerId: token, number: z.int(), shortCode: z.string().regex(/^\d{6}$/) }))
    .readonly(),
  readBy: count,
});
export type RoomSnapshot = z.infer<typeof roomSnapshotSchema>;

/** What one node asks of another. */
export const commandSchema = z.discriminatedUnion('kind', [
  /** Answered with `rooms`: the room, or none when it is not live there. */
  z.strictObject({ kind: z.literal('find'), roomId: token }),
  /** Answered with `rooms`: all that the doctor has there. */
  z.strictObject({ kind: z.literal('rooms-of'), doctor: doctorSchema }),
  /** Answered with `counts`. */
  z.strictObject({ kind: z.literal('count-rooms'), doctor: doctorSchema }),
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
]);
export type Command = z.infer<typeof commandSchema>;

/** What a node answers a command with. */
export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rooms'), rooms: z.array(roomSnapshotSchema) }),
  /** How many rooms the doctor, and all doctors of the tenant, have open there. */
  z.strictObject({ kind: z.literal('counts'), user: count, tenant: count }),
  z.strictObject({ kind: z.literal('ended'), count }),
  z.strictObject({ kind: z.literal('done') }),
  z.strictObject({ kind: z.literal('refused'), code: z.enum(REFUSALS) }),
]);
export type Answer = z.infer<typeof answerSchema>;

/**
 * What happened to a room, for nodes where a chat may show it. A room whose server stops is `interrupted`: its composer
 * brings it to another node, which then says `recovered`.
 */
export const clusterEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['drafted', 'opened', 'extended', 'interrupted', 'resumed', 'readers-changed', 'recovered']),
    room: roomSnapshotSchema,
  }),
  z.strictObject({
    kind: z.literal('ended'),
    room: roomSnapshotSchema,
    tombstone: z.strictObject({ reason: z.enum(END_REASONS), endedAt: time }),
  }),
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

/**
 * The other nodes that serve the same doctors and patients, as one of them sees them. What a node publishes before it
 * answers arrives before its answer. Nothing here rejects with anything but Refused `unavailable`, when the nodes' shared
 * state cannot be asked.
 */
export interface Cluster {
  /** Which other node hosts a room; null when this one does, or none. */
  locate(roomId: string): Promise<RoomLocation | null>;
  /** Gives a command to the node of that run, or to all `others` that are alive; settles within `ANSWER_MS`. */
  ask(target: string | 'others', command: Command): Promise<Answers>;
  /** Tells all other nodes. */
  publish(event: ClusterEvent): void;
  /** From now on `serve` answers what other nodes ask this one. A call that rejects is no answer. */
  onCommand(serve: (command: Command) => Promise<Answer>): void;
  /** Calls `listener` with what other nodes publish, until the returned function is called. */
  onEvent(listener: (event: ClusterEvent) => void): () => void;
}
