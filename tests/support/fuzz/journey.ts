import { setTimeout as delay } from 'node:timers/promises';
import { composer, keepOpen, reader } from '../signalling/wrtc.ts';
import type { Book } from './book.ts';

const PATIENCE_MS = 20_000;

/** A doctor and a patient who have nothing to do with the fuzz. */
export interface Ward {
  /** Rejects when an update does not reach the patient, or somebody else was heard. */
  stillWell(): Promise<void>;
  close(): void;
}

/** A note that stays open on the patient's screen all the time. */
export async function ward(url: string, book: Book): Promise<Ward> {
  const doctor = await composer(url, { command: '/glir 24h' });
  const patient = await reader(await doctor.share({ admission: 'ask' }));
  for (const page of [doctor, patient]) keepOpen(page);
  book.ward(doctor.roomId, patient.joined.readerId);
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.admit(knock);
  let rev = 0;
  return {
    async stillWell() {
      rev += 1;
      await doctor.send(knock, `revision ${rev}`, rev);
      const got = await inTime(patient.note());
      if (got.kind !== 'note' || got.rev !== rev) throw new Error('the open note did not get its update');
      const heard = [...doctor.client.received, ...patient.client.received].map(({ t }) => t);
      const strange = heard.filter((t) => !['reply', 'prekey-taken', 'knocked'].includes(t));
      if (strange.length > 0) book.wrong.push(`a doctor or patient was told "${strange.join(', ')}"`);
    },
    close() {
      doctor.close();
      patient.close();
    },
  };
}

/** A whole note from beginning to end, which has to succeed whatever else happens. */
export function journey(url: string, book: Book): Promise<void> {
  return inTime(wholeJourney(url, book));
}

async function wholeJourney(url: string, book: Book): Promise<void> {
  const doctor = await composer(url, { command: '/glir 5m' });
  const patient = await reader(await doctor.share({ admission: 'ask' }));
  book.ward(doctor.roomId, patient.joined.readerId);
  await patient.tap();
  const knock = await doctor.knock();
  await delay(10);
  if (patient.channel.frames.length > 0) book.wrong.push('a reader got something before it was admitted');
  await doctor.admit(knock);
  await doctor.send(knock, 'for the right one');
  const got = await inTime(patient.note());
  if (got.kind !== 'note' || got.note.text !== 'for the right one') throw new Error('the note did not arrive');
  await doctor.destroy();
  await inTime(patient.ended());
  doctor.close();
  patient.close();
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const late = new AbortController();
  const timeout = delay(PATIENCE_MS, null, { signal: late.signal }).then(() => {
    throw new Error('a doctor or patient waited for too long');
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    late.abort();
  }
}
