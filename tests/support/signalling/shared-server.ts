import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Glir, startGlir } from '../server/glir.ts';
import { type Bystander, bystander } from './bystander.ts';
import { closeAllPages } from './wrtc.ts';

/**
 * A server for all tests of a file, given to `started`. Somebody else's note (`others`) is open on it all the time, and has to be
 * unharmed after each test.
 */
export function useSharedServer(started: (glir: Glir, others: Bystander) => void): void {
  let glir: Glir;
  let others: Bystander;
  beforeAll(async () => {
    glir = await startGlir();
    others = await bystander(glir.url);
    started(glir, others);
  });
  afterEach(async () => {
    await others.stillWell();
    closeAllPages();
  });
  afterAll(async () => {
    others.close();
    await glir.stop();
  });
}
