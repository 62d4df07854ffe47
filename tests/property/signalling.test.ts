import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { runs } from '../support/fuzz/arbitraries.ts';
import { reached } from './signalling-known.ts';
import { join, prekey, say } from './signalling-messages.ts';
import { Scene } from './signalling-model.ts';
import { steps } from './signalling-steps.ts';

const DAYS_MS = 3 * 86_400_000;
const unhandled: unknown[] = [];
const keep = (error: unknown) => unhandled.push(error);

beforeAll(() => void process.on('unhandledRejection', keep));
afterAll(() => void process.off('unhandledRejection', keep));

/** Until nothing is left to do for anybody who need not wait for the worker, another person or time. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function checked(scene: Scene): Promise<void> {
  await settled();
  await scene.check();
  expect(unhandled.splice(0)).toEqual([]);
}

describe('whatever is said to the server, by whomever, in whatever order', () => {
  it('only who was admitted gets a stream, only the composer decides, and an ended room stays dead', async () => {
    const { numRuns, ...seed } = runs(70);
    await fc.assert(
      fc.asyncProperty(steps, async (walk) => {
        const scene = await Scene.begin();
        for (const { run } of walk) {
          await run(scene);
          await checked(scene);
        }
        scene.sfu.answer();
        await checked(scene);
        // Whoever waits for an offer waits for five seconds.
        scene.time.advance(5_000);
        await checked(scene);
        expect(scene.lines.filter(({ working }) => working !== null)).toEqual([]);
        for (const line of scene.lines) line.hangUp(1006);
        await checked(scene);
        scene.time.advance(DAYS_MS);
        await checked(scene);
        expect(scene.sfu.rooms.filter(({ isOpen }) => isOpen)).toEqual([]);
        expect(scene.rooms.filter(({ id }) => scene.rules.find(id) !== undefined)).toEqual([]);
      }),
      { numRuns, ...seed },
    );
    // A walk that gets nowhere would find nothing.
    for (const [what, often] of Object.entries(reached)) expect(often, what).toBeGreaterThan(numRuns / 10);
  }, 60_000);

  it('nobody is let in by an answer that was made just before the room ended', async () => {
    // At each of the moments between the worker's answer and the server's.
    for (let moments = 0; moments < 20; moments++) {
      const scene = await Scene.begin();
      await scene.draft();
      const [room] = scene.rooms;
      if (room === undefined) throw new Error('no room');
      const version = PROTOCOL_VERSION;
      const composer = scene.line();
      say(composer, { t: 'compose', id: 1, version, ticket: room.ticket });
      const policy = { expirySeconds: 600, admission: 'ask', maxReaders: 1, showName: false };
      say(composer, { t: 'share', id: 2, joinHash: room.joinHash, policy });
      say(composer, prekey(3));
      await checked(scene);
      scene.sfu.hold();
      say(scene.line(), join(1, room));
      await checked(scene);
      scene.sfu.answer();
      for (let moment = 0; moment < moments; moment++) await Promise.resolve();
      scene.endsFromOutside = true;
      const ending = scene.rules.end(room.id, 'revoked');
      await checked(scene);
      expect(await ending).toBe(true);
    }
  });
});
