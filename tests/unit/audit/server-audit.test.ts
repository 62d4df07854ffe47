import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ownBuild } from '../../../src/audit/build-info.ts';
import { openServerAudit } from '../../../src/audit/server-audit.ts';
import { inTemporaryTree } from '../../support/server/temporary-tree.ts';
import { pass } from '../rooms/setup.ts';
import { DAY, dataKey, folder, HOUR } from '../store/setup.ts';
import { auditIn, drafted, tamper } from './setup.ts';

/** A server that keeps two days. */
async function server({ isShared = false } = {}) {
  const [dir, keys] = [folder(), [dataKey()]];
  const all = await auditIn({ dir, keys });
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const config = { audit: { days: 2 }, store: { dir, postgres: null, keys, historyDays: 90 } };
  const audit = openServerAudit({ config, isShared, rows: all.rows, clock: all.clock, log });
  const logged = (event: string) => lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
  return { ...all, audit, logged };
}

describe("a server's audit", () => {
  it('begins and ends with the version and the commit that ran', async () => {
    const { audit, records } = await server();
    await audit.begin();
    await audit.close();
    const build = { version: expect.stringMatching(/^\d+\.\d+\.\d+/), commit: ownBuild().commit };
    expect(await records()).toMatchObject([
      { action: 'server-started', ...build },
      { action: 'server-stopped', ...build },
    ]);
  });

  it('tells the log its head every hour, when there is news', async () => {
    const { audit, clock, logged } = await server();
    await audit.begin();
    expect(logged('audit-head')).toHaveLength(1);
    await pass(clock, HOUR);
    expect(logged('audit-head')).toHaveLength(1);
    await audit.require(drafted());
    await pass(clock, HOUR);
    expect(logged('audit-head')).toHaveLength(2);
  });

  it('of a node among others takes note of their rows every ten seconds, and misses those that are taken away', async () => {
    const { audit, clock, logged, start, state, dir } = await server({ isShared: true });
    await audit.begin();
    const other = start();
    await other.require(drafted());
    const looks = async () => {
      const before = state.tries;
      await pass(clock, 10_000);
      await expect.poll(() => state.tries).toBeGreaterThan(before);
    };
    await looks();
    tamper(dir, 'DELETE FROM audit WHERE seq > 1');
    await expect
      .poll(async () => {
        await looks();
        return logged('audit-tampered');
      })
      .toHaveLength(1);
    expect(audit.available()).toBe(false);
    await audit.close();
  });

  it('lets go of what is older than its days, goes on, and is whole', async () => {
    const { audit, clock, actions, verdict, logged } = await server();
    await audit.begin();
    await audit.require(drafted());
    for (let hour = 0; hour < 4 * 24; hour++) await pass(clock, HOUR);
    expect(await actions()).toEqual(['audit-purged']);
    expect(logged('audit-purged')).toMatchObject([{ rows: 2 }]);
    await audit.require(drafted());
    await audit.close();
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 3, purgedThrough: 2 });
  });

  it('that cannot be purged or begun says so, and tries again', async () => {
    const { audit, clock, state, actions, logged, rows } = await server();
    state.failing = new Error('disk full');
    await audit.begin();
    expect(audit.available()).toBe(false);
    state.failing = null;
    await pass(clock, 500);
    expect(audit.available()).toBe(true);
    expect(await actions()).toEqual(['server-started', 'audit-resumed']);
    const { purge } = rows;
    rows.purge = () => {
      throw new Error('locked');
    };
    await pass(clock, 4 * DAY);
    expect(logged('audit-not-purged')).toMatchObject([{ reason: 'locked' }]);
    rows.purge = purge;
    await pass(clock, HOUR);
    expect(await actions()).toEqual(['audit-purged']);
  });
});

describe('a server whose clock is years ahead', () => {
  it('deletes nothing, and says so once', async () => {
    const { audit, clock, actions, logged } = await server();
    await audit.require(drafted());
    await pass(clock, 3_000 * DAY);
    await audit.begin();
    for (let hour = 0; hour < 5; hour++) await pass(clock, HOUR);
    expect(logged('audit-not-purged')).toMatchObject([{ reason: expect.stringMatching(/set it right/) }]);
    expect(await actions()).toEqual(['note-drafted', 'server-started']);
  });
});

describe('the commit that runs', () => {
  const [one, other] = ['1'.repeat(40), '2'.repeat(40)];
  const version = { 'package.json': '{"version":"1.2.3"}' };
  it.each<[string, Record<string, string>, string | null]>([
    ['is the branch’s', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${one}\n` }, one],
    [
      'is a packed branch’s',
      { '.git/HEAD': 'ref: refs/heads/a', '.git/packed-refs': `# x\n${one} refs/heads/b/a\n${other} refs/heads/a\n` },
      other,
    ],
    ['is the one checked out', { '.git/HEAD': `${one}\n` }, one],
    ['is the archive’s', { 'scripts/setup/commit.txt': `${other}\n` }, other],
    ['is not known without either', { 'scripts/setup/commit.txt': '$Format:%H$\n' }, null],
    ['is not looked for elsewhere', { '.git/HEAD': 'ref: refs/heads/../../x', x: one }, null],
  ])('%s', (_what, files, commit) => {
    inTemporaryTree({ ...version, ...files }, (root) => expect(ownBuild(root)).toEqual({ version: '1.2.3', commit }));
  });

  it('is what git says, in a checkout', () => {
    const root = path.join(import.meta.dirname, '../../..');
    const { commit } = ownBuild();
    if (commit === null) return;
    expect(execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()).toBe(commit);
  });
});
