import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { now } from '../watch.ts';
import { also, BACK_MS, back, both, FORGOTTEN_MS, gone, WIPED_MS } from './sight.ts';

const WITHIN = `${BACK_MS / 1000} s`;

const workerKilled: Fault = {
  name: 'worker-killed',
  fault: 'The worker is killed (SIGKILL) while a patient reads.',
  expected: `The note is hidden, and back by itself within ${WITHIN}.`,
  async run(stage) {
    const { server, patient } = await stage.reading();
    const [worker = 0] = await server.workers();
    const at = now();
    process.kill(worker, 'SIGKILL');
    return back(patient, at, at);
  },
};

const workerHangs: Fault = {
  name: 'worker-hangs',
  fault:
    'The worker hangs for 10 s (SIGSTOP, SIGCONT) while a patient reads, and the doctor destroys the note meanwhile.',
  expected: 'The note is wiped within 1 s, whatever the worker does.',
  async run(stage) {
    const reading = await stage.reading();
    const [worker = 0] = await reading.server.workers();
    process.kill(worker, 'SIGSTOP');
    stage.defer(() => process.kill(worker, 'SIGCONT'));
    await delay(2_000);
    const pressed = reading.doctor.doctor.destroys();
    const at = now();
    const outcome = await gone(reading.patient, at, WIPED_MS + 500);
    await pressed;
    return outcome;
  },
};

const serverKilled: Fault = {
  name: 'server-killed',
  fault:
    'The server is killed (SIGKILL) while a patient reads who was let in with a PIN, and is started again at once.',
  expected: `The note is hidden, and back by itself within ${WITHIN} of the server, without another PIN.`,
  async run(stage) {
    const { server, patient } = await stage.reading({ admission: 'pin', pin: '493817' });
    const at = now();
    await server.kill();
    return back(patient, at, await server.start());
  },
};

const serverRestarted: Fault = {
  name: 'server-restarted',
  fault: 'The server is stopped in an orderly way (SIGTERM) while a patient reads, and is started again.',
  expected: `The note is hidden, and back by itself within ${WITHIN} of the server; the next "Destroy now" wipes it.`,
  async run(stage) {
    const { server, patient, doctor } = await stage.reading();
    const at = now();
    await server.kill('SIGTERM');
    const outcome = await back(patient, at, await server.start());
    if (!outcome.ok) return outcome;
    const pressed = doctor.doctor.destroys();
    const wiped = await gone(patient, now());
    await pressed;
    return both(outcome, wiped);
  },
};

const serverAway: Fault = {
  name: 'server-away',
  fault: 'The server is killed and stays away for longer than the grace.',
  expected:
    'The note is hidden at once, forgotten by both pages after the grace, and does not come back with the server.',
  limitMs: 150_000,
  async run(stage) {
    const { server, patient, doctor } = await stage.reading();
    const at = now();
    await server.kill();
    const wiped = await gone(patient, at, WIPED_MS, 'The note cannot be reached');
    await delay(Math.max(0, at + FORGOTTEN_MS + 5_000 - now()));
    const text = await doctor.doctor.composer.content();
    const fields = await doctor.doctor.composer
      .locator('textarea')
      .evaluateAll((all) => all.map((one) => (one as HTMLTextAreaElement).value));
    const kept = text.includes('Metformin') || fields.some((value) => value.includes('Metformin'));
    await server.start();
    await delay(5_000);
    const again = await patient.watch.shownSince(at + WIPED_MS);
    return also(
      also(wiped, again ? 'it came back' : 'it did not come back with the server', !again),
      kept ? 'the doctor’s page still holds it' : 'the doctor’s page holds it no more',
      !kept,
    );
  },
};

const endedStaysEnded: Fault = {
  name: 'ended-stays-ended',
  fault:
    'The doctor destroys a note, the server is killed in the same moment and started again; the patient opens the link anew.',
  expected: 'The note is wiped, and nothing brings it back.',
  async run(stage) {
    const { server, patient, doctor, link } = await stage.reading();
    const pressed = doctor.doctor.destroys().catch(() => undefined);
    const wiped = await gone(patient, now());
    await pressed;
    await server.kill();
    await server.start();
    const since = now();
    const page = await patient.context.newPage();
    await page.goto(link);
    const told = await page
      .getByRole('heading', { name: 'This note is gone' })
      .waitFor({ timeout: 10_000 })
      .then(
        () => true,
        () => false,
      );
    const shown = await patient.watch.shownSince(since);
    return also(
      wiped,
      told ? 'the link leads to "This note is gone"' : 'the link does not say that it is gone',
      told && !shown,
    );
  },
};

export const SERVER_FAULTS: readonly Fault[] = [
  workerKilled,
  workerHangs,
  serverKilled,
  serverRestarted,
  serverAway,
  endedStaysEnded,
];
