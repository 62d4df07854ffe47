import { describe, expect, it } from 'vitest';
import { interpret } from '../../../bots/commands/interpret.ts';
import { runCommand } from '../../../bots/commands/run.ts';
import { JOIN_HASH, POLICY, practice, ROSSI } from '../rooms/setup.ts';
import { OTHERS } from './setup.ts';

async function desk() {
  const { rooms, clock } = await practice();
  const says = async (text: string, doctor = ROSSI) => {
    const command = interpret(text);
    if (command.kind === 'open') throw new Error('that is no command for an open note');
    return await runCommand(command, doctor, { rooms, clock });
  };
  return { rooms, clock, says };
}

function shortIdOf(answer: Awaited<ReturnType<Awaited<ReturnType<typeof desk>>['says']>>, index = 0): string {
  const room = answer.kind === 'list' ? answer.rooms[index] : undefined;
  if (room === undefined) throw new Error('no such room in the list');
  return room.id;
}

describe('the bot', () => {
  it('lists live rooms with their state, readers and time left', async () => {
    const { says, rooms, clock } = await desk();
    expect(await says('list')).toEqual({ kind: 'list', rooms: [] });
    const { room, ticket } = await rooms.draft(ROSSI);
    await rooms.redeem(ticket, () => false);
    await rooms.open(room.id, JOIN_HASH, POLICY);
    rooms.setReading(room.id, 2);
    await rooms.draft(ROSSI);
    clock.advance(90_500);
    const id = room.id.slice(0, 8);
    expect(await says('list')).toEqual({
      kind: 'list',
      rooms: [
        { id, state: 'open', readers: 2, leftSeconds: 1_800 - 90 },
        { id: expect.any(String), state: 'draft', readers: 0, leftSeconds: 600 - 90 },
      ],
    });
    rooms.composerLost(room.id);
    expect(await says('list')).toMatchObject({ rooms: [{ id, state: 'interrupted' }, {}] });
    await rooms.end(room.id, 'revoked');
    expect(await says('list')).toMatchObject({ rooms: [{ state: 'draft' }] });
  });

  it('revokes the room that the doctor names, and no other', async () => {
    const { says, rooms } = await desk();
    for (let count = 0; count < 3; count++) await rooms.draft(ROSSI);
    const id = shortIdOf(await says('list'), 1);
    expect(await says(`revoke ${id}`)).toEqual({ kind: 'revoked', count: 1 });
    expect(rooms.of(ROSSI)).toHaveLength(2);
    expect(await says(`revoke ${id}`)).toEqual({ kind: 'not-found' });
  });

  it.each(['revoke all', 'Revoke ALL'])('revokes every room of the doctor with "%s"', async (text) => {
    const { says, rooms } = await desk();
    for (let count = 0; count < 3; count++) await rooms.draft(ROSSI);
    expect(await says(text)).toEqual({ kind: 'revoked', count: 3 });
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(await says(text)).toEqual({ kind: 'not-found' });
  });

  it.each(OTHERS)("neither lists nor revokes a doctor's rooms for %s", async (_name, doctor) => {
    const { says, rooms } = await desk();
    await rooms.draft(ROSSI);
    const id = shortIdOf(await says('list'));
    expect(await says('list', doctor)).toEqual({ kind: 'list', rooms: [] });
    expect(await says(`revoke ${id}`, doctor)).toEqual({ kind: 'not-found' });
    expect(await says(`revoke ${rooms.of(ROSSI)[0]?.id}`, doctor)).toEqual({ kind: 'not-found' });
    expect(await says('revoke all', doctor)).toEqual({ kind: 'not-found' });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });
});
