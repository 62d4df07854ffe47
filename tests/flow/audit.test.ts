import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localAnswerSchema } from '../../src/protocol/local-chat.ts';
import { auditOf, glirTool } from '../support/server/audit-tool.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { request } from '../support/signalling/channels.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const ROOT = path.join(import.meta.dirname, '../..');

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterEach(() => closeAllPages());
afterAll(() => glir.stop());

const env = () => ({ GLIR_DATA_DIR: glir.dataDir });
const health = async () => (await fetch(`${glir.url}/healthz`)).json();

async function says(text: string) {
  const answer = await fetch(`${glir.url}/local/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: glir.url },
    body: JSON.stringify({ text }),
  });
  return localAnswerSchema.parse(await answer.json()).messages[0];
}

/** What the audit says of a room, once it says how it ended. */
async function storyOf(roomId: string) {
  const room = roomId.slice(0, 8);
  let rows: Awaited<ReturnType<typeof auditOf>> = [];
  await expect
    .poll(async () => {
      rows = (await auditOf(env())).filter((row) => row['room'] === room);
      return rows.at(-1)?.action;
    }, SOON)
    .toBe('note-ended');
  return rows;
}

/** Runs statements on the file while the server has it open. */
function meddle(statements: string): void {
  const db = new DatabaseSync(path.join(glir.dataDir, 'glir.db'), { timeout: 2_000 });
  db.exec(statements);
  db.close();
}

describe('the audit of a running server', () => {
  it('tells a note’s story from the command to its end, and nothing of the note', async () => {
    const doctor = await composer(glir.url, { command: '/glir 15m' });
    const link = await doctor.share({ admission: 'ask', maxReaders: 2 });
    const [patient, stranger] = [await reader(link), await reader(link)];
    await patient.tap();
    const first = await doctor.knock();
    await doctor.reveal(first);
    await doctor.admit(first);
    await doctor.send(first, 'METFORMIN-MARKER');
    await patient.note();
    await stranger.tap();
    const second = await doctor.knock();
    const waiting = [{ readerId: second.readerId, number: 2, shortCode: '482913' }];
    await request(doctor.client, 'report-readers', { waiting, readBy: 1 });
    await doctor.refuse(second);
    await doctor.extend(600);
    doctor.cut();
    await doctor.resume();
    await doctor.destroy();

    const rows = await storyOf(doctor.roomId);
    const who = { platform: 'local', tenant: 'local', user: 'local', at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) };
    expect(rows).toMatchObject([
      { ...who, action: 'note-drafted', admission: 'ask', expirySeconds: 900, maxReaders: 3 },
      { ...who, action: 'note-opened', admission: 'ask', expirySeconds: 900, maxReaders: 2 },
      { ...who, action: 'reader-admitted', via: 'page', reader: null, reading: 1 },
      { ...who, action: 'reader-refused', via: 'page', reader: 2, reading: 1 },
      { ...who, action: 'note-extended', expirySeconds: 1_500 },
      { ...who, action: 'note-interrupted' },
      { ...who, action: 'note-resumed' },
      { ...who, action: 'note-ended', reason: 'revoked', readBy: 1 },
    ]);
    const { out } = await glirTool(['audit', 'export'], env());
    const secrets = [doctor.roomId, link, link.split('#')[1] ?? '', first.shortCode, '482913', first.readerId, 'Rossi'];
    for (const secret of ['METFORMIN', ...secrets]) expect(out).not.toContain(secret);
  });

  it('says that a link was enough, and that wrong PINs locked everybody out', async () => {
    const doctor = await composer(glir.url, { command: '/glir 15m' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await patient.tap();
    await doctor.knock();
    await doctor.destroy('locked');
    expect((await storyOf(doctor.roomId)).slice(2)).toMatchObject([
      { action: 'reader-admitted', via: 'link', reading: 1 },
      { action: 'readers-locked-out' },
      { action: 'note-ended', reason: 'locked' },
    ]);
  });

  it('is exported and verified by the commands of the documentation while the server runs', () => {
    const run = (...words: string[]) =>
      spawnSync(process.execPath, ['src/cli/glir.ts', 'audit', ...words], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], ...env() },
        encoding: 'utf8',
      });
    const csv = run('export', '--format', 'csv', '--from', '2020-01-31');
    expect({ status: csv.status, err: csv.stderr }).toEqual({ status: 0, err: '' });
    expect(csv.stdout).toMatch(/^"seq","at","action",[^\n]*\r\n"1","[^"]*Z","server-started",/);
    expect(csv.stdout).toMatch(/"audit-exported",[^\n]*"csv","2020-01-31T00:00:00.000Z",[^\n]*\r\n$/);
    const verified = run('verify');
    expect({ status: verified.status, err: verified.stderr }).toEqual({ status: 0, err: '' });
    expect(verified.stdout).toMatch(/^The audit is whole: \d+ rows, head \d+:[0-9a-f]{64}\.\n/);
  });

  it('has a head in the log, which shows an audit that was cut short', async () => {
    await glir.pause();
    await glir.again();
    const heads = glir.log.flatMap((text) => {
      const { event, head } = JSON.parse(text);
      return event === 'audit-head' ? [String(head)] : [];
    });
    expect(heads.length).toBeGreaterThan(2);
    for (const head of heads) expect((await glirTool(['audit', 'verify', '--head', head], env())).code).toBe(0);
    const beyond = `999999:${'a'.repeat(64)}`;
    const cut = await glirTool(['audit', 'verify', '--head', beyond], env());
    expect(cut.code).toBe(1);
    expect(cut.out).toMatch(/^The audit was tampered with. Row \d+ missing: the audit once reached row 999999\.\n/);
    const actions = (await auditOf(env())).map(({ action }) => action);
    const stop = actions.indexOf('server-stopped');
    expect(actions.slice(stop, stop + 2)).toEqual(['server-stopped', 'server-started']);
  });
});

describe('a running server with keys whose audit somebody wipes with one row that says it was purged', () => {
  it('opens no more notes and says so, and so does "verify", also with the head from the log and after a restart', async () => {
    const keys = `k1:${randomBytes(32).toString('base64')}`;
    const keyed = await startGlir({ GLIR_DATA_KEYS: keys });
    try {
      const ours = { GLIR_DATA_DIR: keyed.dataDir, GLIR_DATA_KEYS: keys };
      const doctor = { platform: 'local', tenant: 'local', user: 'local', displayName: '' } as const;
      for (let count = 0; count < 3; count++) await keyed.app.rooms.draft(doctor);
      await keyed.pause();
      await keyed.again();
      const head = String(
        keyed.log.map((line) => JSON.parse(line)).findLast(({ event }) => event === 'audit-head').head,
      );
      expect((await glirTool(['audit', 'verify', '--head', head], ours)).code).toBe(0);

      const db = new DatabaseSync(path.join(keyed.dataDir, 'glir.db'), { timeout: 2_000 });
      const last = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get() ?? {};
      const at = new Date().toISOString();
      const record = JSON.stringify({
        ...{ action: 'audit-purged', at, platform: null, prev: last['hash'], room: null, seq: Number(last['seq']) + 1 },
        ...{ tenant: null, through: last['seq'], throughHash: last['hash'], user: null, v: 1 },
      });
      const hash = createHash('sha256').update(record).digest('hex');
      db.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, NULL, NULL)').run(
        Number(last['seq']) + 1,
        Date.parse(at),
        record,
        hash,
      );
      db.exec(`DELETE FROM audit WHERE seq <= ${last['seq']}`);
      db.close();

      await expect(keyed.app.rooms.draft(doctor)).rejects.toThrow();
      expect(await (await fetch(`${keyed.url}/healthz`)).json()).toMatchObject({ status: 'degraded' });
      expect(keyed.log.join('')).toContain('"event":"audit-tampered"');
      expect((await glirTool(['audit', 'verify'], ours)).code).toBe(1);
      await keyed.pause();
      await keyed.again();
      expect((await glirTool(['audit', 'verify'], ours)).out).toContain('only a sealed row may say so');
      expect((await glirTool(['audit', 'verify', '--head', head], ours)).code).toBe(1);
    } finally {
      await keyed.stop();
    }
  });
});

describe('a note that does not come back after a stop of the server', () => {
  it('is over, and that is written down', async () => {
    const doctor = await composer(glir.url, { command: '/glir 60m' });
    await doctor.share({ admission: 'link' });
    await glir.pause();
    await glir.again();
    glir.clock.advance(16 * 60_000);
    await expect
      .poll(async () => (await auditOf(env())).filter(({ action }) => action !== 'audit-exported').slice(-4), SOON)
      .toMatchObject([
        { action: 'note-suspended', room: doctor.roomId.slice(0, 8) },
        { action: 'server-stopped' },
        { action: 'server-started' },
        { action: 'note-ended', room: doctor.roomId.slice(0, 8), reason: 'lost', readBy: 0 },
      ]);
  });
});

describe('while the audit cannot be written,', () => {
  it('no note is begun, the server says that it is degraded, what is open goes on, and nothing of it is missing later', async () => {
    const doctor = await composer(glir.url, { command: '/glir 15m' });
    await doctor.share({ admission: 'link' });
    expect(await health()).toMatchObject({ status: 'ok' });
    meddle(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    try {
      expect(await says('/glir 15m')).toMatchObject({ kind: 'error' });
      expect(await health()).toMatchObject({ status: 'degraded' });
      await doctor.extend(600);
      await doctor.destroy();
      expect(await doctor.ended()).toMatchObject({ reason: 'revoked' });
      expect(await says('/glir 15m')).toMatchObject({ kind: 'error' });
    } finally {
      meddle('DROP TRIGGER full');
    }
    await expect.poll(health, SOON).toMatchObject({ status: 'ok' });
    expect(await says('/glir 15m')).toMatchObject({ kind: 'compose' });
    expect((await storyOf(doctor.roomId)).map(({ action }) => action)).toEqual([
      'note-drafted',
      'note-opened',
      'note-extended',
      'note-ended',
    ]);
    expect(await auditOf(env())).toContainEqual(
      expect.objectContaining({ action: 'audit-resumed', refused: 2, lost: 0 }),
    );
  });
});

describe('the commands of the audit', () => {
  it.each([
    [['export', '--format', 'xml'], /--format is none of jsonl, csv/],
    [['export', '--from', '2026-02-31'], /--from is no day. Write it like/],
    [['export', '--to', 'yesterday'], /--to is no day/],
    [['verify', '--head', 'abc'], /--head is no head. Copy it/],
    [['verify', '--from', '2026-01-01'], /Unknown option '--from'/],
  ])('say what is wrong with %j', async (words, message) => {
    await expect(glirTool(['audit', ...words], env())).rejects.toThrow(message);
  });

  it('export the days that were asked for, in UTC and both included', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const count = async (...words: string[]) =>
      (await glirTool(['audit', 'export', ...words], env())).out.split('\n').length - 1;
    expect(await count('--from', today, '--to', today)).toBeGreaterThan(5);
    expect(await count('--to', '2020-01-01')).toBe(0);
    expect(await count('--from', '2099-01-01')).toBe(0);
  });

  it('say that there is no audit where there is none, and make nothing', async () => {
    await expect(glirTool(['audit', 'verify'], { GLIR_DATA_DIR: '/nowhere' })).rejects.toThrow(
      /There is no audit: \/nowhere has no glir.db. Set GLIR_DATA_DIR/,
    );
  });

  it('are listed with the others', async () => {
    expect((await glirTool(['help'], {})).err).toContain('audit verify [--head HEAD]');
    expect(await glirTool(['audit'], env())).toMatchObject({ code: 2 });
  });
});

it('with GLIR_AUDIT_DAYS=0 nothing is written down, and the log says so', async () => {
  const off = await startGlir({ GLIR_AUDIT_DAYS: '0' });
  const { room } = await off.app.rooms.draft({ platform: 'local', tenant: 'local', user: 'local', displayName: '' });
  await off.app.rooms.end(room.id, 'revoked');
  await off.pause();
  expect(await auditOf({ GLIR_DATA_DIR: off.dataDir })).toMatchObject([{ seq: 1, action: 'audit-exported' }]);
  expect(off.log.join('')).toContain('"event":"audit-off"');
  await off.again();
  await off.stop();
});
