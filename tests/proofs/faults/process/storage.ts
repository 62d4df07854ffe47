import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChatAnswer } from '../../../../src/protocol/local-chat.ts';
import { localAnswerSchema } from '../../../../src/protocol/local-chat.ts';
import type { Fault, Outcome } from '../fault.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { also, gone, said } from './sight.ts';

const DISK = 'size=3m';
const ANSWER_MS = 3_000;

/** What the local chat answers to `/glir`, and how long it took. */
async function asks(server: ServerProcess): Promise<{ kind: ChatAnswer['kind']; tookMs: number }> {
  const at = now();
  const response = await fetch(`${server.url}/local/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ text: '/glir' }),
  });
  const { messages } = localAnswerSchema.parse(await response.json());
  return { kind: messages[0]?.kind ?? 'error', tookMs: now() - at };
}

/** The first `/glir` that is answered with a compose link again; null when none is for half a minute. */
async function asksUntilOpen(server: ServerProcess): Promise<number | null> {
  const until = now() + 30_000;
  while (now() < until) {
    if ((await asks(server)).kind === 'compose') return now();
    await delay(200);
  }
  return null;
}

/** A folder on a disk of its own, small enough to be full soon. */
async function smallDisk(stage: Stage): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'glir-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${DISK},mode=700`, 'tmpfs', dir]);
  stage.defer(async () => {
    execFileSync('umount', ['--lazy', dir]);
    await rm(dir, { recursive: true, force: true });
  });
  return dir;
}

/** Fills the disk to its last byte. */
function fill(dir: string): string {
  const file = path.join(dir, 'full');
  const handle = openSync(file, 'w');
  try {
    for (const size of [64 * 1024, 1024, 1]) {
      try {
        for (;;) writeSync(handle, Buffer.alloc(size));
      } catch {
        // Smaller pieces until not one byte has room.
      }
    }
  } finally {
    closeSync(handle);
  }
  return file;
}

/** The doctor destroys the note while nothing can be written, and asks for another one, until `mend` has helped. */
async function endsUnwritten(
  { server, patient, doctor }: Awaited<ReturnType<Stage['reading']>>,
  mend: () => unknown,
): Promise<Outcome> {
  const pressed = doctor.doctor.destroys();
  const wiped = await gone(patient, now());
  await pressed;
  const refused = await asks(server);
  await mend();
  const at = now();
  const again = await asksUntilOpen(server);
  const recoveredMs = again === null ? null : again - at;
  const outcome = also(
    wiped,
    `/glir is answered with "${refused.kind}" ${said(refused.tookMs)}`,
    refused.kind === 'error' && refused.tookMs < ANSWER_MS,
  );
  return { ...also(outcome, `notes can be written again ${said(recoveredMs)}`, again !== null), recoveredMs };
}

const diskFull: Fault = {
  name: 'disk-full',
  fault: 'The disk is full while a patient reads; the doctor destroys the note; later there is room again.',
  expected:
    'The note is wiped within 1 s all the same. No new note while nothing can be written, with a sentence that says so; then again by itself.',
  async run(stage) {
    const dir = await smallDisk(stage);
    const reading = await stage.reading({ server: { settings: { GLIR_DATA_DIR: path.join(dir, 'data') } } });
    const file = fill(dir);
    return endsUnwritten(reading, () => rm(file));
  },
};

const databaseLocked: Fault = {
  name: 'database-locked',
  fault:
    'Another process holds the database locked while a patient reads; the doctor destroys the note; later the lock goes.',
  expected:
    'The note is wiped within 1 s all the same. No new note meanwhile, with an answer within 3 s; then again by itself.',
  async run(stage) {
    const reading = await stage.reading();
    const { dataDir } = reading.server;
    const [name = 'glir.db'] = (await readdir(dataDir)).filter((file) => file.endsWith('.db'));
    const db = new DatabaseSync(path.join(dataDir, name));
    stage.defer(() => db.isOpen && db.close());
    db.exec('BEGIN IMMEDIATE');
    return endsUnwritten(reading, () => db.exec('ROLLBACK'));
  },
};

const databaseGone: Fault = {
  name: 'database-gone',
  fault:
    'The database’s files are deleted while a patient reads; the doctor destroys the note; the server is killed and started again.',
  expected: 'The note is wiped within 1 s, and does not come back: without the database no old owner counts.',
  async run(stage) {
    const { server, patient, doctor, link } = await stage.reading();
    for (const file of await readdir(server.dataDir)) await rm(path.join(server.dataDir, file), { recursive: true });
    const pressed = doctor.doctor.destroys();
    const wiped = await gone(patient, now());
    await pressed;
    await server.kill();
    await server.start();
    const since = now();
    await patient.patient.page.goto(link);
    await delay(5_000);
    const shown = await patient.watch.shownSince(since);
    const { kind } = await asks(server);
    return also(
      also(wiped, shown ? 'IT CAME BACK' : 'it did not come back', !shown),
      `/glir is answered with "${kind}"`,
      kind === 'compose',
    );
  },
};

const noDatabase: Fault = {
  name: 'database-unusable',
  fault:
    'The server is started with a folder for its data that cannot be written, and with a database that is garbage.',
  expected: 'It does not start, and says what to set.',
  async run(stage) {
    const dir = await mkdtemp(path.join(tmpdir(), 'glir-disk-'));
    stage.defer(() => rm(dir, { recursive: true, force: true }));
    const server = await stage.server();
    await server.kill('SIGTERM');
    const file = path.join(dir, 'file');
    closeSync(openSync(file, 'w'));
    await mkdir(path.join(dir, 'garbage'), { recursive: true });
    const handle = openSync(path.join(dir, 'garbage', 'glir.db'), 'w');
    writeSync(handle, 'this is no database. '.repeat(1000));
    closeSync(handle);
    const said_: string[] = [];
    for (const folder of [path.join(file, 'data'), path.join(dir, 'garbage')]) {
      server.log.length = 0;
      const started = await server.start({ GLIR_DATA_DIR: folder }).then(
        () => true,
        () => false,
      );
      const log = server.log.join('');
      if (started) await server.kill('SIGTERM');
      said_.push(
        started
          ? 'it started'
          : /GLIR_DATA_DIR|glir\.db/.test(log)
            ? 'refused with what to do'
            : `refused: ${log.slice(0, 120)}`,
      );
    }
    return { seen: said_.join('; '), recoveredMs: null, ok: said_.every((text) => text === 'refused with what to do') };
  },
};

export const STORAGE_FAULTS: readonly Fault[] = [diskFull, databaseLocked, databaseGone, noDatabase];
