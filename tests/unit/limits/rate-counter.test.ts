import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateCounter } from '../../../src/limits/rate-counter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a limit in a window of time', () => {
  const counter = () => createRateCounter({ points: 3, seconds: 60 });

  it('lets so many through and not one more, and says when to come again', async () => {
    const { take } = counter();
    expect([await take('a'), await take('a'), await take('a')]).toEqual([null, null, null]);
    vi.advanceTimersByTime(20_500);
    expect(await take('a')).toEqual({ waitSeconds: 40, times: 4 / 3, first: true });
    expect(await take('a')).toMatchObject({ times: 5 / 3, first: false });
  });

  it('begins anew when the window is over, however much was asked for meanwhile', async () => {
    const { take } = counter();
    for (let asked = 0; asked < 100; asked++) await take('a');
    vi.advanceTimersByTime(60_000);
    expect(await take('a')).toBeNull();
  });

  it('counts each key by itself', async () => {
    const { take } = counter();
    for (let asked = 0; asked < 100; asked++) await take('a');
    expect(await take('b')).toBeNull();
  });

  it('does not count what was given back', async () => {
    const { take, refund } = counter();
    for (let asked = 0; asked < 10; asked++) {
      expect(await take('a')).toBeNull();
      await refund('a');
    }
  });

  it('keeps nobody out for longer when the clock of the machine is set back', async () => {
    const { take } = counter();
    for (let asked = 0; asked < 4; asked++) await take('a');
    vi.setSystemTime(Date.now() - 7_200_000);
    expect(await take('a')).toMatchObject({ waitSeconds: 60 });
    vi.advanceTimersByTime(60_000);
    expect(await take('a')).toBeNull();
  });

  it('forgets keys whose time is over', async () => {
    const { take } = counter();
    for (let key = 0; key < 1_000; key++) await take(String(key));
    expect(vi.getTimerCount()).toBe(1_000);
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
