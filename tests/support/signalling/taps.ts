import { composer, reader } from './wrtc.ts';

const TEXT = 'one in the morning';

/** From the tap to the note, for one reader after the other, each with a note of its own, in milliseconds. */
export async function tapsToNote(url: string, taps: number): Promise<number[]> {
  const took: number[] = [];
  for (let tap = 0; tap < taps; tap++) {
    const doctor = await composer(url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await patient.channel.opened;
    const began = performance.now();
    await patient.tap();
    await doctor.send(await doctor.knock(), TEXT);
    const message = await patient.note();
    took.push(performance.now() - began);
    if (!JSON.stringify(message).includes(TEXT)) throw new Error('another note than the doctor wrote');
    patient.close();
    await doctor.destroy();
  }
  return took;
}

/** 95 of a hundred are no more than this. */
export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}
