import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { JOIN_HASH, pass, practice, ROSSI, refusalOf } from './setup.ts';

describe('the owner token', () => {
  it('says which room its tab owns, and what the doctor chose there', async () => {
    const { rooms, open, clock } = await practice();
    const { roomId, ownerToken } = await open({ expirySeconds: 900, admission: 'link' });
    expect(rooms.claimsOf(ownerToken)).toEqual({
      version: 1,
      roomId,
      doctor: ROSSI,
      joinHash: JOIN_HASH,
      phone: null,
      createdAt: clock.now(),
      openedAt: clock.now(),
      expiresAt: clock.now() + 900_000,
      signedAt: clock.now(),
      policy: { expirySeconds: 900, admission: 'link', maxReaders: 3, showName: true },
      isChosen: false,
      limits: { expiryMaxSeconds: 86_400, maxReaders: 20, admissions: ['link', 'pin', 'ask'] },
    });
  });

  it('fits into its message, also with the longest names that chats give', async () => {
    const { rooms } = await practice();
    const long = {
      platform: 'teams',
      tenant: 't'.repeat(36),
      user: 'u'.repeat(64),
      displayName: 'Ä'.repeat(120),
    } as const;
    const { ticket } = await rooms.draft(long, {}, {}, '0'.repeat(32));
    expect((await rooms.redeem(ticket, () => false)).ownerToken.length).toBeLessThan(2_048);
  });

  it('that was signed before rooms could move between nodes still is one', async () => {
    const key = new Uint8Array(32).fill(7);
    const { rooms, open } = await practice({ key });
    const { roomId, ownerToken } = await open();
    const { isChosen, ...earlier } = rooms.claimsOf(ownerToken);
    const claims = { ...earlier, run: 'earlier' };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const signature = createHmac('sha256', key).update(payload).digest('base64url');
    expect((await rooms.resume(`${payload}.${signature}`)).room.id).toBe(roomId);
    expect([isChosen, rooms.claimsOf(`${payload}.${signature}`).isChosen]).toEqual([false, false]);
  });

  it('of a draft is not mistaken for that of another draft', async () => {
    const { rooms, composed } = await practice();
    const [one, two] = [await composed(), await composed()];
    expect(rooms.claimsOf(one.ownerToken).roomId).toBe(one.roomId);
    expect(rooms.claimsOf(two.ownerToken).roomId).toBe(two.roomId);
  });

  it.each([
    ['nothing at all', () => ''],
    ['a dot', () => '.'],
    ['no signature', (token: string) => token.split('.')[0] ?? ''],
    ['an empty signature', (token: string) => `${token.split('.')[0]}.`],
    ['half a signature', (token: string) => token.slice(0, -20)],
    ['a longer signature', (token: string) => `${token}AAAA`],
    ['no claims', (token: string) => `.${token.split('.')[1]}`],
    ['not base64url', () => 'ä€😀.ä€😀'],
    ['JSON in clear', () => '{"roomId":"x"}.AAAA'],
  ])('is refused with %s', async (_name, forge) => {
    const { rooms, open } = await practice();
    const { ownerToken } = await open();
    expect(await refusalOf(() => rooms.claimsOf(forge(ownerToken)))).toBe('wrong-owner');
  });

  it('is refused with any one character of its claims changed', async () => {
    const { rooms, open } = await practice();
    const { ownerToken } = await open();
    const end = ownerToken.indexOf('.');
    for (let at = 0; at < end; at++) {
      const other = ownerToken[at] === 'A' ? 'B' : 'A';
      const forged = ownerToken.slice(0, at) + other + ownerToken.slice(at + 1);
      expect(await refusalOf(() => rooms.claimsOf(forged))).toBe('wrong-owner');
    }
  });

  it("is refused with another room's claims under its own signature", async () => {
    const { rooms, open } = await practice();
    const [mine, theirs] = [(await open()).ownerToken, (await open()).ownerToken];
    expect(await refusalOf(() => rooms.claimsOf(`${theirs.split('.')[0]}.${mine.split('.')[1]}`))).toBe('wrong-owner');
  });

  it('is refused when another server signed it', async () => {
    const other = await practice({ key: new Uint8Array(32).fill(8) });
    const { ownerToken } = await other.open();
    expect(await refusalOf(async () => (await practice()).rooms.claimsOf(ownerToken))).toBe('wrong-owner');
  });
});

describe("a doctor's list", () => {
  it('holds the rooms of that person alone, oldest first, the ended ones left out', async () => {
    const { rooms, clock } = await practice();
    const draft = async (doctor: typeof ROSSI) => {
      await pass(clock, 1);
      return (await rooms.draft(doctor)).room.id;
    };
    const first = await draft(ROSSI);
    const second = await draft(ROSSI);
    const third = await draft({ ...ROSSI, displayName: 'Anna Rossi, MD' });
    const others = [
      await draft({ ...ROSSI, user: 'U2' }),
      await draft({ ...ROSSI, tenant: 'T2' }),
      await draft({ ...ROSSI, platform: 'teams' }),
    ];
    expect(rooms.of(ROSSI).map(({ id }) => id)).toEqual([first, second, third]);
    await rooms.end(second, 'revoked');
    expect(rooms.of(ROSSI).map(({ id }) => id)).toEqual([first, third]);
    for (const id of others) expect(rooms.find(id)?.state).toBe('draft');
  });
});
