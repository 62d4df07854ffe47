import { expect, it } from 'vitest';
import { z } from 'zod';
import { createMessageReferences } from '../../../bots/delivery/message-references.ts';
import { LIMITS } from '../../../src/protocol/constants.ts';
import { roomTag } from '../../../src/rooms/room.ts';
import { botContextFor } from '../bots/setup.ts';
import { ROSSI } from '../rooms/setup.ts';

const placeSchema = z.object({ ts: z.string() });
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 100));

/** As a server that starts anew. */
async function setUp() {
  const all = await botContextFor();
  const went: string[] = [];
  function start() {
    const references = createMessageReferences('slack', placeSchema, all.bot);
    const resume = () =>
      references.resume({
        on: ({ tag, place }) => went.push(`on ${tag} ${place.ts}`),
        end: ({ tag, place }, { reason }) => went.push(`end ${tag} ${place.ts} ${reason}`),
      });
    return { references, resume };
  }
  return { ...all, start, went };
}

it('goes on with the message of a note that is live', async () => {
  const { shared, start, went } = await setUp();
  const { id, doctor } = await shared();
  await start().references.save(doctor, id, { ts: '1' });
  await start().references.save(doctor, id, { ts: '2' });
  const { resume } = start();
  resume();
  resume();
  await settle();
  expect(went).toEqual([`on ${roomTag(id)} 2`]);
});

it('waits for a note to come back, and ends the message of one that does not', async () => {
  const { clock, store, start, went } = await setUp();
  const gone = 'G'.repeat(22);
  await store.messages.save(ROSSI, gone, { over: false, place: { ts: '1' } });
  const { resume } = start();
  resume();
  await settle();
  expect(went).toEqual([]);
  clock.advance(LIMITS.graceSeconds * 1000 + 3_000);
  await settle();
  expect(went).toEqual([`end ${roomTag(gone)} 1 lost`]);
  // What ended meanwhile says how.
  const left = 'L'.repeat(22);
  await start().references.save(ROSSI, left, { ts: '2' });
  const tombstone = {
    joinHash: null,
    phone: null,
    reason: 'left',
    endedAt: clock.now(),
    keepUntil: clock.now() + 1,
  } as const;
  await store.rooms.saveTombstones([{ tombstone: { roomId: left, ...tombstone }, wanted: true }]);
  start().resume();
  await settle();
  clock.advance(LIMITS.graceSeconds * 1000 + 3_000);
  await settle();
  expect(went).toContain(`end ${roomTag(left)} 2 left`);
});

it('leaves alone what says how its note ended, and what was removed', async () => {
  const { clock, store, shared, start, went } = await setUp();
  const { id, doctor } = await shared();
  const { references, resume } = start();
  await references.save(doctor, id, { ts: '1' });
  await references.over(doctor, id, { ts: '1' });
  resume();
  await settle();
  await store.removeDoctor(doctor);
  // Too late: nothing of the person may be kept again.
  await references.over(doctor, id, { ts: '1' });
  expect(await store.messages.all('slack', z.unknown())).toEqual([]);
  clock.advance(60_000);
  await settle();
  expect(went).toEqual([]);
});

it('are forgotten after three days', async () => {
  const { clock, store, shared, start } = await setUp();
  const { id, doctor } = await shared();
  await start().references.save(doctor, id, { ts: '1' });
  clock.advance(3 * 24 * 60 * 60 * 1000);
  await store.messages.purge();
  expect(await store.messages.all('slack', z.unknown())).toEqual([]);
});
