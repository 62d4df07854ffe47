import { describe, expect, it } from 'vitest';
import { interpret } from '../../../bots/commands/interpret.ts';
import { replyTo } from '../../../bots/commands/reply.ts';
import { tenantSettingsSchema } from '../../../bots/commands/settings.ts';
import { MINUTE, ROSSI } from '../rooms/setup.ts';
import { CHAT, deskFor, LIMITS, URL } from './setup.ts';

async function chatting(options?: Parameters<typeof deskFor>[0]) {
  const all = await deskFor(options);
  return { ...all, says: (text: string) => replyTo(interpret(text), ROSSI, CHAT, all.desk) };
}

describe('a doctor who names a length', () => {
  it('gets a compose link that is good for ten minutes', async () => {
    const { says, rooms, clock } = await chatting();
    expect(await says('15m')).toEqual({
      kind: 'opened',
      opened: {
        kind: 'opened',
        room: expect.objectContaining({
          policy: { expirySeconds: 900, admission: 'ask', maxReaders: 3, showName: true },
        }),
        url: expect.stringMatching(/^https:\/\/glir\.example\.org\/compose#[A-Za-z0-9_-]{43}$/),
        ticketUntil: clock.now() + 10 * MINUTE,
      },
    });
    expect(rooms.of(ROSSI)).toHaveLength(1);
  });

  it.each(['0m', '59s', '25h', '86401s', '999999d'])(
    'is told which lengths there are instead, for "%s"',
    async (text) => {
      const { says, rooms } = await chatting();
      expect(await says(text)).toMatchObject({
        kind: 'view',
        view: { summary: 'A note can live from 1 minute to 24 hours.' },
      });
      expect(rooms.of(ROSSI)).toEqual([]);
    },
  );

  it.each(['60s', '1m', '24h', '1d'])('gets the shortest and the longest, "%s"', async (text) => {
    expect((await (await chatting()).says(text)).kind).toBe('opened');
  });

  it('is kept to the longest of the server and of the own tenant', async () => {
    const { says, store } = await chatting({ limits: { ...LIMITS, expiryMaxSeconds: 3_600 } });
    expect(await says('2h')).toMatchObject({ view: { summary: 'A note can live from 1 minute to 1 hour.' } });
    expect((await says('1h')).kind).toBe('opened');
    await store.settings.save(ROSSI, tenantSettingsSchema.parse({ expiryMaxSeconds: 600 }));
    expect(await says('1h')).toMatchObject({ view: { summary: 'A note can live from 1 minute to 10 minutes.' } });
  });

  it('gets the limits, defaults and phone number of the own tenant with the note', async () => {
    const { says, store } = await chatting();
    const chosen = { expiryMaxSeconds: 3_600, admissions: ['ask'], readersMax: 2, phone: '+39 055 123' };
    await store.settings.save(ROSSI, tenantSettingsSchema.parse(chosen));
    expect(await says('15m')).toMatchObject({
      opened: {
        room: {
          policy: { maxReaders: 2 },
          limits: { expiryMaxSeconds: 3_600, maxReaders: 2, admissions: ['ask'] },
          phone: '+39 055 123',
        },
      },
    });
  });
});

it('a doctor who names none gets the form, and no room yet', async () => {
  const { says, rooms } = await chatting();
  expect(await says('')).toMatchObject({ kind: 'form', settings: { expiryDefaultSeconds: 1_800 } });
  expect(rooms.of(ROSSI)).toEqual([]);
});

it.each([
  ['help', '!note 15m'],
  ['list', 'You have no open notes.'],
  ['revoke all', 'Type !note list'],
  ['two tablets at night', 'Pigeon keeps what you type.'],
])('a doctor who types "%s" reads "%s"', async (text, words) => {
  const reply = await (await chatting()).says(text);
  expect(reply.kind === 'view' ? reply.view.summary : '').toContain(words);
});

it('a doctor whose command does not work is told so, and the log why', async () => {
  const { desk, logged } = await deskFor();
  const rooms = Object.assign(Object.create(desk.rooms), {
    draft() {
      throw new TypeError('MARKER');
    },
  });
  const reply = await replyTo(interpret('15m'), ROSSI, CHAT, { ...desk, rooms });
  expect(reply).toMatchObject({ kind: 'view', view: { summary: expect.stringContaining('did not work') } });
  expect(logged().at(-1)).toMatchObject({ event: 'command-fault', platform: 'slack', error: 'TypeError' });
  expect(JSON.stringify(logged())).not.toContain('MARKER');
});

it('doctors go on with the server’s own settings when theirs cannot be read', async () => {
  const { desk, logged } = await deskFor();
  const settings = { ...desk.store.settings, find: () => Promise.reject(new Error('MARKER')) };
  const reply = await replyTo(interpret('15m'), ROSSI, CHAT, { ...desk, store: { ...desk.store, settings } });
  expect(reply.kind).toBe('opened');
  expect(logged()).toContainEqual(expect.objectContaining({ event: 'settings-unreadable', tenant: 'T1' }));
});

it('each command is one line in the log, with its kind and never its text', async () => {
  const { says, logged } = await chatting();
  for (const text of ['15m', '', 'list', 'revoke MARKERroom', 'MARKER at night', 'help']) await says(text);
  expect(logged().map(({ event, platform, command }) => [event, platform, command])).toEqual(
    ['open', 'open', 'list', 'revoke', 'do-not-type', 'help'].map((kind) => ['command', 'slack', kind]),
  );
  expect(JSON.stringify(logged())).not.toContain('MARKER');
});

it('what was typed is never said back, nor where a note is', async () => {
  const { says, shared } = await chatting();
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
    const answer = JSON.stringify(await says(text));
    expect(answer).not.toContain('MARKER');
    expect(answer).not.toContain('/n/');
    expect(answer).not.toContain(room.id);
  }
});
