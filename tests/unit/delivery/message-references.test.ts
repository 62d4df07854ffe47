import { expect, it } from 'vitest';
import { z } from 'zod';
import { createMessageReferences } from '../../../bots/delivery/message-references.ts';
import type { EndReason } from '../../../src/protocol/constants.ts';
import { type DoctorId, roomTag } from '../../../src/rooms/room.ts';
import type { Store } from '../../../src/store/store.ts';
import { botContextFor } from '../bots/setup.ts';
import { ROSSI } from '../rooms/setup.ts';
import { storeIn } from '../store/setup.ts';

const placeSchema = z.object({ ts: z.string() });
const AWAY = 'A'.repeat(22);
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 100));

/** Nodes on one store, each with rooms of its own; `gone` are the runs of those that are not there any more. */
async function setUp() {
  const all = await botContextFor();
  const { store, again } = await storeIn({ clock: all.clock });
  const gone = new Set<string>();
  const went: string[] = [];

  /** As a server that starts: `name` is its in what went on where. */
  function node(name: string, its: Store, rooms = all.bot.rooms) {
    const isGone = (run: string) => Promise.resolve(gone.has(run));
    const references = createMessageReferences('slack', placeSchema, { ...all.bot, rooms, store: its, isGone });
    const resume = () =>
      references.resume({
        on: ({ tag, place }) => went.push(`${name} on ${tag} ${place.ts}`),
        end: ({ tag, place }, { reason }) => went.push(`${name} end ${tag} ${place.ts} ${reason}`),
      });
    return { references, resume, store: its, stop: () => references.stop() };
  }
  const first = node('first', store);
  return {
    ...all,
    first,
    went,
    /** Another node beside those that are there. */
    other: async (name: string) => node(name, await again()),
    dies: ({ store: its }: { store: Store }) => void gone.add(its.messages.run),
  };
}

/** A note of a server that is gone, which its doctor's page may bring back. */
async function mayComeBack({ rooms }: Store, roomId: string, doctor: DoctorId = ROSSI): Promise<void> {
  await rooms.add(
    {
      roomId,
      doctor,
      joinHash: null,
      phone: null,
      createdAt: 0,
      openedAt: null,
      expiresAt: 10 ** 12,
      graceMs: 1,
      readBy: 0,
    },
    { hash: new Uint8Array([1]), box: new Uint8Array([2]), until: 1 },
  );
}

async function ends({ rooms }: Store, roomId: string, reason: EndReason): Promise<void> {
  const tombstone = { roomId, joinHash: null, phone: null, reason, endedAt: 0, keepUntil: 10 ** 12 };
  await rooms.saveTombstones([{ tombstone, wanted: true }]);
}

it('goes on with the message of a note that is live, once', async () => {
  const { shared, first, other, dies, went } = await setUp();
  const { id, doctor } = await shared();
  await first.references.save(doctor, id, { ts: '1' });
  await first.references.save(doctor, id, { ts: '2' });
  dies(first);
  const second = await other('second');
  second.resume();
  second.resume();
  await settle();
  expect(went).toEqual([`second on ${roomTag(id)} 2`]);
});

it('waits for a note to come back, and ends the message of one that does not', async () => {
  const { clock, first, other, dies, went } = await setUp();
  await mayComeBack(first.store, AWAY);
  await first.references.save(ROSSI, AWAY, { ts: '1' });
  dies(first);
  const second = await other('second');
  second.resume();
  for (let minute = 0; minute < 3; minute += 1) {
    await settle();
    clock.advance(60_000);
  }
  await settle();
  expect(went).toEqual([]);
  await ends(second.store, AWAY, 'left');
  clock.advance(60_000);
  await settle();
  expect(went).toEqual([`second end ${roomTag(AWAY)} 1 left`]);
});

it('of a note of which nobody knows anything says that it was lost', async () => {
  const { first, other, dies, went } = await setUp();
  await first.references.save(ROSSI, AWAY, { ts: '1' });
  dies(first);
  (await other('second')).resume();
  await settle();
  expect(went).toEqual([`second end ${roomTag(AWAY)} 1 lost`]);
});

it('is followed by one node at a time: another one takes over when that is gone, and only one', async () => {
  const { clock, shared, first, other, dies, went } = await setUp();
  const { id, doctor } = await shared();
  first.resume();
  await first.references.save(doctor, id, { ts: '1' });
  const others = [await other('second'), await other('third')];
  for (const { resume } of others) resume();
  for (let minute = 0; minute < 3; minute += 1) {
    await settle();
    clock.advance(60_000);
  }
  await settle();
  expect(went).toEqual([]);
  first.stop();
  dies(first);
  clock.advance(60_000);
  await settle();
  expect(went).toHaveLength(1);
  expect(went[0]).toMatch(new RegExp(`^(second|third) on ${roomTag(id)} 1$`));
  clock.advance(60_000);
  await settle();
  expect(went).toHaveLength(1);
});

it('that was pressed elsewhere stays with its node while that is there, and keeps its place when another takes it', async () => {
  const { shared, first, other, dies } = await setUp();
  const { id, doctor } = await shared();
  await first.references.save(doctor, id, { ts: '1' });
  const [second, third] = [await other('second'), await other('third')];
  expect(await second.references.claim(doctor, id, { ts: '2' })).toBeNull();
  expect(await first.references.claim(doctor, id, { ts: '2' })).toEqual({ ts: '1' });
  dies(first);
  const claimed = await Promise.all([second, third].map(({ references }) => references.claim(doctor, id, { ts: '2' })));
  expect(claimed.filter((place) => place !== null)).toEqual([{ ts: '1' }]);
  // Of one that nobody has kept the place is where it was pressed.
  expect(await second.references.claim(doctor, AWAY, { ts: '3' })).toEqual({ ts: '3' });
  await second.store.close();
  expect(await second.references.claim(doctor, AWAY, { ts: '3' })).toBeNull();
});

it('that waits for its note is gone on with after a stop as well', async () => {
  const { first, other, dies, went, shared } = await setUp();
  const { id, doctor } = await shared();
  await first.references.save(doctor, id, { ts: '1' });
  await mayComeBack(first.store, AWAY);
  await first.references.save(ROSSI, AWAY, { ts: '2' });
  dies(first);
  const second = await other('second');
  second.resume();
  await settle();
  second.stop();
  await ends(second.store, AWAY, 'expired');
  second.resume();
  await settle();
  expect(went).toEqual([`second on ${roomTag(id)} 1`, `second end ${roomTag(AWAY)} 2 expired`]);
});

it('leaves alone what says how its note ended, and what was removed', async () => {
  const { clock, first, other, dies, shared, went } = await setUp();
  const { id, doctor } = await shared();
  await first.references.save(doctor, id, { ts: '1' });
  await first.references.over(doctor, id, { ts: '1' });
  dies(first);
  const second = await other('second');
  second.resume();
  await settle();
  await second.store.removeDoctor(doctor);
  // Too late: nothing of the person may be kept again.
  await first.references.over(doctor, id, { ts: '1' });
  expect(await second.store.messages.find(doctor, roomTag(id), z.unknown())).toBeNull();
  clock.advance(60_000);
  await settle();
  expect(went).toEqual([]);
});

it('are forgotten after three days', async () => {
  const { clock, shared, first } = await setUp();
  const { id, doctor } = await shared();
  await first.references.save(doctor, id, { ts: '1' });
  clock.advance(3 * 24 * 60 * 60 * 1000);
  await first.store.messages.purge();
  expect(await first.store.messages.find(doctor, roomTag(id), z.unknown())).toBeNull();
});
