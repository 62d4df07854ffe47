import { describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';

const NOTE = 'Ramipril 5 mg, one in the morning';

describe('a note link as a browser gets it from other programs', () => {
  const clinic = useClinic();

  test('opens with what stood behind it, with %23 for #, with parameters and broken over lines', async () => {
    const doctor = await clinic.newDoctor();
    const link = await doctor.shares(NOTE, { admission: 'link', command: '/glir' });
    const [before = '', secret = ''] = link.split('#');
    const patient = await clinic.newPatient();
    // One of each kind; tests/vectors/links.ts has them all.
    for (const mangled of [
      `${link}),`,
      `${link}/&fbclid=IwAR0`,
      `${before}?utm_source=mail%23${secret}.`,
      `${before}#\u00ad${secret.slice(0, 20)}=%0D%0A${secret.slice(20)}\u200b`,
    ]) {
      await patient.page.goto('about:blank');
      await patient.follows(mangled);
      await patient.opens();
      expect(await patient.reads(), mangled).toBe(NOTE);
      expect(patient.page.url(), 'the address bar has no secret').toBe(before);
    }
  });

  test('says what is wrong with it and what to do when it lost its end, in the browser’s language', async () => {
    const doctor = await clinic.newDoctor();
    const link = await doctor.shares(NOTE);
    const patient = await clinic.newPatient();
    await patient.follows(link.slice(0, -5));
    await patient.sees('This link is not complete');
    await patient.page.getByText('Open the link in your message once more, or copy all of it.').waitFor();
    await patient.page.goto('about:blank');
    // A login page in between keeps the path, and has never seen the fragment.
    await patient.follows(link.replace(/#.*/, ''));
    await patient.sees('The link lost its end');
    await patient.page.getByText('Open the link in your message once more.').waitFor();
    const italian = await (await clinic.newProfile()).browser()?.newContext({ locale: 'it-IT' });
    const page = await italian?.newPage();
    await page?.goto(`${clinic.glir.url}/n`);
    await page?.getByRole('heading', { name: 'Qui non c’è nessuna pagina' }).waitFor();
    await page?.getByText('Apra ancora una volta il link nel messaggio, oppure lo copi tutto.').waitFor();
  });

  test('a compose link with a full stop behind it opens, and a reloaded page says that it was reloaded', async () => {
    const doctor = await clinic.newDoctor();
    const composer = await doctor.opens(`${await doctor.asks('/glir')}.`);
    await doctor.note.waitFor();
    await composer.reload();
    await composer.getByRole('heading', { name: 'You reloaded or left this page' }).waitFor();
    await composer.getByText('Type /glir for a new note.').waitFor();
    const other = await doctor.opens((await doctor.asks('/glir')).replace('#', '%23'));
    await other.getByRole('textbox', { name: 'Note', exact: true }).waitFor();
    expect(other.url()).toBe(`${clinic.glir.url}/compose`);
  });

  test('a reload keeps the page, and the secret is neither in the address nor in the tab’s history', async () => {
    const doctor = await clinic.newDoctor();
    const link = await doctor.shares(NOTE, { admission: 'link' });
    const patient = await clinic.newPatient();
    await patient.follows(link);
    await patient.opens();
    await patient.reads();
    await patient.page.reload();
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    const addresses = await patient.page.evaluate(() => [location.href, history.state]);
    expect(JSON.stringify(addresses)).not.toContain(link.split('#')[1]);
    // The next site in the same tab learns nothing.
    await patient.page.goto('about:blank');
    expect(await patient.page.evaluate(() => window.name)).toBe('');
  });
});
