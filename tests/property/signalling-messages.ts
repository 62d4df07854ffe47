import fc from 'fast-check';
import { ADMISSIONS, PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import type { KnownRoom } from './signalling-known.ts';
import type { Line } from './signalling-line.ts';
import type { Scene } from './signalling-model.ts';

const BY_COMPOSER = ['share', 'prekey', 'admit', 'refuse', 'report-readers', 'extend', 'end', 'answer'] as const;
const BY_READER = ['knock', 'sealed', 'connect', 'restart-ice', 'open-files', 'leave'] as const;
export const ENTRIES = ['compose', 'resume', 'join'] as const;
/** What is said before a reader can come. */
const BEFORE_READERS: ReadonlySet<string | undefined> = new Set(['compose', 'resume', 'share']);
export type Kind = (typeof BY_COMPOSER)[number] | (typeof BY_READER)[number] | (typeof ENTRIES)[number];

/** What a message is made of: numbers that choose among what has been given out so far. */
export interface Choice {
  kind: Kind;
  /** From whom it is meant, or from anybody with anything of any room: stolen, guessed, or of another time. */
  fits: boolean;
  room: number;
  who: number;
  other: number;
  policy: { admission: (typeof ADMISSIONS)[number]; maxReaders: number; expirySeconds: number; showName: boolean };
}

/** Mostly the same one, so that much happens to it. */
export const whichRoom = fc.constantFrom(0, 0, 0, 1, 2, 3);

export const choice: fc.Arbitrary<Choice> = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Kind>(...ENTRIES) },
    { weight: 6, arbitrary: fc.constantFrom<Kind>('prekey', 'knock', 'admit', 'answer', 'sealed') },
    { weight: 3, arbitrary: fc.constantFrom<Kind>(...BY_COMPOSER, ...BY_READER) },
  ),
  fits: fc.integer({ min: 0, max: 3 }).map((at) => at > 0),
  room: whichRoom,
  who: fc.nat(30),
  other: fc.nat(30),
  policy: fc.record({
    admission: fc.constantFrom(...ADMISSIONS),
    maxReaders: fc.constantFrom(1, 1, 2, 3),
    expirySeconds: fc.constantFrom(60, 3_600, 86_400),
    showName: fc.boolean(),
  }),
});

export function pick<Thing>(things: readonly Thing[], at: number): Thing | undefined {
  return things[at % Math.max(1, things.length)];
}

/** The room, reader and key that a message is about. */
interface About {
  room: KnownRoom | undefined;
  another: KnownRoom | undefined;
  readerId: string;
  version: number;
}

function about(scene: Scene, { kind, fits, room: at, who, other }: Choice): About {
  const room = fits ? liveRoom(scene, at, kind) : pick(scene.rooms, at);
  const readers = (fits && room !== undefined ? [room] : scene.rooms).flatMap((one) => one.readers);
  // Most of the time one of those who came last: the others have often left.
  const readerId = pick(readers.slice(fits ? -4 : 0), other)?.id ?? 'r'.repeat(22);
  const version = fits || who > 0 ? PROTOCOL_VERSION : PROTOCOL_VERSION + 1;
  return { room, another: fits ? room : pick(scene.rooms, other), readerId, version };
}

/** A room that is not over; one that people can come to, where there is one and somebody wants to. */
export function liveRoom(scene: Scene, at: number, kind?: Kind): KnownRoom | undefined {
  const live = scene.rooms.filter(({ over }) => over === null);
  const shared = live.filter((room) => room.shared !== null && room.composer?.isOpen === true);
  return pick(shared.length > 0 && !BEFORE_READERS.has(kind) ? shared : live, at);
}

type Write = (id: number, about: About, choice: Choice, ciphertext: () => string) => Record<string, unknown>;

const NO_KEY = 'x'.repeat(43);

const WRITTEN: Record<Kind, Write> = {
  compose(id, { room, version }, { other }) {
    const page = other % 3 === 0 ? {} : { page: String(other % 3).repeat(22) };
    return { t: 'compose', id, version, ticket: room?.ticket ?? NO_KEY, ...page };
  },
  resume(id, { room, version }, { fits, other }) {
    const tokens = room?.tokens ?? [];
    return { t: 'resume', id, version, ownerToken: (fits ? tokens.at(-1) : pick(tokens, other)) ?? 'a.b' };
  },
  share: (id, { another }, { policy }) => ({ t: 'share', id, joinHash: another?.joinHash ?? NO_KEY, policy }),
  prekey,
  admit: (id, { readerId }) => ({ t: 'admit', id, readerId }),
  refuse: (id, { readerId }) => ({ t: 'refuse', id, readerId }),
  'report-readers': (id, { readerId }, { other }) => ({
    t: 'report-readers',
    id,
    waiting: [{ readerId, number: 1, shortCode: '123456' }],
    readBy: other,
  }),
  extend: (id, _, { policy }) => ({ t: 'extend', id, totalSeconds: policy.expirySeconds }),
  end: (id, _, { other }) => ({ t: 'end', id, reason: other % 2 === 0 ? 'revoked' : 'locked' }),
  join(id, { room, another, readerId, version }, { who }) {
    const before = who % 4 === 0 ? { before: readerId } : {};
    return { ...join(id, room), version, joinKey: another?.joinKey ?? NO_KEY, ...before };
  },
  knock: (id, _, __, ciphertext) => ({ t: 'knock', id, enc: 'e'.repeat(87), ciphertext: ciphertext() }),
  connect: (id) => ({ t: 'connect', id, dtls: { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] } }),
  'restart-ice': (id) => ({ t: 'restart-ice', id }),
  'open-files': (id) => ({ t: 'open-files', id, dtls: { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] } }),
  answer: (_, { readerId }, __, ciphertext) => ({ t: 'sealed', readerId, ciphertext: ciphertext() }),
  sealed: (_, __, ___, ciphertext) => ({ t: 'sealed', ciphertext: ciphertext() }),
  leave: () => ({ t: 'leave' }),
};

export function writeOne(scene: Scene, line: Line, choice: Choice): Record<string, unknown> {
  return WRITTEN[choice.kind](line.nextId(), about(scene, choice), choice, () => scene.ciphertext());
}

export function prekey(id: number): Record<string, unknown> {
  const made = { pkD: 'p'.repeat(87), nonce: 'n'.repeat(22), commit: 'c'.repeat(43) };
  return { t: 'prekey', id, sctp: { streamId: 1 }, prekey: made };
}

export function join(id: number, room: KnownRoom | undefined): Record<string, unknown> {
  const { id: roomId, joinKey } = room ?? { id: 'i'.repeat(22), joinKey: NO_KEY };
  return { t: 'join', id, version: PROTOCOL_VERSION, roomId, joinKey };
}

/** Whose socket says it. */
export function speaker(scene: Scene, { kind, fits, room: at, who }: Choice): Line {
  const room = liveRoom(scene, at, kind);
  const open = scene.lines.filter(({ isOpen }) => isOpen);
  const inside = open.filter((line) => line.inside === room && !line.seated && line.readerIds.length > 0);
  const isNew = ENTRIES.some((entry) => entry === kind);
  if (fits && isNew) return scene.line();
  const isReader = BY_READER.some((one) => one === kind);
  const fitting = isReader ? pick(inside, who) : (room?.composer ?? undefined);
  return (fits ? fitting : undefined) ?? pick(open, who) ?? scene.line();
}

export function say(line: Line, message: Record<string, unknown>): void {
  line.send(JSON.stringify(message));
}

export function spoilt(message: Record<string, unknown>, at: number, other: unknown): Record<string, unknown> {
  const name = pick(Object.keys(message), at) ?? 't';
  const { [name]: _, ...rest } = message;
  return at % 2 === 0 ? rest : { ...rest, [name]: other };
}
