import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { DeliveryError, readRetryAfter } from '../../../bots/delivery/delivery-error.ts';
import { createSender } from '../../../bots/delivery/sender.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const T1 = { platform: 'slack', tenant: 'T1' } as const;
const T2 = { platform: 'slack', tenant: 'T2' } as const;
const LIMITED = () => Promise.reject(new DeliveryError('later', '429', 8_000));

function setUp() {
  const clock = standingClock();
  const sender = createSender({ clock, log: pino({ level: 'silent' }) });
  const made: string[] = [];
  const says = (what: string) => () => {
    made.push(what);
    return Promise.resolve(what);
  };
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  return { clock, sender, made, says, pass };
}

describe('a platform that asks to slow down', () => {
  it('for one message holds up no other one for as long', async () => {
    const { sender, made, says, pass } = setUp();
    await expect(sender.once(T1, false, LIMITED)).rejects.toThrow(DeliveryError);
    void sender.once(T1, false, says('another doctor'));
    void sender.once(T2, false, says('another tenant'));
    await pass(100);
    expect(made).toContain('another tenant');
    await pass(1_200);
    expect(made).toContain('another doctor');
  });

  it('gets what somebody waits for first, and one call at a time', async () => {
    const { sender, made, says, pass } = setUp();
    await expect(sender.once(T1, false, LIMITED)).rejects.toThrow(DeliveryError);
    for (const name of ['a', 'b', 'c']) void sender.once(T1, false, says(name));
    void sender.once(T1, true, says('a reader waits'));
    await pass(1_300);
    expect(made).toEqual(['a', 'a reader waits']);
    await pass(2_400);
    expect(made).toEqual(['a', 'a reader waits', 'b', 'c']);
  });

  it('is as fast as before a minute later', async () => {
    const { sender, made, says, pass } = setUp();
    await expect(sender.once(T1, false, LIMITED)).rejects.toThrow(DeliveryError);
    await pass(60_000);
    for (let count = 0; count < 20; count += 1) void sender.once(T1, false, says(String(count)));
    await pass(100);
    expect(made).toHaveLength(20);
  });
});

describe('one answer', () => {
  it('is tried again until it is taken, with the pauses that the platform asks for', async () => {
    const { clock, sender, pass } = setUp();
    const at: number[] = [];
    const begun = clock.now();
    const answers = [new DeliveryError('later', '429', 8_000), new TypeError('fetch failed')];
    const sent = sender.send(T1, () => {
      at.push(clock.now() - begun);
      const error = answers.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    });
    await pass(20_000);
    expect(await sent).toBe('done');
    expect(at.map((ms) => Math.floor(ms / 1_000))).toEqual([0, 8, 10]);
  });

  it.each(['post-anew', 'new-conversation', 'none'] as const)(
    'is not tried again when it needs “%s”',
    async (remedy) => {
      const { sender } = setUp();
      let calls = 0;
      const call = () => {
        calls += 1;
        return Promise.reject(new DeliveryError(remedy, '404'));
      };
      await expect(sender.send(T1, call)).rejects.toMatchObject({ remedy });
      expect(calls).toBe(1);
    },
  );

  it('is given up after five minutes', async () => {
    const { sender, pass } = setUp();
    const sent = sender.send(T1, () => Promise.reject(new Error('down'))).catch((error: unknown) => error);
    await pass(300_000);
    expect(await sent).toBeInstanceOf(Error);
  });
});

describe('Retry-After', () => {
  it.each([
    ['8', 8_000],
    ['0', 0],
    ['0.5', 500],
    ['86400', 600_000],
    ['Tue, 14 Nov 2023 22:13:30 GMT', 10_000],
    ['', null],
    ['soon', null],
    ['-3', null],
    [null, null],
  ])('%j is %s ms', (header, ms) => {
    expect(readRetryAfter(header, 1_700_000_000_000)).toBe(ms);
  });
});
