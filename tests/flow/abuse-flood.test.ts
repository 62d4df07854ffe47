import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const FLOOD = fileURLToPath(new URL('../support/fuzz/abuse-flood.ts', import.meta.url));
const MEGABYTE = 1024 * 1024;
const JOURNEYS = 8;

let glir: Glir;
let flood: ChildProcess | undefined;
beforeAll(async () => {
  // Far less than what an address may ask for by itself: a short flood is over the limits soon, on a busy machine too.
  glir = await startGlir({ GLIR_LIMIT_REQUESTS: '400', GLIR_LIMIT_SOCKETS: '400' });
});
afterAll(async () => {
  flood?.kill('SIGKILL');
  closeAllPages();
  await glir.stop();
});

/** From `/glir` to the note on the patient's screen; gives the milliseconds. */
async function journey(): Promise<number> {
  const began = performance.now();
  const doctor = await composer(glir.url, { command: '/glir' });
  const patient = await reader(await doctor.share({ admission: 'link' }));
  await patient.tap();
  await doctor.send(await doctor.knock(), 'one in the morning');
  expect(await patient.note()).toMatchObject({ note: { text: 'one in the morning' } });
  const took = performance.now() - began;
  patient.close();
  await doctor.destroy();
  return took;
}

const events = (name: string) => glir.log.filter((line) => line.includes(`"event":"${name}"`)).length;
const connections = () =>
  new Promise<number>((resolve) => glir.app.server.getConnections((_error, count) => resolve(count)));

it('a flood from one address, of every kind at once, leaves notes from another address alone', async () => {
  const doctor = await composer(glir.url, { command: '/glir 24h' });
  const patient = await reader(await doctor.share({ admission: 'link' }));
  await patient.tap();
  const knock = await doctor.knock();
  await journey();
  const calm = Math.max(await journey(), await journey());
  const before = process.memoryUsage().rss;

  flood = spawn(process.execPath, [FLOOD, glir.url, new URL(doctor.link).pathname], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (flood.stdout === null) throw new Error('no output');
  await once(flood.stdout, 'data');
  const took: number[] = [];
  let most = 0;
  let open = 0;
  for (let each = 0; each < JOURNEYS; each++) {
    took.push(await journey());
    most = Math.max(most, process.memoryUsage().rss);
    open = Math.max(open, await connections());
  }
  // Which limits it meets before it is shut out is chance.
  await expect.poll(() => events('shut-out'), { timeout: 30_000 }).toBeGreaterThan(0);
  await doctor.send(knock, 'still there', 2);
  expect(await patient.note()).toMatchObject({ rev: 2, note: { text: 'still there' } });

  const said = once(flood.stdout, 'data');
  flood.kill('SIGTERM');
  const attempts = Number(String((await said)[0]));
  expect(attempts).toBeGreaterThan(400);
  expect(Math.max(...took), `calm: ${calm} ms, flooded: ${took.map(Math.round)} ms, ${attempts} attempts`).toBeLessThan(
    3_000,
  );
  // One address may have 400 sockets and 100 other connections.
  expect(open).toBeLessThan(600);
  expect(most - before, `${attempts} attempts`).toBeLessThan(150 * MEGABYTE);
  expect(glir.log.length).toBeLessThan(5_000);
}, 60_000);
