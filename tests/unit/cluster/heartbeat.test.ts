import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Heartbeat } from '../../../src/cluster/heartbeat.ts';
import type { Nodes } from '../../../src/store/store.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { logger } from './logger.ts';

const RUN = 'this-run';
const URL = 'http://10.0.0.5:7400';

/** A heart over a database that can be away. */
function heart() {
  const clock = standingClock();
  const { log, events } = logger();
  const written: number[] = [];
  const at = { isAway: false };
  const quiet: number[] = [];
  const answer = () => (at.isAway ? Promise.reject(new Error('away')) : Promise.resolve());
  const nodes = {
    beat: vi.fn(async () => {
      await answer();
      written.push(clock.uptime());
    }),
    remove: vi.fn(answer),
    alive: () => Promise.resolve([]),
    silent: () => Promise.resolve([]),
    hostOf: () => Promise.resolve(null),
    find: () => Promise.resolve(null),
    takeDuty: () => Promise.resolve(true),
    releaseDuty: () => Promise.resolve(),
    purge: vi.fn(answer),
  } satisfies Nodes;
  const onBeat = (ms: number) => {
    quiet.push(ms);
    return Promise.resolve();
  };
  const heartbeat = new Heartbeat({ run: RUN, url: URL, nodes, clock, log, onBeat });
  onTestFinished(() => heartbeat.stop());
  async function seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      clock.advance(1_000);
      await settled();
    }
  }
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return { heartbeat, nodes, clock, written, at, quiet, seconds, settled, events };
}

describe('a heartbeat', () => {
  it('is written each second, until the node is gone', async () => {
    const { heartbeat, nodes, written, seconds } = heart();
    await heartbeat.start();
    await seconds(3);
    expect(written).toHaveLength(4);
    expect(nodes.beat).toHaveBeenLastCalledWith(RUN, URL);
    await heartbeat.stop();
    await seconds(3);
    expect(written).toHaveLength(4);
    expect(nodes.remove).toHaveBeenCalledExactlyOnceWith(RUN);
  });

  it('rejects the start when it cannot be written, and later goes on by itself', async () => {
    const { heartbeat, at, written, seconds, events } = heart();
    at.isAway = true;
    await expect(heartbeat.start()).rejects.toThrow('away');
    at.isAway = false;
    await heartbeat.start();
    at.isAway = true;
    await seconds(2);
    expect(events()).toContain('node-not-registered');
    at.isAway = false;
    await seconds(2);
    expect(written).toHaveLength(3);
  });

  it('of others may be 4 s old; older after a time in which nobody could write, for a moment', async () => {
    const { heartbeat, at, seconds } = heart();
    await heartbeat.start();
    await seconds(2);
    expect(heartbeat.aliveWithin()).toBe(4_000);
    at.isAway = true;
    await seconds(60);
    expect(heartbeat.aliveWithin()).toBe(64_000);
    at.isAway = false;
    await seconds(1);
    expect(heartbeat.aliveWithin()).toBe(65_000);
    await seconds(3);
    expect(heartbeat.aliveWithin()).toBe(68_000);
    await seconds(1);
    expect(heartbeat.aliveWithin()).toBe(4_000);
  });

  it('tells how long there was none, and cleans up once a minute', async () => {
    const { heartbeat, nodes, clock, quiet, seconds, settled } = heart();
    await heartbeat.start();
    await seconds(1);
    clock.advance(20_000);
    await settled();
    await seconds(1);
    expect(quiet).toEqual([1_000, 20_000, 1_000]);
    await seconds(38);
    expect(nodes.purge).toHaveBeenCalledTimes(1);
    await seconds(1);
    expect(nodes.purge).toHaveBeenCalledTimes(2);
  });
});
