import { describe, expect, it } from 'vitest';
import { createRestartBackoff } from '../../../src/sfu/worker-pool.ts';

describe('a worker that died', () => {
  it('is started again at once when it had lived a while, each time', () => {
    const backoff = createRestartBackoff();
    for (let now = 0; now < 100_000; now += 20_000) {
      backoff.started(now);
      expect(backoff.failed(now + 10_000)).toBe(0);
    }
  });

  it('is waited for twice as long each time when it dies at its start, and never so long that a note is lost', () => {
    const backoff = createRestartBackoff();
    const waits = Array.from({ length: 8 }, (_, now) => {
      backoff.started(now);
      return backoff.failed(now);
    });
    expect(waits).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('is waited for in the same way when it cannot even be started', () => {
    const backoff = createRestartBackoff();
    backoff.started(0);
    expect([backoff.failed(60_000), backoff.failed(60_000), backoff.failed(600_000)]).toEqual([0, 250, 500]);
  });

  it('counts as well again after it lived a while', () => {
    const backoff = createRestartBackoff();
    for (let failure = 0; failure < 8; failure++) backoff.failed(0);
    backoff.started(0);
    expect(backoff.failed(9_999)).toBe(4_000);
    backoff.started(0);
    expect(backoff.failed(10_000)).toBe(0);
  });
});
