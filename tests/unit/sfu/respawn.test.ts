import { describe, expect, it } from 'vitest';
import { createRespawn } from '../../../src/sfu/respawn.ts';

describe('a worker that died', () => {
  it('is started again at once when it had lived a while, each time', () => {
    const respawn = createRespawn();
    for (let now = 0; now < 100_000; now += 20_000) {
      respawn.started(now);
      expect(respawn.failed(now + 10_000)).toBe(0);
    }
  });

  it('is waited for twice as long each time when it dies at its start, and never so long that a note is lost', () => {
    const respawn = createRespawn();
    const waits = Array.from({ length: 8 }, (_, now) => {
      respawn.started(now);
      return respawn.failed(now);
    });
    expect(waits).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('is waited for in the same way when it cannot even be started', () => {
    const respawn = createRespawn();
    respawn.started(0);
    expect([respawn.failed(60_000), respawn.failed(60_000), respawn.failed(600_000)]).toEqual([0, 250, 500]);
  });

  it('counts as well again after it lived a while', () => {
    const respawn = createRespawn();
    for (let failure = 0; failure < 8; failure++) respawn.failed(0);
    respawn.started(0);
    expect(respawn.failed(9_999)).toBe(4_000);
    respawn.started(0);
    expect(respawn.failed(10_000)).toBe(0);
  });
});
