import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser/browsers.ts';
import { Patient } from '../support/browser/people.ts';
import { startGlir } from '../support/server/glir.ts';
import { TeamsDoctor } from '../support/teams/doctor.ts';
import { startPlayground } from '../support/teams/playground.ts';

const IMAGES = path.join(import.meta.dirname, '../../docs/images');
/** What is seen around the card: the bot's picture and name. */
const BESIDE = { left: 80, top: 44, right: 32, bottom: 28 };
const NOTHING = { left: 0, top: 0, right: 0, bottom: 0 };

/** Pictures for the README, from a real GLIR in Microsoft's Agents Playground, into docs/images/. */
export async function shootTeams(): Promise<void> {
  const [playground, browser] = await Promise.all([startPlayground(), launchBrowser()]);
  const glir = await startGlir(playground.env);
  try {
    await mkdir(IMAGES, { recursive: true });
    const surgery = await browser.newContext({
      viewport: { width: 1100, height: 820 },
      deviceScaleFactor: 2,
      locale: 'en-GB',
      timezoneId: 'Europe/Rome',
    });
    const doctor = await TeamsDoctor.at(playground, surgery);
    await doctor.card.getByText('Welcome to GLIR').waitFor();

    const form = await doctor.opensForm();
    await shoot(doctor.page, form, NOTHING, 'teams-dialog');
    await doctor.presses('Continue', form);
    const composer = await doctor.follows('Write the note', form);
    await composer.getByRole('textbox', { name: 'Note', exact: true }).fill('Ramipril 5 mg: 1 tablet in the morning');
    await composer.getByRole('button', { name: 'Share' }).click();
    const link = await composer.getByRole('textbox', { name: 'Note link' }).inputValue();
    await doctor.closes(form);

    const patient = new Patient(await (await browser.newContext()).newPage());
    await patient.follows(link);
    await patient.opens();
    await doctor.card.getByRole('button', { name: 'Admit' }).waitFor();
    await shoot(doctor.page, doctor.card, BESIDE, 'teams-card');
  } finally {
    await browser.close();
    await glir.stop();
    await playground.stop();
  }
}

/** The part of the window with `what` and some of what is around it. */
async function shoot(page: Page, what: Locator, around: typeof BESIDE, name: string): Promise<void> {
  await what.scrollIntoViewIfNeeded();
  await page.mouse.move(0, 0);
  const box = await what.boundingBox();
  if (box === null) throw new Error(`nothing to see for ${name}`);
  const clip = {
    x: box.x - around.left,
    y: box.y - around.top,
    width: box.width + around.left + around.right,
    height: box.height + around.top + around.bottom,
  };
  await page.screenshot({ path: path.join(IMAGES, `${name}.png`), clip, animations: 'disabled' });
}
