import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Outcome } from '../fault.ts';
import type { Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { said } from './sight.ts';

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const HOURS_2 = 2 * 60 * 60 * 1000;
const LIFE_MS = 60_000;
/** How far from its minute a note may end: the seconds between "Share" and the screen, and a second of the page's own. */
const EARLY_MS = 15_000;
const LATE_MS = 1_500;

/** The server's clock, wrong by `offset` as libfaketime writes it; timers go on as they are. */
const wrongClock = (offset: string) => ({ LD_PRELOAD: FAKETIME, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' });

interface Clocks {
  server: string;
  doctorMs: number;
  patientMs: number;
}

/** A note of one minute between people whose clocks disagree: it has to be there, and to end after its minute. */
async function aMinute(stage: Stage, { server, doctorMs, patientMs }: Clocks): Promise<Outcome> {
  const glir = await stage.server({ settings: wrongClock(server) });
  const [patient, doctor] = [await stage.patient(), await stage.doctor(glir)];
  await doctor.context.addInitScript(shiftClock, doctorMs);
  await patient.patient.page.addInitScript(shiftClock, patientMs);
  const link = await doctor.doctor.shares('Metformin 850 mg: 1 tablet with dinner', {
    admission: 'link',
    command: '/glir 1m',
  });
  const shared = now();
  await stage.follows(patient, doctor, link, { admission: 'link' });
  const shown = now();
  const left = await patient.watch.vanishes(shown, LIFE_MS + 30_000);
  const lived = left === null ? null : left - shared;
  await delay(2_000);
  const again = left !== null && (await patient.watch.shownSince(left + 1));
  const heading = (await patient.watch.sightings()).at(-1)?.heading ?? '';
  const ok = lived !== null && lived > LIFE_MS - EARLY_MS && lived < LIFE_MS + LATE_MS && !again;
  return { seen: `read ${said(shown - shared)}, off the screen ${said(lived)} ("${heading}")`, recoveredMs: null, ok };
}

/**
 * Another time of day in a page, before its own scripts run: the page asks nothing but `Date` for it. A faked system
 * clock stops Chromium's own processes. It has to stand by itself, because its text is what the browser gets.
 */
function shiftClock(ms: number): void {
  const Real = Date;
  const shifted = class extends Real {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [Real.now() + ms] : given) as [number]));
    }
    static override now(): number {
      return Real.now() + ms;
    }
  };
  globalThis.Date = shifted as DateConstructor;
}

const serverAhead: Fault = {
  name: 'clocks-server-ahead',
  fault: 'The server’s clock is 2 h ahead, the doctor’s right, the patient’s 2 h behind.',
  expected: 'A note of one minute is read, and gone after its minute.',
  limitMs: 150_000,
  run: (stage) => aMinute(stage, { server: '+2h', doctorMs: 0, patientMs: -HOURS_2 }),
};

const serverBehind: Fault = {
  name: 'clocks-server-behind',
  fault: 'The server’s clock is 2 h behind, the doctor’s 2 h behind, the patient’s 2 h ahead.',
  expected: 'A note of one minute is read, and gone after its minute.',
  limitMs: 150_000,
  run: (stage) => aMinute(stage, { server: '-2h', doctorMs: -HOURS_2, patientMs: HOURS_2 }),
};

export const CLOCK_FAULTS: readonly Fault[] = [serverAhead, serverBehind];
