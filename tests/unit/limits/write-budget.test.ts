import { describe, expect, it } from 'vitest';
import { createWriteBudget } from '../../../src/limits/write-budget.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const doctorOf = (user: string) => ({ platform: 'slack', tenant: 'T1', user }) as const;

describe('what is written at a doctor’s word', () => {
  it('is little for one note, and more after a while', () => {
    const clock = standingClock();
    const budget = createWriteBudget(clock);
    const extend = () => budget.take('extend', 'a', doctorOf('U1'));
    expect(Array.from({ length: 365 }, extend).filter(Boolean)).toHaveLength(10);
    clock.advance(10_000);
    expect([extend(), extend()]).toEqual([true, false]);
    expect(budget.take('resume', 'a', doctorOf('U1'))).toBe(true);
  });

  it.each(['extend', 'restrict'] as const)('is little to %s a note, whatever else is asked for it', (what) => {
    const budget = createWriteBudget(standingClock());
    const asked = Array.from({ length: 365 }, () => budget.take(what, 'a', doctorOf('U1')));
    expect(asked.filter(Boolean)).toHaveLength(10);
    expect(budget.take('resume', 'a', doctorOf('U1'))).toBe(true);
  });

  it('is little for all notes of a doctor together, and costs another doctor nothing', () => {
    const budget = createWriteBudget(standingClock());
    const extended = Array.from({ length: 100 }, (_, room) => budget.take('extend', `room ${room}`, doctorOf('U1')));
    expect(extended.filter(Boolean)).toHaveLength(20);
    expect(budget.take('extend', 'of another', doctorOf('U2'))).toBe(true);
  });

  it('lets all pages of a doctor come back at once after a restart', () => {
    const budget = createWriteBudget(standingClock());
    const back = Array.from({ length: 100 }, (_, room) => budget.take('resume', `room ${room}`, doctorOf('U1')));
    expect(back.every(Boolean)).toBe(true);
  });

  it('is counted for one compose link, whoever opens it', () => {
    const budget = createWriteBudget(standingClock());
    expect(Array.from({ length: 50 }, () => budget.take('compose', 'hash', null)).filter(Boolean)).toHaveLength(20);
    expect(budget.take('compose', 'of another', null)).toBe(true);
  });
});
