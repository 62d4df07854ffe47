import { type Doctor, type Room, roomTag } from '../../src/rooms/room.ts';
import type { Answer, ListedRoom } from './answer.ts';
import type { BotContext } from './desk.ts';
import type { Command } from './interpret.ts';

/** Carries out a doctor's command; a new note is `openRoom`'s. A doctor sees and ends their own rooms only. */
export async function runCommand(
  command: Exclude<Command, { kind: 'open' }>,
  doctor: Doctor,
  { rooms, clock }: Pick<BotContext, 'rooms' | 'clock'>,
): Promise<Answer> {
  switch (command.kind) {
    case 'list':
      return { kind: 'list', rooms: liveRooms(doctor, { rooms, clock }) };
    case 'revoke': {
      const { target } = command;
      const chosen = rooms.of(doctor).filter((room) => room.id.startsWith(target));
      const isAll = target.toLowerCase() === 'all';
      const count = isAll
        ? await rooms.endAllOfDoctor(doctor, 'revoked')
        : (await Promise.all(chosen.map((room) => rooms.end(room.id, 'revoked')))).filter((ended) => ended).length;
      return count === 0 ? { kind: 'not-found' } : { kind: 'revoked', count };
    }
    case 'help':
    case 'do-not-type':
      return { kind: command.kind };
  }
}

/** A doctor's live rooms, oldest first. */
export function liveRooms(doctor: Doctor, { rooms, clock }: Pick<BotContext, 'rooms' | 'clock'>): ListedRoom[] {
  return rooms.of(doctor).flatMap((room) => listed(room, clock.now()));
}

function listed({ id, state, reading, expiresAt }: Room, now: number): ListedRoom[] {
  if (state === 'ended') return [];
  return [{ id: roomTag(id), state, readers: reading, leftSeconds: Math.ceil((expiresAt - now) / 1000) }];
}
