import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type Glir, startGlir } from './glir.ts';
import { Doctor, Patient } from './people.ts';

/** A GLIR server, a browser in the clinic and one at home, for all tests of a file. */
export interface Clinic {
  glir: Glir;
  newDoctor(): Promise<Doctor>;
  newPatient(): Promise<Patient>;
  /** A fresh profile in the patient's browser. */
  newProfile(): Promise<BrowserContext>;
}

/** Opens the clinic before a file's tests and closes it after them; each test leaves its profiles behind. */
export function useClinic(): Clinic {
  let glir: Glir;
  let clinic: Browser;
  let home: Browser;

  beforeAll(async () => {
    [glir, clinic, home] = await Promise.all([startGlir(), launchBrowser(), launchBrowser()]);
  });
  afterEach(async () => {
    const contexts = [clinic, home].flatMap((browser) => browser.contexts());
    await Promise.all(contexts.map((context) => context.close()));
  });
  afterAll(async () => {
    await Promise.all([clinic.close(), home.close()]);
    await glir.stop();
  });

  return {
    get glir() {
      return glir;
    },
    newProfile: () => home.newContext(),
    newDoctor: async () => new Doctor(await clinic.newContext(), glir.url),
    newPatient: async () => new Patient(await (await home.newContext()).newPage()),
  };
}
