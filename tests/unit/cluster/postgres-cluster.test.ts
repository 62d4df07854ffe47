import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ANSWER_MS, type Command } from '../../../src/cluster/cluster.ts';
import { Refused } from '../../../src/protocol/errors.ts';
import { connectionTo } from '../../../src/store/database/postgres-database.ts';
import { runningClock } from '../../support/server/movable-clock.ts';
import { SOON } from '../../support/server/soon.ts';
import { POSTGRES_SERVER } from '../store/databases.ts';
import { clusterOn, newKey, opened, room } from './postgres-nodes.ts';

const FIND: Command = { kind: 'find', roomId: 'R'.repeat(22) };
const ROOM = 'R'.repeat(22);
const COUNT = (count: number) => Promise.resolve({ kind: 'ended', count } as const);
/** What a loaded machine may add to a time. */
const SLACK_MS = 1_500;

describe.each(POSTGRES_SERVER === null ? [] : [POSTGRES_SERVER])('nodes on one PostgreSQL', (server) => {
  async function three() {
    const cluster = await clusterOn(server);
    const [first, second, third] = [await cluster.started(), await cluster.started(), await cluster.started()];
    second.cluster.onCommand(() => COUNT(2));
    third.cluster.onCommand(() => COUNT(3));
    return { ...cluster, first, second, third };
  }

  /** A node whose way to PostgreSQL is pulled out until its heartbeat is too old, and another one. */
  async function cutOffNode() {
    const cluster = await clusterOn(server);
    const first = await cluster.started();
    const clusterNode = await cluster.started({ cabled: true });
    clusterNode.cluster.onCommand(() => COUNT(7));
    clusterNode.cable?.pull();
    onTestFinished(() => clusterNode.cable?.putBack());
    await expect.poll(async () => (await first.nodes.silent(4_000)).length, { timeout: 10_000 }).toBe(1);
    return { ...cluster, first, clusterNode };
  }

  describe('a command', () => {
    it('is answered by all others, or by the one that is asked, and not by the one that asks', async () => {
      const { first, second, third } = await three();
      first.cluster.onCommand(() => COUNT(1));
      const all = await first.cluster.ask('others', FIND);
      expect(all.missing).toBe(0);
      expect(all.answers.map((answer) => 'count' in answer && answer.count).sort()).toEqual([2, 3]);
      expect(await first.cluster.ask(third.run, FIND)).toEqual({
        answers: [{ kind: 'ended', count: 3 }],
        missing: 0,
      });
      const asked: Command[] = [];
      second.cluster.onCommand((command) => {
        asked.push(command);
        return COUNT(2);
      });
      await third.cluster.ask(second.run, FIND);
      expect(asked).toEqual([FIND]);
    });

    it('says after 1.5 s how many did not answer, with what the others did', async () => {
      const { first, third } = await three();
      third.cluster.onCommand(() => new Promise(() => undefined));
      const start = performance.now();
      const { answers, missing } = await first.cluster.ask('others', FIND);
      const ms = performance.now() - start;
      expect({ answers, missing }).toEqual({ answers: [{ kind: 'ended', count: 2 }], missing: 1 });
      expect(ms).toBeGreaterThanOrEqual(ANSWER_MS - 10);
      expect(ms).toBeLessThan(ANSWER_MS + SLACK_MS);
    });

    it('that a node fails to carry out is not answered, and logged there', async () => {
      const { first, second } = await three();
      second.cluster.onCommand(() => Promise.reject(new Error('broken')));
      expect(await first.cluster.ask(second.run, FIND)).toEqual({ answers: [], missing: 1 });
      expect(second.events()).toContain('node-command-error');
    });

    it('goes to nobody at once when the others are dead, or the one that is asked never was', async () => {
      const { first, second, third, run } = await three();
      await second.cluster.close();
      await third.cluster.close();
      await run(`INSERT INTO nodes VALUES ('killed', 'http://127.0.0.1:1', 1000)`);
      const start = performance.now();
      expect(await first.cluster.ask('others', FIND)).toEqual({ answers: [], missing: 0 });
      expect(await first.cluster.ask('killed', FIND)).toEqual({ answers: [], missing: 0 });
      expect(performance.now() - start).toBeLessThan(ANSWER_MS);
    });

    it('reaches a node at its URL that cannot write to PostgreSQL, and its rooms are still its own', async () => {
      const { clusterNode, first, hosts, run } = await cutOffNode();
      await hosts(ROOM, clusterNode.run);
      expect(await first.cluster.locate(ROOM)).toMatchObject({ run: clusterNode.run, url: clusterNode.url });
      expect(await first.cluster.ask(clusterNode.run, FIND)).toEqual({
        answers: [{ kind: 'ended', count: 7 }],
        missing: 0,
      });
      expect(await first.cluster.ask('others', FIND)).toMatchObject({ missing: 0 });
      clusterNode.cluster.onCommand(() => Promise.reject(new Error('broken')));
      expect(await first.cluster.ask(clusterNode.run, FIND)).toEqual({ answers: [], missing: 1 });
      await run('DELETE FROM nodes');
      expect(await first.cluster.locate(ROOM)).toBeNull();
    });

    it('is answered behind everything that the node published before, large and small', async () => {
      const { first, second } = await three();
      const rooms = Array.from({ length: 60 }, (_, index) => room(index));
      second.cluster.onCommand(() => {
        for (const number of rooms.keys()) {
          second.cluster.publish(opened(number));
          if (number % 10 === 0) second.cluster.publish({ kind: 'wrong-guess', network: 'n'.repeat(9_000) });
        }
        return Promise.resolve({ kind: 'rooms', rooms });
      });
      const { answers } = await first.cluster.ask(second.run, FIND);
      expect(answers).toEqual([{ kind: 'rooms', rooms }]);
      expect(first.heard).toHaveLength(66);
      expect(first.heard.filter(({ kind }) => kind === 'opened')).toEqual(
        rooms.map(({ createdAt }) => opened(createdAt)),
      );
    });

    it('is refused at once without a connection to PostgreSQL, and what waits for an answer as well', async () => {
      const cluster = await clusterOn(server);
      const [first, second] = [await cluster.started({ cabled: true }), await cluster.started()];
      let isAsked = false;
      second.cluster.onCommand(() => {
        isAsked = true;
        return new Promise(() => undefined);
      });
      const waiting = first.cluster.ask('others', FIND);
      const outcome = waiting.catch((error: unknown) => error);
      await expect.poll(() => isAsked, SOON).toBe(true);
      first.cable?.pull();
      first.cable?.cut();
      expect(await outcome).toEqual(new Refused('unavailable'));
      const start = performance.now();
      await expect(first.cluster.ask('others', FIND)).rejects.toEqual(new Refused('unavailable'));
      expect(performance.now() - start).toBeLessThan(ANSWER_MS);
      first.cable?.putBack();
    });
  });

  describe('what nodes say', () => {
    /** Somebody who listens at the database, without the key. */
    async function eavesdropper(config: Parameters<typeof connectionTo>[0]) {
      const client = new pg.Client(connectionTo(config));
      client.on('error', () => undefined);
      await client.connect();
      onTestFinished(() => client.end());
      const heard: string[] = [];
      client.on('notification', ({ payload }) => heard.push(payload ?? ''));
      await client.query('LISTEN glir_all');
      return { heard, say: (payload: string) => client.query(`SELECT pg_notify('glir_all', $1)`, [payload]) };
    }

    it('cannot be read, forged or repeated by who has the database alone', async () => {
      const { first, second, third, config, started } = await three();
      const { heard, say } = await eavesdropper(config);
      first.cluster.publish({ kind: 'wrong-guess', network: '198.51.100.7' });
      await expect.poll(() => second.heard.length, SOON).toBe(1);
      await expect.poll(() => heard.length, SOON).toBe(1);
      const [payload = ''] = heard;
      const box = Buffer.from(payload, 'base64');
      expect(box.includes('198.51') || box.includes(first.run)).toBe(false);

      const late = await started();
      box[20] = (box[20] ?? 0) ^ 1;
      const event = JSON.stringify({ kind: 'event', event: { kind: 'wrong-guess', network: 'forged' } });
      for (const forged of [payload, box.toString('base64'), event, '', Buffer.from(event).toString('base64')]) {
        await say(forged);
      }
      first.cluster.publish({ kind: 'wrong-guess', network: 'the last one' });
      const last = { kind: 'wrong-guess', network: 'the last one' };
      for (const { heard: each } of [second, third]) {
        await expect.poll(() => each.at(-1), SOON).toEqual(last);
        expect(each).toHaveLength(2);
      }
      await expect.poll(() => late.heard, SOON).toEqual([last]);
      // Once a minute, and not for each.
      expect(second.events().filter((each) => each === 'node-message-dropped')).toHaveLength(1);
    });

    it('is not believed when its row was changed, which counts as something that was missed', async () => {
      const { first, second, run } = await three();
      await run(`
        CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN new.message := set_byte(new.message, 30, (get_byte(new.message, 30) + 1) % 64 + 65); RETURN new; END $$;
        CREATE TRIGGER forge BEFORE INSERT ON node_messages FOR EACH ROW EXECUTE FUNCTION forge();
      `);
      first.cluster.publish({ kind: 'wrong-guess', network: 'n'.repeat(9_000) });
      first.cluster.publish({ kind: 'wrong-guess', network: 'short' });
      await expect.poll(() => second.heard, SOON).toEqual([{ kind: 'wrong-guess', network: 'short' }]);
      expect(second.gaps).toEqual([0]);
      expect(second.events()).toContain('node-message-dropped');
    });

    it('leaves rows that are deleted when they are too old', async () => {
      const { first, second, run } = await three();
      first.cluster.publish({ kind: 'wrong-guess', network: 'n'.repeat(9_000) });
      await expect.poll(() => second.heard.length, SOON).toBe(1);
      const rows = () => run('SELECT until FROM node_messages');
      expect(await rows()).toHaveLength(1);
      await second.nodes.purge();
      expect(await rows()).toHaveLength(1);
      await run('UPDATE node_messages SET until = until - 31000');
      await second.nodes.purge();
      expect(await rows()).toHaveLength(0);
    });
  });

  describe('a broken connection', () => {
    const cutOff = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%clock_timestamp()) * 1000 AS now%' AND datname = current_database() AND pid <> pg_backend_pid()`;

    it('is made again by itself, and both sides hear that events may have been missed', async () => {
      const { first, second, third, run } = await three();
      await expect.poll(async () => (await run(cutOff)).length, SOON).toBeGreaterThan(0);
      await expect.poll(() => [first, second, third].some(({ gaps }) => gaps.length > 0), SOON).toBe(true);
      await expect.poll(() => first.cluster.ask('others', FIND).catch(() => null), SOON).toMatchObject({ missing: 0 });
    });

    it('is made again with TLS as well', async () => {
      const { started } = await clusterOn(server);
      const [first, second] = [await started({ tls: true, cabled: true }), await started()];
      second.cluster.onCommand(() => COUNT(2));
      expect(await first.cluster.ask(second.run, FIND)).toMatchObject({ missing: 0 });
      first.cable?.cut();
      await expect.poll(() => first.gaps.length, SOON).toBe(1);
      expect(await first.cluster.ask(second.run, FIND)).toMatchObject({ missing: 0 });
    });

    it('that is silent is cut; others hear of a gap when somebody said something meanwhile', async () => {
      const cluster = await clusterOn(server);
      const [first, second] = [await cluster.started({ cabled: true }), await cluster.started()];
      first.cable?.pull();
      await expect.poll(() => first.events(), SOON).toContain('nodes-disconnected');
      first.cluster.publish(opened(1));
      expect(second.gaps).toEqual([]);
      first.cable?.putBack();
      first.cable?.cut();
      await expect.poll(() => [first.gaps.length, second.gaps.length], SOON).toEqual([1, 1]);
      first.cluster.publish(opened(2));
      await expect.poll(() => second.heard, SOON).toEqual([opened(2)]);
    });
  });

  describe('a room', () => {
    it('is where the node that hosts it is, for all others', async () => {
      const { first, second, hosts } = await three();
      await hosts(ROOM, second.run, 7);
      expect(await first.cluster.locate(ROOM)).toEqual({ run: second.run, url: second.url, epoch: 7 });
      expect(await second.cluster.locate(ROOM)).toBeNull();
      expect(await first.cluster.locate('S'.repeat(22))).toBeNull();
    });

    it('is nowhere when its node has stopped, or has not been alive for 4 s', async () => {
      const { first, second, hosts, run } = await three();
      await hosts(ROOM, second.run);
      await hosts('S'.repeat(22), 'killed');
      const killed = (ago: number) =>
        run(`INSERT INTO nodes VALUES ('killed', 'http://127.0.0.1:1', extract(epoch from clock_timestamp()) * 1000 - ${ago})
          ON CONFLICT (run) DO UPDATE SET heartbeat_at = excluded.heartbeat_at`);
      await killed(1_000);
      expect(await first.cluster.locate('S'.repeat(22))).toMatchObject({ run: 'killed' });
      await killed(4_100);
      expect(await first.cluster.locate('S'.repeat(22))).toBeNull();
      expect(await first.cluster.whereIs('killed')).toBe('http://127.0.0.1:1');
      await second.cluster.close();
      expect(await first.cluster.locate(ROOM)).toBeNull();
      expect(await first.cluster.whereIs(second.run)).toBeNull();
      await killed(60 * 60 * 1000 + 1);
      await first.nodes.purge();
      expect(await first.cluster.whereIs('killed')).toBeNull();
    });

    it('cannot be located while PostgreSQL does not answer', async () => {
      const { started } = await clusterOn(server);
      const { cluster, cable } = await started({ cabled: true });
      cable?.pull();
      await expect(cluster.locate(ROOM)).rejects.toEqual(new Refused('unavailable'));
      await expect(cluster.whereIs('anyone')).rejects.toEqual(new Refused('unavailable'));
      cable?.putBack();
    });
  });

  describe('a node', () => {
    it('answers for its own run alone', async () => {
      const { first, second, third } = await three();
      expect(await first.cluster.answersAt(second.url, second.run)).toBe(true);
      expect(await first.cluster.answersAt(second.url, third.run)).toBe(false);
      await second.cluster.close();
      expect(await first.cluster.answersAt(second.url, second.run)).toBe(false);
    });

    it('does not begin with another key than the others have', async () => {
      const { first, node } = await three();
      const stranger = await node({ key: newKey() });
      // It must not take the others for dead, whose rooms it would end.
      expect(await stranger.cluster.answersAt(first.url, first.run)).toBe(true);
      await expect(stranger.cluster.start()).rejects.toThrow(
        /does not accept this one\. Set the same GLIR_CLUSTER_KEY/,
      );
      expect((await first.nodes.alive(4_000)).map(({ run }) => run)).not.toContain(stranger.run);
    });

    it.each([6_000, -6_000])('does not begin with a clock that is %i ms ahead of PostgreSQL’s', async (ms) => {
      const { node } = await clusterOn(server);
      const clock = runningClock();
      clock.set(ms);
      const { cluster } = await node({ clock });
      await expect(cluster.start()).rejects.toThrow(/clock is 6 s (ahead of|behind) PostgreSQL's\. Set both by NTP/);
    });

    it('whose clock is set wrong later says so, and is understood all the same', async () => {
      const { node, started } = await clusterOn(server);
      const clock = runningClock();
      const [first, second] = [await node({ clock }), await started()];
      await first.cluster.start();
      clock.set(90_000);
      await expect.poll(() => first.events(), SOON).toContain('clock-differs');
      first.cluster.publish(opened(1));
      await expect.poll(() => second.heard, SOON).toEqual([opened(1)]);
      expect(first.logged.filter(({ event }) => event === 'clock-differs')).toEqual([
        expect.objectContaining({ seconds: 90 }),
      ]);
    });

    it('that was frozen hears that events may have been missed', async () => {
      const { node } = await clusterOn(server);
      const clock = runningClock();
      const { cluster, gaps } = await node({ clock });
      await cluster.start();
      clock.advance(10_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(gaps).toEqual([]);
      clock.advance(20_000);
      await expect.poll(() => gaps, SOON).toEqual([0]);
    });

    it('that cannot listen says what to set', async () => {
      const { first, node } = await three();
      const { cluster } = await node({ listenOn: first.port });
      await expect(cluster.start()).rejects.toThrow(/cannot listen on GLIR_NODE_LISTEN \(EADDRINUSE\)\. Set /);
    });
  });
});
