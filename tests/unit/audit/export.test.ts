import { createHash } from 'node:crypto';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { plainCount, plainId, recordSchema } from '../../../src/audit/audit-events.ts';
import { everyRow } from '../../../src/audit/chain.ts';
import { exported } from '../../../src/audit/export.ts';
import { recordAbsentEnds, recordRooms } from '../../../src/audit/room-recorder.ts';
import type { Doctor, Room } from '../../../src/rooms/room.ts';
import type { AbsentEnd } from '../../../src/rooms/room-repository.ts';
import type { RoomEvent } from '../../../src/rooms/room-service.ts';
import { auditIn, collect, drafted, START, tamper } from './setup.ts';

/** What somebody would send to speak to the reader's terminal, log or spreadsheet. */
const HOSTILE = [
  'U1\n{"action":"note-ended","seq":99}',
  'U1\r\nforged line',
  'U1\u0000',
  'U1\u001b[2J\u001b[31mred',
  'U1\u009b31m',
  'U1"},{"seq":99',
  "U1';DROP TABLE audit;--",
  'U1,1,2',
  '=HYPERLINK("https://evil.example","x")',
  '+1',
  '-1',
  '@SUM(1)',
  '\tU1',
  ' U1',
  '',
  'U1\u2028forged line',
  '\u202eU1',
  'Ü1',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '%0aU1',
  'x'.repeat(129),
  `sha256:${'0'.repeat(32)}`,
];

const doctor = (user: string, tenant = 'T1'): Doctor => ({
  platform: 'slack',
  tenant,
  user,
  displayName: 'Dr Anna Rossi',
});

function room(more: Partial<Room> = {}): Room {
  return {
    id: '-=+@bCdEfGhIjKlMnOpQrS'.replace(/[=+@]/g, 'A'),
    doctor: doctor('U1'),
    policy: { admission: 'ask', expirySeconds: 1_800, maxReaders: 3, showName: true },
    isChosen: false,
    limits: { expiryMaxSeconds: 86_400, maxReaders: 20, admissions: ['ask'] },
    phone: null,
    state: 'open',
    isPageVisible: true,
    joinHash: 'h'.repeat(43),
    createdAt: 1,
    openedAt: 1,
    expiresAt: 1,
    reading: 0,
    waiting: [],
    readBy: 0,
    ...more,
  };
}

/** An audit that listens to rooms, which say what a test tells them to. */
async function listening() {
  const all = await auditIn();
  let tell: (event: RoomEvent) => void = () => undefined;
  recordRooms(
    {
      onEvent(listener) {
        tell = listener;
        return () => undefined;
      },
    },
    all.audit,
  );
  return { ...all, tell: (event: RoomEvent) => tell(event) };
}

function ended(over: Room, reason: 'revoked' | 'locked' = 'revoked'): RoomEvent {
  const tombstone = { roomId: over.id, joinHash: over.joinHash, phone: null, reason, endedAt: 2, keepUntil: 3 };
  return { kind: 'ended', room: over, tombstone };
}

describe('what the audit says of a room', () => {
  it('is who, what, when, which room, and how it ended and by how many it was read', async () => {
    const { audit, tell, records } = await listening();
    const note = room({ policy: { admission: 'pin', expirySeconds: 900, maxReaders: 2, showName: true } });
    for (const kind of [
      'drafted',
      'opened',
      'extended',
      'restricted',
      'interrupted',
      'resumed',
      'suspended',
    ] as const) {
      tell({ kind, room: note });
    }
    tell({ kind: 'recovered', room: note, epoch: 2 });
    tell(ended({ ...note, readBy: 2 }, 'locked'));
    await audit.close();
    const who = { at: START, platform: 'slack', tenant: 'T1', user: 'U1', room: '-AAAbCdE' };
    const policy = { admission: 'pin', expirySeconds: 900, maxReaders: 2 };
    expect(await records()).toMatchObject([
      { ...who, action: 'note-opened', ...policy },
      { ...who, action: 'note-extended', expirySeconds: 900 },
      { ...who, action: 'note-restricted', ...policy },
      { ...who, action: 'note-interrupted' },
      { ...who, action: 'note-resumed' },
      { ...who, action: 'note-suspended' },
      { ...who, action: 'note-recovered', ...policy },
      { ...who, action: 'readers-locked-out', readBy: 2 },
      { ...who, action: 'note-ended', reason: 'locked', readBy: 2 },
    ]);
  });

  it('is nothing of a room that went to another node, or that another one ended: that one writes it down', async () => {
    const { audit, tell, records } = await listening();
    const [moved, elsewhere] = [room(), room({ id: 'B'.repeat(22) })];
    tell({ kind: 'moved', room: moved });
    const event = ended(elsewhere);
    if (event.kind === 'ended') tell({ ...event, elsewhere: true });
    await audit.close();
    expect(await records()).toEqual([]);
  });

  it('is how a room ended that no node hosted: whose, which, why and by how many it was read', async () => {
    const { audit, records } = await listening();
    let tell: (ends: readonly AbsentEnd[]) => void = () => undefined;
    const onAbsentEnds = (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    };
    recordAbsentEnds({ onAbsentEnds }, audit);
    const end = {
      roomHash: 'h'.repeat(43),
      tag: '-AAAbCdE',
      doctor: { platform: 'slack', tenant: 'T1', user: 'U1' },
      createdAt: 1,
      openedAt: 2,
      readBy: 3,
      reason: 'lost',
      endedAt: 4,
    } as const;
    tell([end, { ...end, tag: 'BBBBBBBB', reason: 'expired', readBy: 0 }]);
    await audit.close();
    const who = { at: START, action: 'note-ended', platform: 'slack', tenant: 'T1', user: 'U1' };
    expect(await records()).toMatchObject([
      { ...who, room: '-AAAbCdE', reason: 'lost', readBy: 3 },
      { ...who, room: 'BBBBBBBB', reason: 'expired', readBy: 0 },
    ]);
    expect(JSON.stringify(await records())).not.toContain(end.roomHash);
  });

  it('is who let a reader in or turned one away, by number', async () => {
    const { audit, tell, records } = await listening();
    const before = room();
    const waiting = [1, 2, 3].map((number) => ({ readerId: `r${number}`, number, shortCode: '123456' }));
    tell({ kind: 'readers-changed', room: { ...before, waiting } });
    tell({ kind: 'decision-requested', room: before, readerId: 'r2', decision: 'admit' });
    const note = room({ reading: 1 });
    tell({ kind: 'decision-made', room: note, readerId: 'r2', decision: 'admit' });
    tell({ kind: 'decision-made', room: note, readerId: 'r1', decision: 'refuse' });
    tell({ kind: 'decision-made', room: note, readerId: 'r9', decision: 'admit' });
    const open = room({ id: 'B'.repeat(22), policy: { ...note.policy, admission: 'link' } });
    tell({ kind: 'decision-made', room: open, readerId: 'r4', decision: 'admit' });
    await audit.close();
    expect((await records()).map(({ action, reader, via, reading }) => [action, reader, via, reading])).toEqual([
      ['reader-admitted', 2, 'chat', 1],
      ['reader-refused', 1, 'page', 1],
      ['reader-admitted', null, 'page', 1],
      ['reader-admitted', null, 'link', 0],
    ]);
    expect(JSON.stringify(await records())).not.toMatch(/123456|"r\d"/);
  });

  it('is nothing that opens, shows or names', async () => {
    const { audit, tell, rows } = await listening();
    const note = room({ phone: '06 555 0100' });
    tell({ kind: 'opened', room: note });
    tell(ended(note));
    await audit.close();
    const text = JSON.stringify(await collect(everyRow(rows)));
    for (const secret of [note.id, note.joinHash ?? '', 'Anna', '555']) expect(text).not.toContain(secret);
  });

  it('is a number also where a page tells nonsense', async () => {
    const { audit, tell, records } = await listening();
    for (const readBy of [2 ** 53 - 1, -5, 1.5, Number.NaN, Infinity]) tell(ended(room({ readBy })));
    await audit.close();
    expect((await records()).map(({ readBy }) => readBy)).toEqual([1_000_000, 0, 1, 0, 0]);
    expect(plainCount(7)).toBe(7);
  });
});

describe('an id from outside', () => {
  it.each(['U024BE7LH', 'T-CLINIC', '8a9a85f5-748b-4d75-baa5-b8d2f6bfe209', '29:1AbC_def-ghi', 'local'])(
    'that is plain is written as it is: %s',
    (id) => {
      expect(plainId(id)).toBe(id);
    },
  );

  it.each(HOSTILE.map((id) => [JSON.stringify(id).slice(0, 60), id]))(
    'that is not becomes a hash: %s',
    (_shown, id) => {
      const plain = plainId(id);
      expect(plain).toMatch(/^sha256:[0-9a-f]{32}$/);
      expect(plain).not.toBe(id);
      expect(plainId(id)).toBe(plain);
    },
  );

  it('is told apart from others after that', () => {
    expect(new Set(HOSTILE.map(plainId)).size).toBe(HOSTILE.length);
  });

  it('can neither forge a line nor speak to a terminal or a spreadsheet, in any export', async () => {
    const { audit, tell, rows, verdict } = await listening();
    for (const id of HOSTILE) {
      tell({ kind: 'opened', room: room({ doctor: doctor(id) }) });
      tell({ kind: 'opened', room: room({ doctor: doctor('U1', id) }) });
    }
    await audit.close();
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 2 * HOSTILE.length });
    const jsonl = (await collect(exported(everyRow(rows), 'jsonl'))).join('');
    const csv = (await collect(exported(everyRow(rows), 'csv'))).join('');
    for (const text of [jsonl, csv]) expect(text).toMatch(/^[\n\r -~]*$/);
    const lines = jsonl
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1));
    const table = Papa.parse<string[]>(csv.trimEnd()).data;
    expect(table).toHaveLength(2 * HOSTILE.length + 1);
    for (const cell of table.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  it('is refused as a row when it gets past that', async () => {
    const { audit } = await auditIn();
    for (const user of HOSTILE.slice(0, -1)) await expect(audit.require(drafted({ user }))).rejects.toThrow();
  });
});

describe('an export', () => {
  it('in JSON lines holds all that it takes to check it', async () => {
    const { audit, rows } = await auditIn();
    await audit.require(drafted(), drafted());
    const lines = (await collect(exported(everyRow(rows), 'jsonl'))).map((line) => JSON.parse(line));
    expect(lines[1]).toEqual({
      ...drafted(),
      v: 1,
      seq: 2,
      at: START,
      prev: lines[0]?.hash,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      keyId: 'k1',
      seal: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('in JSON lines can be checked as the documentation says', async () => {
    const { audit, rows } = await auditIn();
    await audit.require(drafted(), drafted(), drafted());
    let before = '0'.repeat(64);
    for await (const line of exported(everyRow(rows), 'jsonl')) {
      const { hash, keyId: _keyId, seal: _seal, ...rest } = JSON.parse(line);
      const sorted = Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
      expect(createHash('sha256').update(JSON.stringify(sorted)).digest('hex')).toBe(hash);
      expect(rest.prev).toBe(before);
      before = hash;
    }
    expect(before).toBe((await rows.last())?.hash);
  });

  it('in CSV has a column for every member of every record', async () => {
    const { audit, rows } = await auditIn();
    await audit.require(drafted(), {
      action: 'setting-changed',
      platform: 'slack',
      tenant: 'T1',
      user: 'U1',
      room: null,
      setting: 'admissions',
      from: 'link+pin+ask',
      to: 'pin+ask',
    });
    const csv = (await collect(exported(everyRow(rows), 'csv'))).join('');
    const names = csv.split('\r\n')[0]?.replaceAll('"', '').split(',');
    const members = recordSchema.options.flatMap((option) => Object.keys(option.shape));
    expect(new Set(names)).toEqual(new Set([...members, 'hash', 'keyId', 'seal']));
    const table = Papa.parse<Record<string, string>>(csv.trimEnd(), { header: true }).data;
    expect(table[1]).toMatchObject({ seq: '2', setting: 'admissions', from: 'link+pin+ask', to: 'pin+ask', room: '' });
    expect(csv.split('\r\n')[1]).toMatch(/^"1","2023-11-14T22:13:20.000Z","note-drafted","slack",/);
  });

  it('holds also what was tampered with, without letting it speak', async () => {
    const { audit, rows, dir } = await auditIn();
    await audit.require(drafted(), drafted(), drafted());
    tamper(
      dir,
      `UPDATE audit SET record = 'no JSON' WHERE seq = 1;
      UPDATE audit SET record = '{"seq":2,"user":"=1\\u001b[31m\\u202e"}' WHERE seq = 2`,
    );
    const jsonl = await collect(exported(everyRow(rows), 'jsonl'));
    expect(JSON.parse(jsonl[0] ?? '')).toMatchObject({ seq: 1, action: 'unreadable' });
    const csv = (await collect(exported(everyRow(rows), 'csv'))).join('');
    expect(jsonl.join('') + csv).toMatch(/^[\n\r -~]*$/);
    expect(csv).toContain('"\'=1?[31m?"');
  });
});
