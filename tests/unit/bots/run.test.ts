import { describe, expect, it } from 'vitest';
import { interpret } from '../../../bots/commands/interpret.ts';
import { runCommand } from '../../../bots/commands/run.ts';
import { JOIN_HASH, POLICY, practice, ROSSI } from '../rooms/setup.ts';
import { OTHERS } from './setup.ts';

function desk() {
  const { rooms, clock } = practice();
  const says = (text: string, doctor = ROSSI) => {
    const command = interpret(text);
    if (command.kind === 'open') throw new Error('that is no command for an open note');
    return runCommand(command, doctor, { rooms, clock });
  };
  return { rooms, clock, says };
}

function shortIdOf(answer: ReturnType<ReturnType<typeof desk>['says']>, index = 0): string {
  const room = answer.kind === 'list' ? answer.rooms[index] : undefined;
  if (room === undefined) throw new Error('no such room in the list');
  return room.id;
}

describe('the bot', () => {
  it('lists live rooms with their state, readers and time left', () => {
    const { says, rooms, clock } = desk();
    expect(says('list')).toEqual({ kind: 'list', rooms: [] });
    const { room, ticket } = rooms.draft(ROSSI);
    rooms.redeem(ticket, () => false);
    rooms.open(room.id, JOIN_HASH, POLICY);
    rooms.setReading(room.id, 2);
    rooms.draft(ROSSI);
    clock.advance(90_500);
    const id = room.id.slice(0, 8);
    expect(says('list')).toEqual({
      kind: 'list',
      rooms: [
        { id, state: 'open', readers: 2, leftSeconds: 1_800 - 90 },
        { id: expect.any(String), state: 'draft', readers: 0, leftSeconds: 600 - 90 },
      ],
    });
    rooms.composerLost(room.id);
    expect(says('list')).toMatchObject({ rooms: [{ id, state: 'interrupted' }, {}] });
    rooms.end(room.id, 'revoked');
    expect(says('list')).toMatchObject({ rooms: [{ state: 'draft' }] });
  });

  it('revokes the room that the doctor names, and no other', () => {
    const { says, rooms } = desk();
    for (let count = 0; count < 3; count++) rooms.draft(ROSSI);
    const id = shortIdOf(says('list'), 1);
    expect(says(`revoke ${id}`)).toEqual({ kind: 'revoked', count: 1 });
    expect(rooms.of(ROSSI)).toHaveLength(2);
    expect(says(`revoke ${id}`)).toEqual({ kind: 'not-found' });
  });

  it.each(['revoke all', 'Revoke ALL'])('revokes every room of the doctor with "%s"', (text) => {
    const { says, rooms } = desk();
    for (let count = 0; count < 3; count++) rooms.draft(ROSSI);
    expect(says(text)).toEqual({ kind: 'revoked', count: 3 });
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(says(text)).toEqual({ kind: 'not-found' });
  });

  it.each(OTHERS)("neither lists nor revokes a doctor's rooms for %s", (_name, doctor) => {
    const { says, rooms } = desk();
    rooms.draft(ROSSI);
    const id = shortIdOf(says('list'));
    expect(says('list', doctor)).toEqual({ kind: 'list', rooms: [] });
    expect(says(`revoke ${id}`, doctor)).toEqual({ kind: 'not-found' });
    expect(says(`revoke ${rooms.of(ROSSI)[0]?.id}`, doctor)).toEqual({ kind: 'not-found' });
    expect(says('revoke all', doctor)).toEqual({ kind: 'not-found' });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });
});
