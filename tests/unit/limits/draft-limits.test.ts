import { describe, expect, it } from 'vitest';
import { answerView } from '../../../bots/commands/note-views.ts';
import { parseCommand } from '../../../bots/commands/parse-command.ts';
import { runCommand } from '../../../bots/commands/run-command.ts';
import type { Doctor } from '../../../src/rooms/room.ts';
import { botContextFor, CHAT } from '../bots/setup.ts';
import { ROSSI } from '../rooms/setup.ts';

const FEW = { notes: { user: 3, tenant: 5 }, rooms: { user: 2, tenant: 4 } };
const colleague = (number: number): Doctor => ({ ...ROSSI, user: `U-${number}` });
const elsewhere: Doctor = { ...ROSSI, tenant: 'T9' };

/** Types `/glir 15m`: null when a draft is ready, and the sentence otherwise. */
async function begin(
  bot: Awaited<ReturnType<typeof botContextFor>>['bot'],
  doctor: Doctor = ROSSI,
): Promise<string | null> {
  const result = await runCommand(parseCommand('15m'), doctor, bot);
  if (result.kind === 'form' || result.kind === 'settings' || result.kind === 'admin') throw new Error('a form');
  return result.kind === 'opened' ? null : answerView(result, CHAT).summary;
}

describe('a doctor who has as many notes open as one may', () => {
  it('is told how many, and what to do', async () => {
    const { bot, rooms } = await botContextFor({ atMost: FEW });
    expect([await begin(bot), await begin(bot)]).toEqual([null, null]);
    expect(await begin(bot)).toBe(
      'You have 2 open notes, the most that you may have at once. Revoke one from your list, then try again.',
    );
    expect(rooms.of(ROSSI)).toHaveLength(2);
  });

  it('may begin another when one is over', async () => {
    const { bot, rooms } = await botContextFor({ atMost: FEW });
    await begin(bot);
    await begin(bot);
    const [first] = rooms.of(ROSSI);
    await rooms.end(first?.id ?? '', 'revoked');
    expect(await begin(bot)).toBeNull();
  });

  it('keeps no colleague from writing, nor anybody elsewhere', async () => {
    const { bot } = await botContextFor({ atMost: FEW });
    for (let asked = 0; asked < 10; asked++) await begin(bot);
    expect(await begin(bot, colleague(1))).toBeNull();
    expect(await begin(bot, elsewhere)).toBeNull();
    expect(await begin(bot, { ...ROSSI, platform: 'teams' })).toBeNull();
  });
});

describe('a doctor who begins one note after the other', () => {
  it('is told when to try again', async () => {
    const { bot, rooms } = await botContextFor({ atMost: FEW });
    for (let begun = 0; begun < 3; begun++) {
      expect(await begin(bot)).toBeNull();
      for (const room of rooms.of(ROSSI)) await rooms.end(room.id, 'revoked');
    }
    expect(await begin(bot)).toBe('You have begun 3 notes within an hour, the most that you may. Try again in 1 hour.');
    expect(rooms.of(ROSSI)).toEqual([]);
  });
});

describe('notes that were begun on another node', () => {
  it('count in the hour of the doctor and of the organisation', async () => {
    const { bot } = await botContextFor({ atMost: FEW });
    for (let begun = 0; begun < 3; begun++) await bot.drafts.begunElsewhere(ROSSI);
    expect(await begin(bot)).toMatch(/^You have begun 3 notes within an hour/);
    for (const number of [1, 2]) await bot.drafts.begunElsewhere(colleague(number));
    expect(await begin(bot, colleague(3))).toMatch(/^Your organisation has begun 5 notes within an hour/);
    expect(await begin(bot, elsewhere)).toBeNull();
  });

  it('count for nobody in the local chat', async () => {
    const { bot } = await botContextFor({ atMost: FEW });
    const local: Doctor = { ...ROSSI, platform: 'local' };
    for (let begun = 0; begun < 10; begun++) await bot.drafts.begunElsewhere(local);
    expect(await begin(bot, local)).toBeNull();
  });
});

describe('an organisation', () => {
  it('has a limit of open notes over all its doctors', async () => {
    const { bot } = await botContextFor({ atMost: FEW });
    for (let doctor = 0; doctor < 4; doctor++) expect(await begin(bot, colleague(doctor))).toBeNull();
    expect(await begin(bot, colleague(4))).toBe(
      'Your organisation has 4 open notes, the most that it may have at once. Try again when some are over, or ask your administrator to raise the limit.',
    );
    expect(await begin(bot, elsewhere)).toBeNull();
  });

  it('has a limit of notes in an hour over all its doctors', async () => {
    const { bot, rooms } = await botContextFor({ atMost: FEW });
    for (let doctor = 0; doctor < 5; doctor++) {
      expect(await begin(bot, colleague(doctor))).toBeNull();
      for (const room of rooms.of(colleague(doctor))) await rooms.end(room.id, 'revoked');
    }
    expect(await begin(bot, colleague(5))).toMatch(/^Your organisation has begun 5 notes within an hour/);
  });
});

it('the doctor of the local chat counts as an organisation, and has no limit in an hour', async () => {
  const { bot, rooms } = await botContextFor({ atMost: FEW });
  const local: Doctor = { ...ROSSI, platform: 'local' };
  for (let begun = 0; begun < 20; begun++) {
    expect(await begin(bot, local)).toBeNull();
    for (const room of rooms.of(local)) await rooms.end(room.id, 'revoked');
  }
  for (let begun = 0; begun < 4; begun++) expect(await begin(bot, local)).toBeNull();
  expect(await begin(bot, local)).toMatch(/^Your organisation has 4 open notes/);
});
