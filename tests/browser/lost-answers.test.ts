import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RequestType } from '../../src/protocol/messages.ts';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { type LosableAnswers, losableAnswers } from '../support/network/lost-answers.ts';

const NOTE = 'Levothyroxine 75 µg, on an empty stomach';
const HALF_AN_HOUR = 30 * 60_000;

interface Scene {
  doctor: Doctor;
  /** The doctor's page. */
  page: Page;
  patient: Patient;
  /** What the server answers either page. */
  doctors: LosableAnswers;
  patients: LosableAnswers;
}

describe('when the socket breaks between what the server did and its answer, the journey ends as promised', () => {
  const clinic = useClinic();
  let scene: Scene;

  beforeEach(async () => {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    const page = await doctor.opens('about:blank');
    scene = {
      doctor,
      page,
      patient,
      doctors: await losableAnswers(page),
      patients: await losableAnswers(patient.page),
    };
  });

  async function writes({ doctor, page }: Scene): Promise<void> {
    await page.goto(await doctor.asks('/glir 30m'));
    await doctor.note.fill(NOTE);
  }

  async function shares({ page }: Scene, admission = 'The link is enough'): Promise<string> {
    await page.getByRole('radio', { name: admission }).check();
    await page.getByRole('button', { name: 'Share' }).click();
    return page.getByRole('textbox', { name: 'Note link' }).inputValue();
  }

  /** A note on the patient's screen, which the link alone opened. */
  async function reads(own: Scene): Promise<void> {
    await writes(own);
    await own.patient.follows(await shares(own));
    await own.patient.opens();
    expect(await own.patient.reads()).toBe(NOTE);
  }

  /** A patient who waits for the doctor. */
  async function waits(own: Scene): Promise<void> {
    await writes(own);
    await own.patient.follows(await shares(own, 'I admit each reader'));
    await own.patient.opens();
    await own.page.getByRole('button', { name: 'Admit' }).waitFor();
  }

  async function isReadToTheLetter({ page, patient }: Scene): Promise<void> {
    await page.getByRole('heading', { name: 'The note is open' }).waitFor();
    await page.getByText('1 reading').waitFor();
    await expect.poll(() => patient.reads()).toBe(NOTE);
  }

  /** The first connection of a page is lost while it is made; the note is read all the same. */
  async function isReadAfter(own: Scene, lost: Promise<void>): Promise<void> {
    await reads(own);
    await lost;
    await isReadToTheLetter(own);
  }

  const journeys = {
    look: (own) => isReadAfter(own, own.doctors.lose('look')),
    compose: (own) => isReadAfter(own, own.doctors.lose('compose')),
    prekey: (own) => isReadAfter(own, own.doctors.lose('prekey')),
    connect: (own) => isReadAfter(own, own.doctors.lose('connect')),
    'POST /join': (own) => isReadAfter(own, own.patients.loseEarlyJoin()),
    attach: (own) => isReadAfter(own, own.patients.lose('attach')),
    // The page joins over its socket when the join before it had no answer.
    join: (own) =>
      isReadAfter(
        own,
        Promise.all([own.patients.loseEarlyJoin(), own.patients.lose('join')]).then(() => undefined),
      ),
    knock: (own) => isReadAfter(own, own.patients.lose('knock')),
    'report-readers': (own) => isReadAfter(own, own.doctors.lose('report-readers')),
    async share(own) {
      await writes(own);
      const lost = own.doctors.lose('share');
      const link = await shares(own);
      await lost;
      await own.patient.follows(link);
      await own.patient.opens();
      await isReadToTheLetter(own);
    },
    async admit(own) {
      await waits(own);
      const lost = own.doctors.lose('admit');
      await own.doctor.admits();
      await lost;
      // Nobody knows whether this is the same person: the note was not sent, so the doctor is asked again.
      await own.page.getByRole('button', { name: 'Admit' }).waitFor();
      await own.doctor.admits();
      await isReadToTheLetter(own);
    },
    async refuse(own) {
      await waits(own);
      const lost = own.doctors.lose('refuse');
      await own.doctor.refuses();
      await lost;
      await own.patient.sees('The note stays closed');
      await own.page.getByText('refused', { exact: true }).waitFor();
      expect(await own.patient.everything()).not.toContain('Levothyroxine');
    },
    async extend(own) {
      await reads(own);
      const lost = own.doctors.lose('extend');
      await own.page.getByRole('button', { name: 'Add 1 hour' }).click();
      await lost;
      await own.page.getByText(/1 h(?:our)? .*left/).waitFor();
      await own.patient.page.getByText(/1 h(?:our)? .*left/).waitFor();
      clinic.glir.clock.advance(HALF_AN_HOUR);
      await isReadToTheLetter(own);
    },
    async 'draft-again'(own) {
      await reads(own);
      clinic.glir.clock.advance(HALF_AN_HOUR);
      await own.patient.sees('This note is gone');
      const lost = own.doctors.lose('draft-again');
      await own.page.getByRole('button', { name: 'Open again' }).click();
      await lost;
      await own.page.getByRole('button', { name: 'Share' }).waitFor();
      const next = await clinic.newPatient();
      await next.follows(await shares(own));
      await next.opens();
      expect(await next.reads()).toBe(NOTE);
    },
    async end(own) {
      await reads(own);
      const lost = own.doctors.lose('end');
      await Promise.all([own.doctor.destroys(), lost]);
      await own.patient.sees('This note is gone');
      for (const content of [await own.patient.everything(), await own.page.content()]) {
        expect(content).not.toContain('Levothyroxine');
      }
    },
    async resume(own) {
      await reads(own);
      const [broken, lost] = [own.doctors.lose('restart-ice'), own.doctors.lose('resume')];
      await own.page.evaluate(() => dispatchEvent(new Event('online')));
      await broken;
      await lost;
      await isReadToTheLetter(own);
    },
    async 'restart-ice'(own) {
      await reads(own);
      for (const [page, answers] of [
        [own.page, own.doctors],
        [own.patient.page, own.patients],
      ] as const) {
        const lost = answers.lose('restart-ice');
        await page.evaluate(() => dispatchEvent(new Event('online')));
        await lost;
        await isReadToTheLetter(own);
      }
    },
    async 'open-files'(own) {
      await reads(own);
      const lost = [own.doctors.lose('open-files'), own.patients.lose('open-files')];
      await own.doctor.adds({ name: 'plan.txt', content: NOTE });
      await Promise.all(lost);
      const file = await own.patient.opensFile('plan.txt');
      await file.getByText(NOTE).waitFor();
      await isReadToTheLetter(own);
    },
  } satisfies Record<RequestType | 'POST /join', (own: Scene) => Promise<void>>;

  test.each(Object.entries(journeys))('the answer to "%s"', async (_request, journey) => {
    await journey(scene);
  });
});
