import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { within } from '../fault.ts';
import { browserProcesses, type Seat } from '../stage.ts';
import { now, Watch } from '../watch.ts';
import { also, BACK_MS, FORGOTTEN_MS, gone, said, WIPED_MS } from './sight.ts';

/** The process that draws this browser's pages. */
async function renderers(seat: Seat): Promise<number[]> {
  const all = await browserProcesses(seat);
  return all.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

const doctorCrashed: Fault = {
  name: 'doctor-crashed',
  fault: 'The doctor’s tab crashes (its process gets SIGKILL) while a patient reads.',
  expected: 'The note is hidden within 1 s and forgotten after the grace; nothing brings it back.',
  limitMs: 120_000,
  async run(stage) {
    const { doctor, patient } = await stage.reading();
    const at = now();
    for (const id of await renderers(doctor)) process.kill(id, 'SIGKILL');
    return gone(patient, at);
  },
};

const doctorClosed: Fault = {
  name: 'doctor-closed',
  fault: 'The doctor closes the tab while a patient reads.',
  expected: 'The note is wiped within 1 s.',
  async run(stage) {
    const { doctor, patient } = await stage.reading();
    const at = now();
    await doctor.doctor.composer.close({ runBeforeUnload: false });
    return gone(patient, at);
  },
};

const doctorReloaded: Fault = {
  name: 'doctor-reloaded',
  fault: 'The doctor reloads the tab while a patient reads.',
  expected: 'The note is wiped within 1 s: it was in that tab and nowhere else.',
  async run(stage) {
    const { doctor, patient } = await stage.reading();
    const at = now();
    await doctor.doctor.composer.reload();
    return gone(patient, at);
  },
};

const doctorFrozen: Fault = {
  name: 'doctor-frozen',
  fault: 'The doctor’s browser stands still for 6 s (SIGSTOP, SIGCONT), and goes on.',
  expected: `The note may be hidden meanwhile, and is on the screen within ${BACK_MS / 1000} s of the thaw.`,
  async run(stage) {
    const { doctor, patient } = await stage.reading();
    const since = now();
    const stopped = await renderers(doctor);
    for (const id of stopped) process.kill(id, 'SIGSTOP');
    await delay(6_000);
    const at = now();
    for (const id of stopped) process.kill(id, 'SIGCONT');
    await delay(2_000);
    const shown = await patient.watch.appears(now(), BACK_MS);
    const hidden = (await patient.watch.sightings()).some((one) => one.at > since && !one.shown);
    const took = shown === null ? null : Math.max(0, shown - at - 2_000);
    return {
      seen: `${hidden ? 'hidden meanwhile' : 'never off the screen'}, there ${shown === null ? 'no more' : 'after the thaw'}`,
      recoveredMs: took,
      ok: within(BACK_MS, took),
    };
  },
};

const doctorFrozenLong: Fault = {
  name: 'doctor-frozen-long',
  fault: 'The doctor’s browser stands still for longer than the grace.',
  expected:
    'The note is hidden when the heartbeat is missed (8 s), ended after the grace, and does not come back with the thaw.',
  limitMs: 150_000,
  async run(stage) {
    const { doctor, patient } = await stage.reading();
    const at = now();
    const stopped = await renderers(doctor);
    for (const id of stopped) process.kill(id, 'SIGSTOP');
    const outcome = await gone(patient, at, 15_000);
    await delay(Math.max(0, at + FORGOTTEN_MS + 5_000 - now()));
    for (const id of stopped) process.kill(id, 'SIGCONT');
    const thawed = now();
    await delay(5_000);
    const again = await patient.watch.shownSince(thawed);
    return also(outcome, again ? 'it came back' : 'it did not come back with the thaw', !again);
  },
};

const patientCrashed: Fault = {
  name: 'patient-crashed',
  fault: 'The patient’s tab crashes while reading, and the patient opens the link again.',
  expected: 'The link still works: the patient asks again and reads.',
  async run(stage) {
    const reading = await stage.reading();
    for (const id of await renderers(reading.patient)) process.kill(id, 'SIGKILL');
    const again = await stage.patient();
    const at = now();
    await stage.follows(again, reading.doctor, reading.link);
    const took = now() - at;
    return { seen: `asked again and read ${said(took)}`, recoveredMs: took, ok: true };
  },
};

const patientFrozen: Fault = {
  name: 'patient-frozen',
  fault: 'The patient’s browser stands still for 12 s while reading, and goes on.',
  expected: `The note is on the screen within ${BACK_MS / 1000} s of the thaw, without another tap.`,
  async run(stage) {
    const { patient } = await stage.reading();
    const stopped = await renderers(patient);
    for (const id of stopped) process.kill(id, 'SIGSTOP');
    await delay(12_000);
    const at = now();
    for (const id of stopped) process.kill(id, 'SIGCONT');
    await delay(500);
    const hidden = await patient.watch.vanishes(at, 2_000);
    const shown = await patient.watch.appears(hidden ?? at, 15_000);
    const took = shown === null ? null : Math.max(0, shown - at);
    return {
      seen: `${hidden === null ? 'never off the screen' : `hidden ${said(hidden - at)}`}, there ${said(took)}`,
      recoveredMs: took,
      ok: within(BACK_MS, took),
    };
  },
};

const patientFrozenPastTheEnd: Fault = {
  name: 'patient-frozen-past-the-end',
  fault: 'The patient’s browser stands still while the doctor destroys the note, and goes on.',
  expected: 'The note is off the screen within 1 s of the thaw, and never comes back.',
  async run(stage) {
    const { doctor, patient } = await stage.reading();
    const stopped = await renderers(patient);
    for (const id of stopped) process.kill(id, 'SIGSTOP');
    await doctor.doctor.destroys();
    await delay(12_000);
    const at = now();
    for (const id of stopped) process.kill(id, 'SIGCONT');
    return gone(patient, at);
  },
};

const twoTabs: Fault = {
  name: 'two-tabs',
  fault: 'The patient opens the same link in a second tab of the same browser, and the doctor destroys the note.',
  expected: 'Both tabs read, each let in by the doctor; both are wiped within 1 s.',
  async run(stage) {
    const reading = await stage.reading();
    const { patient, doctor, link } = reading;
    const page = await patient.context.newPage();
    const watch = await Watch.over(page, 'Metformin');
    await page.goto(link);
    await page.getByRole('button', { name: 'Open the note' }).click();
    await doctor.doctor.admits();
    await page.getByRole('region', { name: 'Note', exact: true }).waitFor();
    const pressed = doctor.doctor.destroys();
    const at = now();
    const first = await gone(patient, at, WIPED_MS + 500);
    const left = await watch.vanishes(at, 5_000);
    await pressed;
    return also(
      first,
      `the second tab ${said(left === null ? null : left - at)}`,
      within(WIPED_MS + 500, left === null ? null : left - at),
    );
  },
};

export const PAGE_FAULTS: readonly Fault[] = [
  doctorCrashed,
  doctorClosed,
  doctorReloaded,
  doctorFrozen,
  doctorFrozenLong,
  patientCrashed,
  patientFrozen,
  patientFrozenPastTheEnd,
  twoTabs,
];
