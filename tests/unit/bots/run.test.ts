import { describe, expect, it } from 'vitest';
import { interpret } from '../../../bots/commands/interpret.ts';
import { runCommand } from '../../../bots/commands/run.ts';
import type { Origin } from '../../../src/rooms/room.ts';
import { JOIN_HASH, MINUTE, POLICY, practice, ROSSI } from '../rooms/setup.ts';

const URL = 'https://glir.example.org';
const WEBER: Origin = { platform: 'slack', tenant: 'T1', user: 'U2', displayName: 'Dr Jonas Weber' };

function desk(options?: { expiryMaxSeconds: number }) {
  const { rooms, clock } = practice(options);
  const context = { rooms, clock, publicUrl: URL };
  const says = (text: string, origin = ROSSI) => runCommand(interpret(text), origin, context);
  return { rooms, clock, says };
}

function shortIdOf(answer: ReturnType<ReturnType<typeof desk>['says']>, index = 0): string {
  const room = answer.kind === 'list' ? answer.rooms[index] : undefined;
  if (room === undefined) throw new Error('no such room in the list');
  return room.id;
}

describe('the bot', () => {
  it('answers with a compose link that is good for ten minutes', () => {
    const { says, clock, rooms } = desk();
    const answer = says('15m');
    expect(answer).toEqual({
      kind: 'compose',
      url: expect.stringMatching(/^https:\/\/glir\.example\.org\/compose#[A-Za-z0-9_-]{43}$/),
      expirySeconds: 900,
      ticketUntil: clock.now() + 10 * MINUTE,
    });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });

  it('takes half an hour when the doctor does not choose', () => {
    expect(desk().says('')).toMatchObject({ kind: 'compose', expirySeconds: 1_800 });
  });

  it.each(['0m', '59s', '25h', '86401s', '999999d'])(
    'says which lengths it takes instead of opening a room for "%s"',
    (text) => {
      const { says, rooms } = desk();
      expect(says(text)).toEqual({ kind: 'out-of-range', minSeconds: 60, maxSeconds: 86_400 });
      expect(rooms.of(ROSSI)).toEqual([]);
    },
  );

  it.each(['60s', '1m', '24h', '1d'])('takes the shortest and the longest, "%s"', (text) => {
    expect(desk().says(text).kind).toBe('compose');
  });

  it("keeps to the administrator's longest", () => {
    const { says } = desk({ expiryMaxSeconds: 3_600 });
    expect(says('2h')).toEqual({ kind: 'out-of-range', minSeconds: 60, maxSeconds: 3_600 });
    expect(says('1h')).toMatchObject({ kind: 'compose', expirySeconds: 3_600 });
  });

  it('lists live rooms with their state, readers and time left', () => {
    const { says, rooms, clock } = desk();
    expect(says('list')).toEqual({ kind: 'list', rooms: [] });
    const { room, ticket } = rooms.draft(ROSSI);
    rooms.redeem(ticket, () => false);
    rooms.open(room.id, JOIN_HASH, POLICY);
    rooms.setReading(room.id, 2);
    says('');
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
    for (let count = 0; count < 3; count++) says('');
    const id = shortIdOf(says('list'), 1);
    expect(says(`revoke ${id}`)).toEqual({ kind: 'revoked', count: 1 });
    expect(rooms.of(ROSSI)).toHaveLength(2);
    expect(says(`revoke ${id}`)).toEqual({ kind: 'not-found' });
  });

  it.each(['revoke all', 'Revoke ALL'])('revokes every room of the doctor with "%s"', (text) => {
    const { says, rooms } = desk();
    for (let count = 0; count < 3; count++) says('');
    expect(says(text)).toEqual({ kind: 'revoked', count: 3 });
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(says(text)).toEqual({ kind: 'not-found' });
  });

  it.each([
    ['another person', WEBER],
    ['the same user id in another workspace', { ...ROSSI, tenant: 'T2' }],
    ['the same user id on another platform', { ...ROSSI, platform: 'teams' as const }],
  ])("neither lists nor revokes a doctor's rooms for %s", (_name, origin) => {
    const { says, rooms } = desk();
    says('');
    const id = shortIdOf(says('list'));
    expect(says('list', origin)).toEqual({ kind: 'list', rooms: [] });
    expect(says(`revoke ${id}`, origin)).toEqual({ kind: 'not-found' });
    expect(says(`revoke ${rooms.of(ROSSI)[0]?.id}`, origin)).toEqual({ kind: 'not-found' });
    expect(says('revoke all', origin)).toEqual({ kind: 'not-found' });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });

  it('never says back what was typed, nor where a note is', () => {
    const { says, rooms } = desk();
    const typed = [
      'Metformin-500-MARKER after breakfast',
      'revoke MARKERroom',
      'list MARKER',
      'help MARKER',
      '15m MARKER',
      'MARKER'.repeat(1_500),
      `${URL}/n/MARKER#MARKER`,
      '/n/MARKER',
    ];
    const { room, ticket } = rooms.draft(ROSSI);
    rooms.redeem(ticket, () => false);
    rooms.open(room.id, JOIN_HASH, POLICY);
    for (const text of [...typed, '', '15m', 'list', 'help', '0m', 'revoke all']) {
      const answer = JSON.stringify(says(text));
      expect(answer).not.toContain('MARKER');
      expect(answer).not.toContain('/n/');
      expect(answer).not.toContain(room.id);
    }
  });
});
