import { describe, expect, it } from 'vitest';
import { createTokenBucket } from '../../../src/limits/token-bucket.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const RATE = { burst: 5, perSecond: 2 };

/** How many of `tries` messages in a row may pass. */
function passes(mayGoOn: () => boolean, tries: number): number {
  return Array.from({ length: tries }, mayGoOn).filter((passed) => passed).length;
}

describe('the limit on messages', () => {
  it('lets a burst through and not one more', () => {
    expect(passes(createTokenBucket(standingClock(), RATE), 50)).toBe(5);
  });

  it('fills up again with time, at its own pace', () => {
    const clock = standingClock();
    const mayGoOn = createTokenBucket(clock, RATE);
    passes(mayGoOn, 5);
    clock.advance(499);
    expect(mayGoOn()).toBe(false);
    clock.advance(1);
    expect(mayGoOn()).toBe(true);
    expect(mayGoOn()).toBe(false);
    clock.advance(1_000);
    expect(passes(mayGoOn, 50)).toBe(2);
  });

  it('never holds more than a burst, however long nobody spoke', () => {
    const clock = standingClock();
    const mayGoOn = createTokenBucket(clock, RATE);
    clock.advance(3_600_000);
    expect(passes(mayGoOn, 50)).toBe(5);
  });

  it('is not prolonged by asking while it is empty', () => {
    const clock = standingClock();
    const mayGoOn = createTokenBucket(clock, RATE);
    passes(mayGoOn, 5);
    for (let tenth = 0; tenth < 4; tenth++) {
      clock.advance(100);
      expect(mayGoOn()).toBe(false);
    }
    clock.advance(100);
    expect(mayGoOn()).toBe(true);
  });

  it('is one per socket', () => {
    const clock = standingClock();
    const [one, two] = [createTokenBucket(clock, RATE), createTokenBucket(clock, RATE)];
    passes(one, 50);
    expect(passes(two, 50)).toBe(5);
  });

  it('survives a clock that is set back, or forward', () => {
    const clock = standingClock();
    const mayGoOn = createTokenBucket(clock, RATE);
    passes(mayGoOn, 5);
    for (const ms of [-600_000, 1_200_000]) {
      clock.set(ms);
      expect(mayGoOn()).toBe(false);
    }
    clock.advance(1_000);
    expect(passes(mayGoOn, 50)).toBe(2);
  });

  it('takes more for a large message, and nothing for one that is refused', () => {
    const clock = standingClock();
    const mayGoOn = createTokenBucket(clock, RATE);
    expect(mayGoOn(4)).toBe(true);
    expect(mayGoOn(2)).toBe(false);
    expect(mayGoOn(1)).toBe(true);
  });
});
