import { expect } from 'vitest';
import { composer, keepOpen, reader } from './wrtc.ts';

/** A doctor and a patient who have nothing to do with the test: a note is on the patient's screen all the time. */
export interface Bystander {
  /** Proves that an update still reaches the patient and that nobody told the two anything they did not ask for. */
  stillWell(): Promise<void>;
  close(): void;
}

export async function bystander(url: string): Promise<Bystander> {
  const doctor = await composer(url, { command: '/glir 24h' });
  const patient = await reader(await doctor.share({ admission: 'link' }));
  keepOpen(doctor);
  keepOpen(patient);
  await patient.tap();
  const knock = await doctor.knock();
  let rev = 0;

  async function stillWell(): Promise<void> {
    rev += 1;
    await doctor.send(knock, `revision ${rev}`, rev);
    expect(await patient.note()).toMatchObject({ rev, note: { text: `revision ${rev}` } });
    const heard = [...doctor.client.received, ...patient.client.received].map(({ t }) => t);
    expect(heard.filter((t) => t !== 'reply' && t !== 'prekey-taken' && t !== 'knocked')).toEqual([]);
  }

  await stillWell();
  return {
    stillWell,
    close() {
      doctor.close();
      patient.close();
    },
  };
}
