import { describe, expect, it } from 'vitest';
import { JOIN_HASH, POLICY, practice, ROSSI } from './setup.ts';

describe('a workspace’s own limits', () => {
  const strict = { expiryMaxSeconds: 900, maxReaders: 1, admissions: ['ask' as const] };

  it('hold at the command and at "Share", whatever the composer’s page asks for', async () => {
    const { rooms } = await practice();
    const wide = { ...POLICY, expirySeconds: 86_400, maxReaders: 20, admission: 'link' as const };
    const { room, ticket } = await rooms.draft(ROSSI, wide, strict);
    expect(room.policy).toMatchObject({ expirySeconds: 900, maxReaders: 1, admission: 'ask' });
    await rooms.redeem(ticket, () => false);
    const { room: opened } = await rooms.open(room.id, JOIN_HASH, wide);
    expect(opened.policy).toMatchObject({ expirySeconds: 900, maxReaders: 1, admission: 'ask' });
  });

  it('are never wider than the server’s', async () => {
    const { rooms } = await practice({ expiryMaxSeconds: 600 });
    const { room } = await rooms.draft(ROSSI, { expirySeconds: 7_200 }, { expiryMaxSeconds: 3_600 });
    expect(room.limits.expiryMaxSeconds).toBe(600);
    expect(room.policy.expirySeconds).toBe(600);
  });

  it('let a link be enough where asking is not allowed', async () => {
    const { rooms } = await practice();
    const { room } = await rooms.draft(ROSSI, { admission: 'ask' }, { admissions: ['link'] });
    expect(room.policy.admission).toBe('link');
  });
});
