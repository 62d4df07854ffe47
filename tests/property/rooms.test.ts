import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADMISSIONS, END_REASONS } from '../../src/protocol/constants.ts';
import { runs } from '../support/fuzz/arbitraries.ts';
import { pass } from '../unit/rooms/setup.ts';
import { Book, type KnownRoom } from './rooms-model.ts';
import { narrated, type Step } from './step.ts';

const named = narrated<Book>;

const seconds = fc.oneof(fc.integer({ min: 60, max: 86_400 }), fc.constantFrom(60, 600, 86_399, 86_400));
const policy = fc.record({
  expirySeconds: seconds,
  admission: fc.constantFrom(...ADMISSIONS),
  maxReaders: fc.integer({ min: 1, max: 20 }),
  showName: fc.boolean(),
});
const limits = fc.record(
  {
    expiryMaxSeconds: seconds,
    maxReaders: fc.integer({ min: 1, max: 20 }),
    admissions: fc.uniqueArray(fc.constantFrom(...ADMISSIONS), { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const jump = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(1, 119_999, 120_000, 599_999, 600_000, 899_999, 900_000, 915_001) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000_000 }) },
);
const which = fc.nat(5);

const onRoom = (name: string, act: (book: Book, room: KnownRoom) => unknown): fc.Arbitrary<Step<Book>> =>
  which.map((at) =>
    named(`${name} ${at}`, async (book) => {
      const room = book.pick(at);
      if (room !== undefined) await act(book, room);
    }),
  );

const step: fc.Arbitrary<Step<Book>> = fc.oneof(
  fc.tuple(policy, limits, fc.constantFrom('T1', 'T2')).map(([choice, own, tenant]) =>
    named(
      'draft',
      async (book) => {
        const doctor = { platform: 'slack', tenant, user: 'U', displayName: 'Dr Rossi' } as const;
        const draftedAt = book.time.uptime();
        const made = await book.ask(() => book.rules.draft(doctor, choice, own));
        if ('refused' in made) return expect(made.refused).toBe('unavailable');
        const { room, ticket } = made.given;
        const fresh = {
          sharedAt: null,
          lostAt: null,
          composed: false,
          read: false,
          barred: false,
          recovered: false,
          over: null,
          unsaved: false,
          away: false,
          unmarked: false,
        };
        const maxSeconds = own.expiryMaxSeconds ?? 86_400;
        book.rooms.push({ id: room.id, tenant, maxSeconds, ticket, tokens: [], draftedAt, ...fresh });
      },
      { choice, own, tenant },
    ),
  ),
  onRoom('redeem', async (book, room) => {
    const again = room.composed;
    const got = await book.ask(() => book.rules.redeem(room.ticket, () => false));
    if ('refused' in got) return;
    expect(again, 'a ticket was good twice').toBe(false);
    expect(got.given.room.id).toBe(room.id);
    room.composed = true;
    room.tokens.push(got.given.ownerToken);
  }),
  fc.tuple(which, policy).map(([at, choice]) =>
    named(
      `open ${at}`,
      async (book) => {
        const room = book.pick(at);
        // Only the tab that redeemed the ticket can press "Share".
        if (room === undefined || !room.composed) return;
        const got = await book.ask(() => book.rules.open(room.id, 'h'.repeat(43), choice));
        if ('given' in got) room.tokens.push(got.given.ownerToken);
      },
      choice,
    ),
  ),
  fc.tuple(which, seconds).map(([at, more]) =>
    named(`extend ${at} by ${more}`, async (book) => {
      const room = book.pick(at);
      const before = room && book.rules.find(room.id) && book.rules.leftMs(room);
      const got = room && (await book.ask(() => book.rules.extend(room.id, more)));
      if (room === undefined || got === undefined || 'refused' in got) return;
      expect(book.rules.leftMs(room) - (before ?? 0)).toBeLessThanOrEqual(more * 1000);
      room.tokens.push(got.given.ownerToken);
    }),
  ),
  onRoom('lose the composer of', (book, { id }) => book.rules.composerLost(id)),
  onRoom('seat the composer of', (book, room) => book.seat(room)),
  fc.tuple(which, fc.nat(9)).map(([at, token]) =>
    named(`resume ${at} with its token ${token}`, async (book) => {
      const room = book.pick(at);
      const said = room?.tokens[token % Math.max(1, room.tokens.length)];
      if (room === undefined || said === undefined) return;
      const got = await book.ask(() => book.rules.resume(said));
      if ('refused' in got) return;
      expect(got.given.room.id).toBe(room.id);
      room.tokens.push(got.given.ownerToken);
      book.seat(room);
    }),
  ),
  fc.tuple(which, fc.nat(), fc.nat(255)).map(([at, place, letter]) =>
    named(`forge a token of ${at}`, async (book) => {
      const good = book.pick(at)?.tokens.at(-1) ?? 'a.b';
      const dot = good.indexOf('.');
      const cut = place % Math.max(1, dot);
      // Within the claims, whose every letter the signature covers.
      const forged = `${good.slice(0, cut)}${String.fromCharCode(letter)}${good.slice(cut + 1)}`;
      if (forged === good) return;
      expect(await book.ask(() => book.rules.resume(forged))).toEqual({ refused: 'wrong-owner' });
      expect(await book.ask(() => book.rules.resume(good.slice(0, cut)))).toEqual({ refused: 'wrong-owner' });
    }),
  ),
  fc.tuple(which, fc.constantFrom(...END_REASONS)).map(([at, reason]) =>
    named(`end ${at} as ${reason}`, async (book) => {
      const room = book.pick(at);
      const live = room !== undefined && book.rules.find(room.id) !== undefined;
      if (room !== undefined) expect(await book.rules.end(room.id, reason)).toBe(live);
    }),
  ),
  fc.constantFrom('T1', 'T2').map((tenant) =>
    named(`end the tenant ${tenant}`, async (book) => {
      const theirs = book.rooms.filter((room) => room.tenant === tenant && room.over === null);
      const live = theirs.filter(({ id }) => book.rules.find(id) !== undefined);
      const ended = await book.rules.endTenant({ platform: 'slack', tenant }, 'revoked');
      expect(ended).toBeGreaterThanOrEqual(live.length);
      expect(ended).toBeLessThanOrEqual(theirs.length);
      for (const room of theirs) if (room.away && book.isWritable) room.barred = true;
    }),
  ),
  fc.tuple(which, fc.nat(30), fc.nat(3)).map(([at, reading, readBy]) =>
    named(`readers of ${at}`, async (book) => {
      const room = book.pick(at);
      if (room === undefined) return;
      const waiting = [{ readerId: `reader${reading}`, number: 1, shortCode: '123456' }];
      book.rules.setReading(room.id, reading);
      book.rules.setReaders(room.id, { waiting, readBy });
      const found = book.rules.find(room.id);
      if (found !== undefined) expect(found).toMatchObject({ reading, readBy, waiting });
      room.read ||= found !== undefined && (reading > 0 || readBy > 0);
      const decided = await book.ask(() => book.rules.requestDecision(room.id, `reader${reading}`, 'admit'));
      expect('given' in decided).toBe(found !== undefined);
      expect(await book.ask(() => book.rules.requestDecision(room.id, 'nobody', 'admit'))).toHaveProperty('refused');
    }),
  ),
  jump.map((ms) => named(`wait ${ms} ms`, (book) => pass(book.time, ms))),
  jump.map((ms) => named(`wait ${ms} ms`, (book) => pass(book.time, ms))),
  fc.integer({ min: -7_200_000, max: 7_200_000 }).map((ms) =>
    named(`the clock is set by ${ms} ms`, (book) => {
      book.wallWasSet = true;
      book.time.set(ms);
    }),
  ),
  fc.boolean().map((broken) =>
    named(`the disk is ${broken ? 'broken' : 'well'}`, (book) => {
      book.kept.broken = broken;
    }),
  ),
  fc
    .constantFrom('stop' as const, 'crash' as const)
    .map((how) => named(`${how} and start`, (book) => book.restart(how))),
);

describe('whatever happens to rooms, in whatever order', () => {
  it('an ended room stays over, no room gets more time than it may, and nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const book = await Book.begin();
        for (const { run } of steps) {
          await run(book);
          await book.check();
        }
        book.kept.broken = false;
        // Whatever could not be written so far is tried again after a second.
        await pass(book.time, 1_000);
        await pass(book.time, 3 * 86_400_000);
        await book.check();
        expect(book.rooms.filter(({ id }) => book.rules.find(id) !== undefined)).toEqual([]);
        const unknown = book.rooms.filter(({ sharedAt, over }) => sharedAt !== null && over === null);
        expect(unknown, 'a note that was shared is over, and nobody can say how').toEqual([]);
        await book.rules.close();
      }),
      runs(80),
    );
  });
});
