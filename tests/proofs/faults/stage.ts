import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { CHROMIUM } from '../../support/browser/browsers.ts';
import { Doctor, Patient } from '../../support/browser/people.ts';
import { HERE, type Place } from './place.ts';
import { type ServerOptions, ServerProcess } from './server-process.ts';
import { Watch } from './watch.ts';

/** What stands in the note, and nowhere else. */
export const NOTE = 'Metformin 850 mg: 1 tablet with dinner';

export interface BrowserOptions {
  place?: Place;
  /** Where `localhost` leads; the loopback of this machine where nothing is said. */
  server?: Pick<Place, 'address'>;
  /** Where other names lead. */
  names?: Readonly<Record<string, string>>;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** One person's browser, a process of its own with a new profile. */
export interface Seat {
  browser: Browser;
  context: BrowserContext;
}
export interface DoctorSeat extends Seat {
  doctor: Doctor;
}
export interface PatientSeat extends Seat {
  patient: Patient;
  /** What was to be seen in the patient's page, and when. */
  watch: Watch;
}

/** A doctor's note on a patient's screen. */
export interface Reading {
  server: ServerProcess;
  doctor: DoctorSeat;
  patient: PatientSeat;
  link: string;
}

/** A doctor whose browser alone reaches the server: commands are typed there. */
class SeatedDoctor extends Doctor {
  override asks(command: string): Promise<string> {
    return this.types(command);
  }
}

/** Who takes part in a journey, and where. */
export interface ReadingOptions {
  note?: string;
  admission?: 'ask' | 'link' | 'pin';
  pin?: string;
  /** What the doctor types in the chat, `/glir 1m` for a short note. */
  command?: string;
  server?: ServerOptions;
  doctor?: BrowserOptions;
  patient?: BrowserOptions;
}

/** Where one fault is played. Whatever it starts ends with it. */
export class Stage {
  readonly #undo: (() => unknown)[] = [];
  readonly #tell: (text: string) => void;
  #closed = false;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** One line to stderr. */
  progress(text: string): void {
    this.#tell(text);
  }

  /** Called when the fault is over, whatever came of it; the last one first. */
  defer(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  async server(options: ServerOptions = {}): Promise<ServerProcess> {
    return this.#keep(await ServerProcess.start(options), (server) => server.dispose());
  }

  async doctor(server: ServerProcess, options: BrowserOptions = {}): Promise<DoctorSeat> {
    const seat = await this.seat(options);
    return { ...seat, doctor: new SeatedDoctor(seat.context, server.url) };
  }

  /** A patient whose page is watched for `note`. */
  async patient(options: BrowserOptions = {}, note = NOTE): Promise<PatientSeat> {
    const seat = await this.seat(options);
    const page = await seat.context.newPage();
    const watch = await Watch.over(page, note);
    return { ...seat, patient: new Patient(page), watch };
  }

  /** A Chromium process with an empty profile. */
  async seat(options: BrowserOptions = {}): Promise<Seat> {
    const browser = this.#keep(await this.#launch(options), (launched) => launched.close());
    return { browser, context: await browser.newContext() };
  }

  /** From nothing to a patient who reads the doctor's note. */
  async reading(options: ReadingOptions = {}): Promise<Reading> {
    const { note = NOTE, admission = 'ask', pin, command } = options;
    const [server, patient] = await Promise.all([this.server(options.server), this.patient(options.patient, note)]);
    const doctor = await this.doctor(server, options.doctor);
    const wish = { admission, ...(pin === undefined ? {} : { pin }), ...(command === undefined ? {} : { command }) };
    const link = await doctor.doctor.shares(note, wish);
    await this.follows(patient, doctor, link, { admission, ...(pin === undefined ? {} : { pin }) });
    return { server, doctor, patient, link };
  }

  /** One more patient follows the link and reads. */
  async follows(
    { patient }: PatientSeat,
    { doctor }: DoctorSeat,
    link: string,
    { admission = 'ask', pin }: { admission?: 'ask' | 'link' | 'pin'; pin?: string } = {},
  ): Promise<void> {
    await patient.follows(link);
    if (pin !== undefined) await patient.triesPin(pin);
    else await patient.opens();
    if (admission === 'ask') await doctor.admits();
    await patient.reads();
  }

  /** Undoes everything; the runner calls it. Gives what could not be undone. */
  async close(): Promise<string[]> {
    this.#closed = true;
    const failures: string[] = [];
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        failures.push(String(error));
      }
    }
    return failures;
  }

  /** What comes too late, after the time was up, is ended at once. */
  #keep<T>(thing: T, end: (thing: T) => unknown): T {
    if (this.#closed) {
      void end(thing);
      throw new Error('the time was up');
    }
    this.defer(() => end(thing));
    return thing;
  }

  async #launch({ place = HERE, server = HERE, names = {}, args = [], env }: BrowserOptions): Promise<Browser> {
    const dir = await mkdtemp(path.join(tmpdir(), 'glir-browser-'));
    this.defer(() => rm(dir, { recursive: true, force: true }));
    const program = path.join(dir, 'chromium');
    const command = place.command([CHROMIUM.executablePath]).map((word) => `'${word}'`);
    await writeFile(program, `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`);
    await chmod(program, 0o755);
    // `localhost` stays a secure context wherever it leads.
    const rules = Object.entries({ localhost: server.address, ...names }).map((rule) => `MAP ${rule.join(' ')}`);
    const route = `--host-resolver-rules=${rules.join(', ')}`;
    return chromium.launch({
      executablePath: program,
      args: [...CHROMIUM.args, route, ...args],
      ...(env === undefined ? {} : { env: { ...definedEnv(), ...env } }),
    });
  }
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Process ids of a browser, by Chromium's own words: `browser`, `renderer`, `GPU`, `utility`. */
export async function browserProcesses({ browser }: Seat): Promise<{ type: string; id: number }[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.map(({ type, id }) => ({ type, id }));
}
