import { describe, expect, it } from 'vitest';
import { answerView } from '../../../bots/commands/note-views.ts';
import { parseCommand } from '../../../bots/commands/parse-command.ts';
import { answerCommand, type CommandResult, runCommand } from '../../../bots/commands/run-command.ts';
import { tenantSettingsSchema } from '../../../bots/commands/settings.ts';
import { LocalCluster } from '../../../src/cluster/local-cluster.ts';
import { RoomDirectory } from '../../../src/cluster/room-directory.ts';
import { JOIN_HASH, MINUTE, POLICY, practice, ROSSI } from '../rooms/setup.ts';
import { botContextFor, CHAT, LIMITS, OTHERS, URL } from './setup.ts';

async function chatting(options?: Parameters<typeof botContextFor>[0]) {
  const all = await botContextFor(options);
  return { ...all, runs: (text: string) => runCommand(parseCommand(text), ROSSI, all.bot) };
}

function summaryOf(result: CommandResult): string {
  return result.kind === 'form' || result.kind === 'settings' || result.kind === 'admin' || result.kind === 'opened'
    ? ''
    : answerView(result, CHAT).summary;
}

describe('a doctor who names a length', () => {
  it('gets a compose link that is good for ten minutes', async () => {
    const { runs, rooms, clock } = await chatting();
    expect(await runs('15m')).toEqual({
      kind: 'opened',
      room: expect.objectContaining({
        policy: { expirySeconds: 900, admission: 'ask', maxReaders: 3, showName: true },
      }),
      url: expect.stringMatching(/^https:\/\/glir\.example\.org\/compose#[A-Za-z0-9_-]{43}$/),
      ticketUntil: clock.now() + 10 * MINUTE,
    });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });

  it.each(['0m', '59s', '25h', '86401s', '999999d'])(
    'is told which lengths there are instead, for "%s"',
    async (text) => {
      const { runs, rooms } = await chatting();
      const refusal = await runs(text);
      expect(refusal.kind).toBe('out-of-range');
      expect(summaryOf(refusal)).toBe('A note can live from 1 minute to 24 hours.');
      expect(rooms.of(ROSSI)).toEqual([]);
    },
  );

  it.each(['60s', '1m', '24h', '1d'])('gets the shortest and the longest, "%s"', async (text) => {
    expect((await (await chatting()).runs(text)).kind).toBe('opened');
  });

  it('is kept to the longest of the server and of the own tenant', async () => {
    const { runs, store } = await chatting({ limits: { ...LIMITS, expiryMaxSeconds: 3_600 } });
    expect(summaryOf(await runs('2h'))).toBe('A note can live from 1 minute to 1 hour.');
    expect((await runs('1h')).kind).toBe('opened');
    await store.settings.save(ROSSI, tenantSettingsSchema.parse({ expiryMaxSeconds: 600 }));
    expect(summaryOf(await runs('1h'))).toBe('A note can live from 1 minute to 10 minutes.');
  });

  it('gets the limits, defaults and phone number of the own tenant with the note', async () => {
    const { runs, store } = await chatting();
    const chosen = { expiryMaxSeconds: 3_600, admissions: ['ask'], readersMax: 2, phone: '+39 055 123' };
    await store.settings.save(ROSSI, tenantSettingsSchema.parse(chosen));
    expect(await runs('15m')).toMatchObject({
      room: {
        policy: { maxReaders: 2 },
        limits: { expiryMaxSeconds: 3_600, maxReaders: 2, admissions: ['ask'] },
        phone: '+39 055 123',
      },
    });
  });
});

it('a doctor who names none gets the form, and no room yet', async () => {
  const { runs, rooms } = await chatting();
  expect(await runs('')).toMatchObject({ kind: 'form', settings: { expiryDefaultSeconds: 1_800 } });
  expect(rooms.of(ROSSI)).toEqual([]);
});

it.each([
  ['help', '!note 15m'],
  ['list', 'You have no open notes.'],
  ['revoke all', 'Type !note list'],
  ['two tablets at night', 'Pigeon keeps what you type.'],
])('a doctor who types "%s" reads "%s"', async (text, sentence) => {
  expect(summaryOf(await (await chatting()).runs(text))).toContain(sentence);
});

it('a doctor whose command does not work is told so, and the log why', async () => {
  const { bot, logged } = await botContextFor();
  const rooms = Object.assign(Object.create(bot.rooms), {
    draft() {
      throw new TypeError('MARKER');
    },
  });
  const result = await runCommand(parseCommand('15m'), ROSSI, { ...bot, rooms });
  expect(result).toEqual({ kind: 'trouble' });
  expect(summaryOf(result)).toContain('did not work');
  expect(logged().at(-1)).toMatchObject({ event: 'command-error', platform: 'slack', error: 'TypeError' });
  expect(JSON.stringify(logged())).not.toContain('MARKER');
});

it('doctors go on with the server’s own settings when theirs cannot be read', async () => {
  const { bot, logged } = await botContextFor();
  const settings = { ...bot.store.settings, find: () => Promise.reject(new Error('MARKER')) };
  const result = await runCommand(parseCommand('15m'), ROSSI, { ...bot, store: { ...bot.store, settings } });
  expect(result.kind).toBe('opened');
  expect(logged()).toContainEqual(expect.objectContaining({ event: 'settings-unreadable', tenant: 'T1' }));
});

it('each command is one line in the log, with its kind and never its text', async () => {
  const { runs, logged } = await chatting();
  for (const text of ['15m', '', 'list', 'revoke MARKERroom', 'MARKER at night', 'help']) await runs(text);
  expect(logged().map(({ event, platform, command }) => [event, platform, command])).toEqual(
    ['open', 'open', 'list', 'revoke', 'do-not-type', 'help'].map((kind) => ['command', 'slack', kind]),
  );
  expect(JSON.stringify(logged())).not.toContain('MARKER');
});

it('what was typed is never said back, nor where a note is', async () => {
  const { runs, shared } = await chatting();
  const room = await shared();
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
  for (const text of [...typed, 'list', 'help', '0m', 'revoke all']) {
    const result = await runs(text);
    const answer = summaryOf(result);
    expect(result.kind).not.toBe('opened');
    expect(JSON.stringify(result)).not.toContain('MARKER');
    expect(answer).not.toContain('/n/');
    expect(answer).not.toContain(room.id);
  }
});

async function answering() {
  const { rooms, clock } = await practice();
  const directory = new RoomDirectory({ rooms, cluster: new LocalCluster(), clock });
  const says = (text: string, doctor = ROSSI) => {
    const command = parseCommand(text);
    if (command.kind === 'open' || command.kind === 'settings' || command.kind === 'admin')
      throw new Error('that is no command for an open note');
    return answerCommand(command, doctor, { rooms: directory, clock });
  };
  return { rooms, clock, says };
}

function shortIdOf(answer: Awaited<ReturnType<Awaited<ReturnType<typeof answering>>['says']>>, index = 0): string {
  const room = answer.kind === 'list' ? answer.rooms[index] : undefined;
  if (room === undefined) throw new Error('no such room in the list');
  return room.id;
}

describe('a command that opens nothing', () => {
  it('lists live rooms with their state, readers and time left', async () => {
    const { says, rooms, clock } = await answering();
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
    // The machine's clock is set, which moves no end.
    clock.set(3_600_000);
    expect(await says('list')).toMatchObject({ rooms: [{ leftSeconds: 1_800 - 90 }, { leftSeconds: 600 - 90 }] });
    rooms.composerLost(room.id);
    expect(await says('list')).toMatchObject({ rooms: [{ id, state: 'interrupted' }, {}] });
    await rooms.end(room.id, 'revoked');
    expect(await says('list')).toMatchObject({ rooms: [{ state: 'draft' }] });
  });

  it('revokes the room that the doctor names, and no other', async () => {
    const { says, rooms } = await answering();
    for (let count = 0; count < 3; count++) await rooms.draft(ROSSI);
    const id = shortIdOf(await says('list'), 1);
    expect(await says(`revoke ${id}`)).toEqual({ kind: 'revoked', count: 1 });
    expect(rooms.of(ROSSI)).toHaveLength(2);
    expect(await says(`revoke ${id}`)).toEqual({ kind: 'not-found' });
  });

  it.each(['revoke all', 'Revoke ALL'])('revokes every room of the doctor with "%s"', async (text) => {
    const { says, rooms } = await answering();
    for (let count = 0; count < 3; count++) await rooms.draft(ROSSI);
    expect(await says(text)).toEqual({ kind: 'revoked', count: 3 });
    expect(rooms.of(ROSSI)).toEqual([]);
    expect(await says(text)).toEqual({ kind: 'not-found' });
  });

  it.each(OTHERS)("neither lists nor revokes a doctor's rooms for %s", async (_name, doctor) => {
    const { says, rooms } = await answering();
    await rooms.draft(ROSSI);
    const id = shortIdOf(await says('list'));
    expect(await says('list', doctor)).toEqual({ kind: 'list', rooms: [] });
    expect(await says(`revoke ${id}`, doctor)).toEqual({ kind: 'not-found' });
    expect(await says(`revoke ${rooms.of(ROSSI)[0]?.id}`, doctor)).toEqual({ kind: 'not-found' });
    expect(await says('revoke all', doctor)).toEqual({ kind: 'not-found' });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });
});
