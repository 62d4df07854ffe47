import { afterAll, beforeAll, expect, it } from 'vitest';
import { CROWD, fuzz } from '../support/fuzz/fuzz.ts';
import { type Witness, witness } from '../support/fuzz/witness.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';

let glir: Glir;
let watched: Witness;
beforeAll(async () => {
  watched = witness();
  glir = await startGlir({ ...CROWD, GLIR_LOG_LEVEL: 'info' });
});
afterAll(() => glir.stop());

it('3,000 messages of every kind from many sockets harm nobody, let nobody in and leave nothing behind', async () => {
  const result = await fuzz(glir, watched, { messages: 3_000, seed: 20_261_119, journeys: 2 });
  expect(result.wrong).toEqual([]);
  expect(result.messages).toBe(3_000);
  // It came far enough to mean something.
  expect(result.replies).toBeGreaterThan(100);
  expect(result.flows).toBeGreaterThan(3);
}, 60_000);
