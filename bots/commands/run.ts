import type { Clock } from '../../src/clock.ts';
import { composeLink } from '../../src/protocol/link.ts';
import { LIMITS } from '../../src/protocol/terms.ts';
import type { Origin, Room } from '../../src/rooms/room.ts';
import type { Rooms } from '../../src/rooms/rooms.ts';
import { roomTag } from '../../src/rooms/tag.ts';
import type { Answer, ListedRoom } from './answer.ts';
import type { Command } from './interpret.ts';

/** What the commands need; the same for every platform. */
export interface CommandContext {
  rooms: Rooms;
  clock: Clock;
  publicUrl: string;
}

/** Carries out a doctor's command. A doctor sees and ends their own rooms only. */
export function runCommand(command: Command, origin: Origin, { rooms, clock, publicUrl }: CommandContext): Answer {
  switch (command.kind) {
    case 'open': {
      const { expirySeconds } = command;
      const range = { minSeconds: LIMITS.expiryMinSeconds, maxSeconds: rooms.expiryMaxSeconds };
      if (expirySeconds !== null && (expirySeconds < range.minSeconds || expirySeconds > range.maxSeconds)) {
        return { kind: 'out-of-range', ...range };
      }
      const { room, ticket, ticketUntil } = rooms.draft(origin, expirySeconds === null ? {} : { expirySeconds });
      const url = composeLink(publicUrl, ticket);
      return { kind: 'compose', url, expirySeconds: room.policy.expirySeconds, ticketUntil };
    }
    case 'list':
      return { kind: 'list', rooms: rooms.of(origin).flatMap((room) => listed(room, clock.now())) };
    case 'revoke': {
      const { target } = command;
      const chosen = rooms.of(origin).filter((room) => target.toLowerCase() === 'all' || room.id.startsWith(target));
      if (chosen.length === 0) return { kind: 'not-found' };
      return { kind: 'revoked', count: chosen.filter((room) => rooms.end(room.id, 'revoked')).length };
    }
    case 'help':
    case 'do-not-type':
      return { kind: command.kind };
  }
}

function listed({ id, state, reading, expiresAt }: Room, now: number): ListedRoom[] {
  if (state === 'ended') return [];
  return [{ id: roomTag(id), state, readers: reading, leftSeconds: Math.ceil((expiresAt - now) / 1000) }];
}
