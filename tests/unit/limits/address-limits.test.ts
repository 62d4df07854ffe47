import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { LimitsConfig } from '../../../src/config/config.ts';
import { createAddressLimits } from '../../../src/limits/address-limits.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const LIMITS: LimitsConfig = {
  requests: 10,
  sockets: 8,
  entries: 70,
  wrongTries: 3,
  notes: { user: 1, tenant: 1 },
  rooms: { user: 1, tenant: 1 },
};

function limited() {
  const clock = standingClock();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { limits: createAddressLimits(LIMITS, clock, log), clock, lines };
}

async function ask(times: number, one: () => Promise<unknown>): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let asked = 0; asked < times; asked++) answers.push(await one());
  return answers;
}

describe('the limits of one network', () => {
  it('count requests, but not those that a platform has signed', async () => {
    const { limits } = limited();
    await ask(50, async () => {
      expect(await limits.request('slack')).toBeNull();
      await limits.signed('slack');
    });
    expect((await ask(11, () => limits.request('other'))).filter((excess) => excess !== null)).toHaveLength(1);
  });

  it('shut out whoever goes on and on, until its time is over, and nobody else', async () => {
    const { limits, clock } = limited();
    await ask(19, () => limits.request('flood'));
    expect(limits.isShutOut('flood')).toBe(false);
    await limits.request('flood');
    expect(limits.isShutOut('flood')).toBe(true);
    expect(limits.isShutOut('other')).toBe(false);
    clock.advance(60_000);
    expect(limits.isShutOut('flood')).toBe(false);
  });

  it('let nobody join one room again and again, who may still join others', async () => {
    const { limits } = limited();
    const answers = await ask(61, () => limits.entry('a', 'room'));
    expect(answers.findIndex((excess) => excess !== null)).toBe(60);
    expect(await limits.entry('a', 'another')).toBeNull();
    expect(await limits.entry('b', 'room')).toBeNull();
  });

  it('count everything that is entered', async () => {
    const { limits } = limited();
    const answers = await ask(71, () => limits.entry('a', null));
    expect(answers.findIndex((excess) => excess !== null)).toBe(70);
  });

  it('write one line into the log for each window, without an address', async () => {
    const { limits, lines } = limited();
    await ask(100, () => limits.wrong('12345'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ event: 'limited', limit: 'wrong-tries' }]);
    expect(lines.join('')).not.toContain('12345');
  });
});
