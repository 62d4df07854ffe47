import type { Page } from 'playwright-core';
import { type Browsers, type PeerSession, visit } from './browsers.ts';
import type { Server } from './server.ts';

/** A doctor's page with its note shared. */
export interface Shared {
  doctor: PeerSession;
  noteLink: string;
  shareToLinkMs: number;
}

/** Writes a note in a new profile of the doctor's browser and shares it, so that the link alone is enough. */
export async function share(server: Pick<Server, 'composeLink'>, browsers: Browsers, note: string): Promise<Shared> {
  const doctor = await visit(browsers.doctor, await server.composeLink(), { note, tapAtOnce: false });
  const { page } = doctor;
  await page.getByRole('textbox', { name: 'Note', exact: true }).fill(note);
  await page.getByRole('radio', { name: 'The link is enough' }).check();
  await doctor.until('channel-open');
  await press(page, 'Share');
  const shownAt = await doctor.until('link');
  const noteLink = await page.getByRole('textbox', { name: 'Note link' }).inputValue();
  return { doctor, noteLink, shareToLinkMs: shownAt - (await doctor.until('click')) };
}

/** What one patient's visit to a shared note took, in milliseconds. */
export interface WarmVisit {
  openToReadyMs: number;
  tapToNoteMs: number;
  tapToPaintedMs: number;
}

/** Opens the note link in a new profile, waits until the data channel is open, then taps. */
export async function readWarm(browsers: Browsers, { noteLink, doctor }: Shared, note: string) {
  const patient = await visit(browsers.patient, noteLink, { note, tapAtOnce: false });
  const ready = await patient.until('channel-open');
  // A patient reads a sentence before the tap; by then both pages have come to rest.
  await Promise.all([patient.page, doctor.page].map(atRest));
  await press(patient.page, 'Open the note');
  const [noteAt, painted, tapped] = [
    await patient.until('note'),
    await patient.until('painted'),
    await patient.until('click'),
  ];
  const times: WarmVisit = {
    openToReadyMs: ready - (await patient.began()),
    tapToNoteMs: noteAt - tapped,
    tapToPaintedMs: painted - tapped,
  };
  return { patient, times };
}

/** Destroys the note under a reading patient. `clocksMs` is how far the two pages' clocks were apart. */
export async function revoke({ doctor }: Shared, patient: PeerSession) {
  const { page } = doctor;
  await page.getByText('reading').first().waitFor();
  const ahead = (await patient.clockOffset()) - (await doctor.clockOffset());
  await press(page, 'Destroy now');
  const asked = page.getByRole('button', { name: 'Keep it open' });
  const over = page.getByRole('heading', { name: 'The note is gone' });
  await asked.or(over).first().waitFor();
  if (await asked.isVisible())
    await page
      .getByRole('button', { name: /^Destroy/ })
      .last()
      .click();
  const wiped = await patient.until('wiped');
  // The last press counts: a question in between is the doctor's time.
  const pressed = await doctor.until('click');
  return { revokeToWipedMs: wiped - ahead - pressed, clocksMs: Math.abs(ahead) };
}

/** The doctor types one more letter into the note that a patient reads; milliseconds until it is in the patient's page. */
export async function correct({ doctor }: Shared, patient: PeerSession): Promise<number> {
  const { page } = doctor;
  await page.getByText('reading').first().waitFor();
  const ahead = (await patient.clockOffset()) - (await doctor.clockOffset());
  await page.getByRole('textbox', { name: 'Note', exact: true }).focus();
  await Promise.all([patient.page, page].map(atRest));
  await page.keyboard.press('End');
  await page.keyboard.press('x');
  const seen = await patient.until('corrected');
  return seen - ahead - (await doctor.until('input'));
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** A text of `bytes` plain characters, different in every line. */
export function plainNote(bytes: number): string {
  let text = '';
  for (let line = 1; text.length < bytes; line++) text += `${line}. Take one tablet with water after breakfast.\n`;
  return `${text.slice(0, bytes - 1)}.`;
}

/** Fulfilled when the page has had nothing to do for ten idle periods in a row. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let quiet = 0; quiet < 10; ) {
      const left = await new Promise<number>((resolve) => {
        requestIdleCallback((deadline) => resolve(deadline.timeRemaining()));
      });
      quiet = left > 10 ? quiet + 1 : 0;
    }
  });
}
