import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

const NOTE = 'Methotrexate 10 mg, once a week, on Monday';

/** The pages as they are, with what the server says to one of them altered on its way; `tests/unit/pages/attack-*` has every attack. */
describe('a server that alters what passes it, in real browsers', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
  });

  /** Alters what a page hears, over its socket and before that. To be called before the page is opened. */
  async function alter(page: Page, change: (message: string) => string): Promise<void> {
    await page.route('**/join', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
    await page.routeWebSocket('**/signal', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => server.send(message));
      server.onMessage((message) => socket.send(change(String(message))));
    });
  }

  const swapFirst = (text: string, pattern: RegExp) =>
    text.replace(pattern, (_all, before: string, letter: string) => `${before}${letter === 'A' ? 'B' : 'A'}`);

  async function nextOneReads(link: string): Promise<void> {
    const next = await clinic.newPatient();
    await next.follows(link);
    await next.opens();
    await doctor.admits();
    expect(await next.reads()).toBe(NOTE);
  }

  test('a prekey with another nonce lets nobody in: the doctor is told, and the next patient reads', async () => {
    const link = await doctor.shares(NOTE);
    await alter(patient.page, (message) => swapFirst(message, /("nonce":".{5})(.)/));
    await patient.follows(link);
    await patient.opens();
    await patient.sees('The note stays closed');
    await doctor.composer.getByText(/Something on the way changed a reader's messages/).waitFor();
    expect(await patient.everything()).not.toContain('Methotrexate');
    await nextOneReads(link);
  });

  test('a word of the doctor’s page with one letter changed is not believed: patient and doctor are told', async () => {
    const link = await doctor.shares(NOTE);
    await alter(patient.page, (message) =>
      message.includes('"sealed"') ? swapFirst(message, /("ciphertext":".{80})(.)/) : message,
    );
    await patient.follows(link);
    await patient.opens();
    await patient.sees('The note was not shown');
    await doctor.composer.getByText(/That reader was turned away/).waitFor();
    await nextOneReads(link);
  });

  test('another way in than the doctor chose is found out: patient and doctor are told', async () => {
    const link = await doctor.shares(NOTE, { admission: 'pin', pin: '482913' });
    await alter(patient.page, (message) => message.replace('"admission":"pin"', '"admission":"link"'));
    await patient.follows(link);
    await patient.opens();
    await patient.sees('The note was not shown');
    await doctor.composer.getByText(/That reader was turned away/).waitFor();
    await doctor.composer.getByText(/5 tries left/).waitFor();
  });

  test('a doctor’s page that is not heard any more takes the note off the patient’s screen', async () => {
    const composeLink = await doctor.asks('/glir');
    const composer = await doctor.opens('about:blank');
    let deaf = false;
    await alter(composer, (message) => (deaf && message.includes('"sealed"') ? '{"t":"heartbeat"}' : message));
    await composer.goto(composeLink);
    await doctor.note.fill(NOTE);
    await composer.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await composer.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
    await composer.getByText('1 reading').waitFor();
    deaf = true;
    await patient.sees('The note is hidden for now');
    expect(await patient.everything()).not.toContain('Methotrexate');
  });
});
