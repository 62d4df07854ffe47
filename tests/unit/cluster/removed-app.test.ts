import { describe, expect, it } from 'vitest';
import { forgetTenant } from '../../../bots/slack/connection/removals.ts';
import { removed } from '../../../bots/teams/install.ts';
import { ANSWER_MS } from '../../../src/cluster/cluster.ts';
import type { Doctor } from '../../../src/rooms/room.ts';
import { ROSSI, refusalOf } from '../rooms/setup.ts';
import { pastNote } from '../store/setup.ts';
import { arrived, threeNodes } from './setup.ts';

/** A doctor with a note on every node, of which one does not answer, and with a past note. */
async function left(doctor: Doctor) {
  const nodes = await threeNodes();
  const { first, second, third } = nodes;
  for (const node of [first, second, third]) await node.rooms.draft(doctor);
  await first.store.history.add(doctor, pastNote(nodes.clock.now()));
  second.cluster.frozen = true;
  /** Settles what is asked of the node that does not answer. */
  const waited = async <Result>(work: Promise<Result>): Promise<Result> => {
    await arrived();
    nodes.clock.advance(ANSWER_MS);
    return await work;
  };
  const remaining = async () => ({
    here: [first, third].flatMap(({ rooms }) => rooms.of(doctor)),
    past: await first.store.history.ofDoctor(doctor, 10),
  });
  return { ...nodes, waited, remaining };
}

describe('GLIR is removed while a node does not answer', () => {
  it('in Slack: the other notes end, everything stored goes, and the log says what is left', async () => {
    const { first, waited, remaining } = await left(ROSSI);
    await waited(forgetTenant({ platform: 'slack', tenant: ROSSI.tenant }, first.bot));
    expect(await remaining()).toEqual({ here: [], past: [] });
    expect(first.logged()).toContainEqual(
      expect.objectContaining({ event: 'slack-rooms-not-ended', code: 'node-unreachable' }),
    );
  });

  it('in Teams: the same, and Teams is made to say it again', async () => {
    const doctor: Doctor = { ...ROSSI, platform: 'teams' };
    const { first, second, waited, remaining } = await left(doctor);
    const forgotten: string[] = [];
    const bot = { ...first.bot, conversations: { forget: ({ user }: { user: string }) => void forgotten.push(user) } };
    const remove = () => removed({ where: 'personal', doctor }, bot);
    expect(await waited(refusalOf(remove))).toBe('node-unreachable');
    expect(await remaining()).toEqual({ here: [], past: [] });
    expect(forgotten).toEqual([doctor.user]);
    second.cluster.frozen = false;
    await remove();
    expect(second.rooms.of(doctor)).toEqual([]);
  });
});
