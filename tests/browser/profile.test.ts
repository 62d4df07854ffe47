import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import { Patient } from '../support/browser/people.ts';
import { launchWithProfile, recordsAddresses } from '../support/browser/profile.ts';
import { dataDir } from '../support/server/data-dir.ts';
import { findsIn } from '../support/server/search.ts';

const NOTE = 'Quetiapine-25mg-for-Giulia, half a tablet at night';
const PIN = '48291377';
/** Chromium writes what stands in fields, and the pages of a tab, into its session files after some seconds. */
const WRITTEN_AFTER_MS = 12_000;
const clinic = useClinic();

test('the profile of a patient’s browser has neither the note nor the PIN, and the secret only as Chromium’s record of the address', async () => {
  const { path: folder, remove } = dataDir();
  onTestFinished(remove);
  const link = await (await clinic.newDoctor()).shares(NOTE, { admission: 'pin', pin: PIN });
  const [address = '', secret = ''] = link.split('#');
  const context = await launchWithProfile(folder);
  const patient = new Patient(await context.newPage());
  await patient.follows(link);
  await patient.pin.fill(PIN);
  await patient.page.waitForTimeout(WRITTEN_AFTER_MS);
  await patient.opens();
  expect(await patient.reads()).toBe(NOTE);
  await patient.page.reload();
  await patient.pin.waitFor();
  await patient.page.waitForTimeout(WRITTEN_AFTER_MS / 3);
  await context.close();

  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const having = (text: string) =>
    files
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .filter((file) => findsIn([readFileSync(file)], text))
      .map((file) => path.relative(folder, file));
  // The profile was written and read: the address without its secret is in it.
  expect(having(address)).not.toEqual([]);
  expect(having(NOTE.slice(0, 22))).toEqual([]);
  expect(having(PIN)).toEqual([]);
  expect(having(secret).filter((file) => !recordsAddresses(file))).toEqual([]);
}, 90_000);
