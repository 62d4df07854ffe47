import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Glir, startGlir } from '../server/glir.ts';
import { type BrowserName, browserUnderTest, HEADLESS_SHELL, launchBrowser } from './browsers.ts';
import { Doctor, Patient } from './people.ts';
import { sharedBrowser } from './shared.ts';

/** A GLIR server, a browser in the clinic and one at home, for all tests of a file. */
export interface Clinic {
  glir: Glir;
  newDoctor(): Promise<Doctor>;
  newPatient(): Promise<Patient>;
  /** A fresh profile in the patient's browser. */
  newProfile(): Promise<BrowserContext>;
}

interface ClinicOptions {
  /** Settings of the server. */
  env?: NodeJS.ProcessEnv;
  browser?: BrowserName;
  /** Browser processes that no other file uses: the clipboard belongs to a whole process. */
  ownBrowsers?: boolean;
}

/**
 * Opens the clinic before a file's tests and closes it after them; each test leaves its profiles behind. Where the tests
 * cannot be run, each is skipped and says why.
 */
export function useClinic({ env = {}, browser = browserUnderTest(), ownBrowsers = false }: ClinicOptions = {}): Clinic {
  const problem = process.env['TEST_PROBLEM'];
  let glir: Glir;
  let clinic: Browser;
  let home: Browser;

  beforeAll(async () => {
    if (problem !== undefined) return;
    const open = (place: 'clinic' | 'home') =>
      ownBrowsers ? launchBrowser(browser, HEADLESS_SHELL) : openBrowser(place, browser);
    const launched = open('clinic');
    // A browser takes seconds to begin, so where it is not there yet the two share one and have a profile each.
    const another = browserUnderTest() === 'firefox' ? launched : open('home');
    [glir, clinic, home] = await Promise.all([startGlir(env), launched, another]);
  });
  beforeEach(({ skip }) => skip(problem !== undefined, problem));
  afterEach(async () => {
    const contexts = new Set([clinic, home].flatMap((opened) => opened.contexts()));
    await Promise.all([...contexts].map((context) => context.close()));
  });
  afterAll(async () => {
    if (problem !== undefined) return;
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

/** The shared browsers are out of reach of the tests that run in a network of their own, as those of Firefox do. */
function openBrowser(place: 'clinic' | 'home', name: BrowserName): Promise<Browser> {
  return browserUnderTest() === 'firefox' ? launchBrowser(name, HEADLESS_SHELL) : sharedBrowser(place);
}
