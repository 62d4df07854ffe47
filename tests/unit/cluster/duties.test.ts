import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownDuties, sharedDuties } from '../../../src/cluster/duties.ts';
import { openPostgresDatabase } from '../../../src/store/database/postgres-database.ts';
import { createNodes } from '../../../src/store/nodes.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { SOON } from '../../support/server/soon.ts';
import { ownDatabase, POSTGRES_SERVER } from '../store/databases.ts';
import { logger } from './logger.ts';
import { cableTo } from './postgres-nodes.ts';

const NAME = 'slack-socket';

/** A duty that tells what was done to it. */
function recorded() {
  const steps: string[] = [];
  return { steps, duty: { start: () => void steps.push('start'), stop: () => void steps.push('stop') } };
}

describe('the duties of a node by itself', () => {
  it('are its own until it stops', async () => {
    const { log } = logger();
    const { steps, duty } = recorded();
    const duties = ownDuties(log);
    duties.holdDuty(NAME, duty);
    expect(steps).toEqual(['start']);
    await duties.close();
    expect(steps).toEqual(['start', 'stop']);
  });

  it('that fail to start are logged', async () => {
    const { log, events } = logger();
    const duties = ownDuties(log);
    duties.holdDuty(NAME, { start: () => Promise.reject(new Error('refused')), stop: () => undefined });
    await duties.close();
    expect(events()).toEqual(['duty-error']);
  });
});

describe.each(POSTGRES_SERVER === null ? [] : [POSTGRES_SERVER])('a duty of several nodes', (server) => {
  async function database() {
    const test = await ownDatabase(server);
    async function node(clock = standingClock(), port = server.port) {
      const { db, roomsDb, close } = await openPostgresDatabase({ ...test.config, port });
      onTestFinished(close);
      const { log, events } = logger();
      const run = randomUUID();
      const duties = sharedDuties({ nodes: createNodes(db, roomsDb), run, clock, log });
      onTestFinished(() => duties.close());
      const { steps, duty } = recorded();
      duties.holdDuty(NAME, duty);
      return { duties, steps, clock, run, events };
    }
    const holder = async () => (await test.run('SELECT run FROM duties'))[0]?.['run'];
    return { ...test, node, holder };
  }

  it('is one node’s, and another one’s soon after that one has stopped', async () => {
    const { node, holder } = await database();
    const first = await node();
    await expect.poll(() => first.steps, SOON).toEqual(['start']);
    const second = await node();
    for (let tries = 0; tries < 5; tries++) {
      second.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(second.steps).toEqual([]);
    expect(await holder()).toBe(first.run);
    await first.duties.close();
    expect(first.steps).toEqual(['start', 'stop']);
    expect(await holder()).toBeUndefined();
    await expect
      .poll(() => {
        second.clock.advance(1_000);
        return second.steps;
      }, SOON)
      .toEqual(['start']);
    expect(await holder()).toBe(second.run);
  });

  it('is renewed, for 15 s by the database’s clock', async () => {
    const { node, run } = await database();
    const { clock, steps } = await node();
    await expect.poll(() => steps, SOON).toEqual(['start']);
    const left = async () =>
      Number(
        (await run('SELECT until - extract(epoch from clock_timestamp()) * 1000 AS left FROM duties'))[0]?.['left'],
      );
    expect(await left()).toBeGreaterThan(10_000);
    expect(await left()).toBeLessThanOrEqual(15_000);
    await run('UPDATE duties SET until = until - 9000');
    clock.advance(5_000);
    await expect.poll(left, SOON).toBeGreaterThan(10_000);
    expect(steps).toEqual(['start']);
  });

  it('is taken when the lease of a node that died is over, and not before', async () => {
    const { node, run, holder } = await database();
    await node();
    await expect.poll(holder, SOON).toBeDefined();
    await run(`UPDATE duties SET run = 'killed'`);
    const second = await node();
    second.clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(second.steps).toEqual([]);
    await run('UPDATE duties SET until = until - 15000');
    await expect
      .poll(() => {
        second.clock.advance(1_000);
        return second.steps;
      }, SOON)
      .toEqual(['start']);
  });

  it('is taken also where its lease is longer than any node takes it for: a clock was wrong, or somebody else wrote it', async () => {
    const { node, run, holder } = await database();
    const first = await node();
    await expect.poll(() => first.steps, SOON).toEqual(['start']);
    await run("UPDATE duties SET run = 'nobody', until = until + 31536000000");
    const second = await node();
    await expect
      .poll(() => {
        second.clock.advance(1_000);
        return second.steps;
      }, SOON)
      .toEqual(['start']);
    expect(await holder()).toBe(second.run);
  });

  it('is given up 10 s after it was renewed last, before another node can have it', async () => {
    const { node } = await database();
    const cable = await cableTo(server.port);
    const { clock, steps, events } = await node(standingClock(), cable.port);
    await expect.poll(() => steps, SOON).toEqual(['start']);
    cable.pull();
    clock.advance(5_000);
    await expect.poll(events, SOON).toContain('duty-not-renewed');
    clock.advance(4_999);
    expect(steps).toEqual(['start']);
    clock.advance(1);
    await expect.poll(() => steps, SOON).toEqual(['start', 'stop']);
    cable.putBack();
    await expect
      .poll(() => {
        clock.advance(1_000);
        return steps;
      }, SOON)
      .toEqual(['start', 'stop', 'start']);
  });

  it('is stopped by a node that finds another one to have it, as after it was frozen', async () => {
    const { node, run } = await database();
    const { clock, steps } = await node();
    await expect.poll(() => steps, SOON).toEqual(['start']);
    await run(`UPDATE duties SET run = 'another'`);
    clock.advance(5_000);
    await expect.poll(() => steps, SOON).toEqual(['start', 'stop']);
  });
});
