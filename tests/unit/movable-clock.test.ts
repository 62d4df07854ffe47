import { expect, it, vi } from 'vitest';
import { runningClock, standingClock } from '../support/server/movable-clock.ts';

it('a timer runs when the machine rings it, although the time of day says that it is too early', async () => {
  const now = vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
  await new Promise<void>((resolve) => runningClock().after(20, resolve));
  now.mockRestore();
});

it('a timer runs once, whether time was moved by hand or passes', async () => {
  const clock = runningClock();
  let runs = 0;
  clock.after(20, () => {
    runs += 1;
  });
  clock.advance(20);
  await new Promise<void>((resolve) => clock.after(30, resolve));
  expect(runs).toBe(1);
});

it('a standing clock runs what is due in the order in which it is due', () => {
  const clock = standingClock();
  const ran: number[] = [];
  for (const ms of [30, 10, 20, 40]) clock.after(ms, () => ran.push(ms));
  clock.advance(30);
  expect(ran).toEqual([10, 20, 30]);
});
