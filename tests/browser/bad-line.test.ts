import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { UdpRelay, type Weather } from '../support/network/udp-relay.ts';
import { freePort } from '../support/server/free-port.ts';

const NOTE = 'Metformin 850 mg: 1 tablet with dinner';
/** The data channels listen at one loopback address and are announced at another, where the relay is. */
const [HERE, ANNOUNCED] = ['127.0.0.1', '127.0.0.2'];
const FAIR: Weather = { loss: 0, delayMs: 0, jitterMs: 0 };
const BAD: Weather = { loss: 0.1, delayMs: 60, jitterMs: 40 };
const SILENCE: Weather = { loss: 1, delayMs: 0, jitterMs: 0 };

describe('when the line of the data channels is bad', async () => {
  const port = await freePort();
  const clinic = useClinic({
    env: {
      GLIR_RTC_LISTEN: HERE,
      GLIR_RTC_ANNOUNCED: ANNOUNCED,
      GLIR_RTC_PORT: String(port),
    },
  });
  let relay: UdpRelay;
  let doctor: Doctor;
  let patient: Patient;

  beforeAll(async () => {
    relay = await UdpRelay.start({ address: HERE, port }, FAIR, 7, { address: ANNOUNCED, port });
  });
  afterAll(() => relay.close());
  beforeEach(async () => {
    relay.weather = FAIR;
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('every correction arrives, whatever is lost or overtaken on the way', async () => {
    relay.weather = BAD;
    const before = { ...relay.counts };
    let dose = 0;
    do {
      dose += 50;
      await doctor.note.fill(`Metformin ${dose} mg`);
      await patient.note.getByText(`Metformin ${dose} mg`, { exact: true }).waitFor();
    } while (relay.counts.lost === before.lost || relay.counts.reordered === before.reordered);
    expect(await patient.reads()).toBe(`Metformin ${dose} mg`);
  });

  test('a correction made while nothing gets through is read as soon as something does', async () => {
    relay.weather = SILENCE;
    const { lost } = relay.counts;
    await doctor.note.fill('Metformin 500 mg');
    await expect.poll(() => relay.counts.lost).toBeGreaterThan(lost + 5);
    expect(await patient.note.getByText('500 mg').count()).toBe(0);
    relay.weather = FAIR;
    await patient.note.getByText('500 mg').waitFor();
  });

  test('"Destroy now" reaches a patient whose data channel is dead', async () => {
    relay.weather = SILENCE;
    await doctor.destroys();
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Metformin');
  });
});
