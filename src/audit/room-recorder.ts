import { Refused } from '../protocol/errors.ts';
import { type Room, roomTag } from '../rooms/room.ts';
import type { RoomEvent, RoomService } from '../rooms/room-service.ts';
import { type AuditEvent, personOf, plainCount } from './audit-events.ts';
import { type Audit, AuditUnavailable } from './audit-log.ts';

/** A composer may tell of this many readers in a room; its word on later ones is not kept. */
const READERS_MAX = 256;

/** Writes down a draft before it comes to be. Rejects with Refused `unavailable` when that fails: then there is no draft. */
export function draftRecorder(audit: Audit): (room: Room) => Promise<void> {
  return async (room) => {
    try {
      await audit.require({ action: 'note-drafted', ...noteOf(room), ...policyOf(room) });
    } catch (error) {
      if (error instanceof AuditUnavailable) throw new Refused('unavailable');
      throw error;
    }
  };
}

/** Writes down what becomes of the rooms; drafts are `draftRecorder`'s. Gives a function that stops it. */
export function recordRooms(rooms: Pick<RoomService, 'onEvent'>, audit: Audit): () => void {
  const known = new Map<string, Known>();
  return rooms.onEvent((event) => audit.record(...eventsOf(event, known)));
}

/** Writes down notes that ended while no server had them. Gives a function that stops it. */
export function recordAbsentEnds(rooms: Pick<RoomService, 'onAbsentEnds'>, audit: Audit): () => void {
  return rooms.onAbsentEnds((ends) => {
    audit.record(
      ...ends.map(({ doctor, tag, reason, readBy }): AuditEvent => {
        return { action: 'note-ended', ...personOf(doctor), room: tag, reason, readBy: plainCount(readBy) };
      }),
    );
  });
}

/** What is known of a room's readers before one of them is let in or turned away. */
interface Known {
  /** Their numbers in the order of knocking, by reader id. */
  numbers: Map<string, number>;
  /** Whom the doctor decided about in the chat. */
  inChat: Set<string>;
}

function eventsOf(event: RoomEvent, all: Map<string, Known>): AuditEvent[] {
  const { room } = event;
  const note = noteOf(room);
  switch (event.kind) {
    case 'drafted':
      return [];
    case 'opened':
    case 'restricted':
    case 'recovered':
      return [{ action: `note-${event.kind}`, ...note, ...policyOf(room) }];
    case 'extended':
      return [{ action: 'note-extended', ...note, expirySeconds: plainCount(room.policy.expirySeconds) }];
    case 'interrupted':
    case 'resumed':
    case 'suspended':
      return [{ action: `note-${event.kind}`, ...note }];
    case 'readers-changed':
      remember(knownOf(room, all), room);
      return [];
    case 'more-time-requested':
      return [];
    case 'decision-requested':
      knownOf(room, all).inChat.add(event.readerId);
      return [];
    case 'decision-made':
      return [decided(event, knownOf(room, all))];
    case 'moved':
      all.delete(room.id);
      return [];
    case 'ended': {
      all.delete(room.id);
      if (event.elsewhere) return [];
      const { reason } = event.tombstone;
      const readBy = plainCount(room.readBy);
      const ended: AuditEvent = { action: 'note-ended', ...note, reason, readBy };
      return reason === 'locked' ? [{ action: 'readers-locked-out', ...note, readBy }, ended] : [ended];
    }
  }
}

function decided(
  { room, readerId, decision }: RoomEvent & { kind: 'decision-requested' | 'decision-made' },
  known: Known,
): AuditEvent {
  const number = known.numbers.get(readerId);
  const reader = number === undefined ? null : plainCount(number);
  const who = { ...noteOf(room), reader, reading: plainCount(room.reading) };
  const inChat = known.inChat.delete(readerId);
  if (decision === 'refuse') return { action: 'reader-refused', ...who, via: inChat ? 'chat' : 'page' };
  const onPage = room.policy.admission === 'link' ? 'link' : 'page';
  return { action: 'reader-admitted', ...who, via: inChat ? 'chat' : onPage };
}

function knownOf(room: Room, all: Map<string, Known>): Known {
  const known = all.get(room.id) ?? { numbers: new Map(), inChat: new Set() };
  all.set(room.id, known);
  return known;
}

function remember({ numbers }: Known, { waiting }: Room): void {
  for (const { readerId, number } of waiting) if (numbers.size < READERS_MAX) numbers.set(readerId, number);
}

function noteOf({ id, doctor }: Room) {
  return { ...personOf(doctor), room: roomTag(id) };
}

function policyOf({ policy: { admission, expirySeconds, maxReaders } }: Room) {
  return { admission, expirySeconds: plainCount(expirySeconds), maxReaders: plainCount(maxReaders) };
}
