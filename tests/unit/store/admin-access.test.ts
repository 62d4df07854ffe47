import { describe, expect, it } from 'vitest';
import type { AdminIdentity } from '../../../src/store/store.ts';
import { pass } from '../rooms/setup.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { CLINIC, HOUR, PRACTICE, pastNote, ROSSI, WEBER } from './setup.ts';

const { platform, tenant, user } = ROSSI;
const ADMIN: AdminIdentity = { kind: 'tenant-admin', platform, tenant, user };
const OPERATOR: AdminIdentity = { kind: 'operator', subject: 'op-maria' };
const LIFE = { idleSeconds: 60 * 30, lifeSeconds: 60 * 60 * 8 };

/** Another code of six digits. */
const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000');

describe.each(TEST_DATABASES)('the way into the console in $name', (database) => {
  const storeIn = storesOn(database);

  it.each([ADMIN, OPERATOR])('lets $kind in once, with the link and its code', async (who) => {
    const { store } = await storeIn();
    const { token, code } = await store.admins.issueLink(who, 600);
    expect([token, code]).toEqual([expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^\d{6}$/)]);
    expect(await store.admins.redeemLink(token, code)).toEqual(who);
    expect(await store.admins.redeemLink(token, code)).toBe('over');
  });

  it('is closed after five wrong codes, also when they come at once, and when its time is over', async () => {
    const { store, clock, again } = await storeIn();
    const other = await again();
    const { token, code } = await store.admins.issueLink(ADMIN, 600);
    const tries = Array.from({ length: 12 }, (_, index) =>
      (index % 2 === 0 ? store : other).admins.redeemLink(token, otherThan(code)),
    );
    expect((await Promise.all(tries)).filter((answer) => answer === 'wrong-code')).toHaveLength(5);
    expect(await store.admins.redeemLink(token, code)).toBe('over');
    const late = await store.admins.issueLink(ADMIN, 600);
    await pass(clock, 600_000);
    expect(await store.admins.redeemLink(late.token, late.code)).toBe('over');
    expect(await store.admins.redeemLink('A'.repeat(43), code)).toBe('over');
  });

  it('goes to one of many who come at once', async () => {
    const { store, again } = await storeIn();
    const other = await again();
    const { token, code } = await store.admins.issueLink(ADMIN, 600);
    const tries = [store, other, store, other].map(({ admins }) => admins.redeemLink(token, code));
    expect((await Promise.all(tries)).filter((answer) => typeof answer === 'object')).toEqual([ADMIN]);
  });

  it('keeps a session for every node, until it is ended, unused for too long, or too old', async () => {
    const { store, clock, again } = await storeIn();
    const other = await again();
    const token = await store.admins.beginSession(ADMIN, LIFE);
    expect(await other.admins.findSession(token, LIFE.idleSeconds)).toEqual(ADMIN);
    await pass(clock, 29 * 60_000);
    expect(await other.admins.findSession(token, LIFE.idleSeconds)).toEqual(ADMIN);
    await pass(clock, 29 * 60_000);
    expect(await store.admins.findSession(token, LIFE.idleSeconds)).toEqual(ADMIN);
    await pass(clock, 30 * 60_000);
    expect(await store.admins.findSession(token, LIFE.idleSeconds)).toBeNull();

    const ended = await store.admins.beginSession(OPERATOR, LIFE);
    await other.admins.endSession(ended);
    expect(await store.admins.findSession(ended, LIFE.idleSeconds)).toBeNull();
    const old = await store.admins.beginSession(OPERATOR, { idleSeconds: 24 * 3_600, lifeSeconds: 3_600 });
    await pass(clock, HOUR);
    expect(await store.admins.findSession(old, LIFE.idleSeconds)).toBeNull();
  });

  it('goes with its tenant and its person', async () => {
    const { store } = await storeIn();
    const [mine, colleagues] = [
      await store.admins.beginSession(ADMIN, LIFE),
      await store.admins.beginSession({ ...ADMIN, user: WEBER.user }, LIFE),
    ];
    const { token, code } = await store.admins.issueLink(ADMIN, 600);
    await store.removeDoctor(ROSSI);
    expect(await store.admins.findSession(mine, LIFE.idleSeconds)).toBeNull();
    expect(await store.admins.redeemLink(token, code)).toBe('over');
    expect(await store.admins.findSession(colleagues, LIFE.idleSeconds)).not.toBeNull();
    await store.removeTenant(CLINIC);
    expect(await store.admins.findSession(colleagues, LIFE.idleSeconds)).toBeNull();
  });
});

describe.each(TEST_DATABASES)('counts of past notes in $name', (database) => {
  const storeIn = storesOn(database);

  it('are by hour and reason, of one tenant or of all', async () => {
    const { store, clock } = await storeIn();
    const now = clock.now();
    await store.history.add(ROSSI, pastNote(now, { readBy: 2 }));
    await store.history.add(WEBER, pastNote(now, { readBy: 1 }));
    await store.history.add({ ...ROSSI, ...PRACTICE }, pastNote(now, { readBy: 4 }));
    await store.history.add(ROSSI, pastNote(now - 3 * HOUR));
    const hour = Math.floor(now / HOUR);
    const own = await store.history.counts(CLINIC, now - HOUR);
    expect(own).toMatchObject([{ hour, notes: 2, readers: 3 }]);
    expect(await store.history.counts(null, now - HOUR)).toMatchObject([{ hour, notes: 3, readers: 7 }]);
    expect(await store.history.counts(CLINIC, now - 24 * HOUR)).toMatchObject([
      { hour: hour - 3, notes: 1 },
      { hour, notes: 2 },
    ]);
  });
});
