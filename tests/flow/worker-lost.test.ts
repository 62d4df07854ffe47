import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { type RawClient, rawClient } from '../support/signalling/client.ts';
import { joinMessage } from '../support/signalling/raw.ts';
import { watchSfu } from '../support/signalling/sfu-watch.ts';
import { closeAllPages, composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

/** A mediasoup worker that does not start while the gate is shut, so that a test can look at what comes in between. */
interface Gate {
  /** For `MEDIASOUP_WORKER_BIN`. */
  workerBin: string;
  shut(): void;
  open(): void;
  /** Process ids of all the workers that were started through the gate, those included that still wait at it. */
  pids(): number[];
  remove(): void;
}

function workerGate(): Gate {
  const workerBin = process.env['MEDIASOUP_WORKER_BIN'];
  if (workerBin === undefined) throw new Error('MEDIASOUP_WORKER_BIN is not set; run the tests with npm test');
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-gate-'));
  const inFolder = (name: string) => path.join(folder, name);
  const [script, bolt, book] = [inFolder('worker'), inFolder('shut'), inFolder('pids')];
  // The worker takes the place of the shell: the process id stays the same.
  writeFileSync(
    script,
    `#!/bin/sh\necho $$ >> '${book}'\nwhile [ -e '${bolt}' ]; do sleep 0.02; done\nexec '${workerBin}' "$@"\n`,
  );
  chmodSync(script, 0o755);
  return {
    workerBin: script,
    shut: () => writeFileSync(bolt, ''),
    open: () => rmSync(bolt, { force: true }),
    pids: () => readFileSync(book, 'utf8').trim().split('\n').map(Number),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Whether a process is still there. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const sfu = watchSfu();
let gate: Gate;
let glir: Glir;
beforeAll(async () => {
  gate = workerGate();
  glir = await startGlir({ MEDIASOUP_WORKER_BIN: gate.workerBin });
});
afterEach(async () => {
  gate.open();
  closeAllPages();
  await glir.app.rooms.endAll('revoked');
  await expect.poll(health, SOON).toBe(200);
});
afterAll(async () => {
  await glir.stop();
  gate.remove();
});

const events = (name: string) => glir.log.map((line) => JSON.parse(line)).filter(({ event }) => event === name);
const health = async () => (await fetch(`${glir.url}/healthz`)).status;

/** Process ids of the workers of this server, in the order in which they started. */
const pids = (): number[] => events('worker-started').map(({ pid }) => pid);

function killWorker(signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): void {
  const pid = pids().at(-1);
  if (pid === undefined) throw new Error('no worker runs');
  process.kill(pid, signal);
}

/** The answer to something for which the worker is asked, and dies before it says anything. */
async function answerOfTheDying(client: RawClient, message: Record<string, unknown>): Promise<unknown> {
  killWorker('SIGSTOP');
  const asked = sfu.asked();
  const answer = client.ask(message);
  await expect.poll(sfu.asked, SOON).toBeGreaterThan(asked);
  killWorker();
  return answer;
}

async function journey() {
  const doctor = await composer(glir.url, { command: '/glir' });
  const link = await doctor.share({ admission: 'link' });
  const patient = await reader(link);
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.send(knock, 'before');
  await patient.note();
  return { doctor, patient, link };
}

describe('a worker that dies', () => {
  it('is replaced; its rooms live on with the composer that has the note', async () => {
    const { doctor, patient } = await journey();
    killWorker();
    expect(await doctor.client.closed).toBe(1012);
    expect(await patient.client.next(({ t }) => t === 'interrupted')).toEqual({ t: 'interrupted' });
    await expect.poll(health, SOON).toBe(200);
    await doctor.resume();
    await patient.client.next(({ t }) => t === 'resumed');
    await patient.join();
    await patient.tap();
    const knock = await doctor.knock();
    await doctor.send(knock, 'after', 2);
    expect(await patient.note()).toMatchObject({ rev: 2, note: { text: 'after' } });
    expect(pids().at(-1)).not.toBe(pids().at(-2));
    expect(await glir.app.workers()?.dump()).toEqual({ routers: 1, transports: 2 });
  });

  it('makes /healthz say 503 and the signalling `unavailable` until another one runs', async () => {
    const { doctor, patient } = await journey();
    expect(await health()).toBe(200);
    gate.shut();
    killWorker();
    await expect.poll(health, SOON).toBe(503);
    expect(await doctor.client.closed).toBe(1012);
    await expect(doctor.resume()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(patient.join()).rejects.toMatchObject({ code: 'not-open' });
    gate.open();
    await expect.poll(health, SOON).toBe(200);
    await doctor.resume();
    await patient.join();
  });

  it('while a doctor’s or a patient’s page is being connected has them try again, and is no fault of the server', async () => {
    const { link } = await journey();
    const patient = await rawClient(glir.url);
    expect(await answerOfTheDying(patient, await joinMessage(link))).toMatchObject({ code: 'not-open' });
    await expect.poll(health, SOON).toBe(200);
    const doctor = await rawClient(glir.url);
    const compose = { t: 'compose', id: 1, version: PROTOCOL_VERSION, ticket: await ticketFor(glir.url) };
    expect(await answerOfTheDying(doctor, compose)).toMatchObject({ code: 'unavailable' });
    expect(events('signalling-error')).toEqual([]);
  });

  it('ends what its composer does not come back for', async () => {
    const { doctor, patient } = await journey();
    killWorker();
    await patient.client.next(({ t }) => t === 'interrupted');
    glir.clock.advance(120_000);
    expect(await patient.ended()).toMatchObject({ reason: 'lost' });
    expect(glir.app.rooms.find(doctor.roomId)).toBeUndefined();
  });

  it('uses up no compose link that is opened while none runs', async () => {
    const ticket = await ticketFor(glir.url);
    gate.shut();
    killWorker();
    await expect.poll(health, SOON).toBe(503);
    await expect(composer(glir.url, { ticket })).rejects.toMatchObject({ code: 'unavailable' });
    const ended = events('room-ended').length;
    glir.clock.advance(31_000);
    expect(events('room-ended').slice(ended)).toEqual([]);
    gate.open();
    await expect.poll(health, SOON).toBe(200);
    await composer(glir.url, { ticket });
  });
});

it('a worker that dies is not replaced any more when the server stops at that moment', async () => {
  const own = workerGate();
  const stopping = await startGlir({ MEDIASOUP_WORKER_BIN: own.workerBin });
  own.shut();
  const [first] = own.pids();
  if (first === undefined) throw new Error('no worker runs');
  process.kill(first, 'SIGKILL');
  await expect.poll(own.pids, SOON).toHaveLength(2);
  await stopping.stop();
  own.open();
  // The second is closed as soon as it can hear of it, and never counts as started.
  await expect.poll(() => own.pids().filter(isAlive), SOON).toEqual([]);
  expect(stopping.log.filter((line) => line.includes('worker-started'))).toHaveLength(1);
  own.remove();
});
