import { standingClock } from '../../support/server/movable-clock.ts';
import { botContextFor } from '../bots/setup.ts';
import { disk, type Practice, practice } from '../rooms/setup.ts';
import { type MemoryCluster, MemoryNetwork } from './memory-cluster.ts';

/** One node: its own rooms, and its bots. */
export interface Node extends Awaited<ReturnType<typeof botContextFor>> {
  readonly cluster: MemoryCluster;
  readonly practised: Practice;
}

/** Three nodes with one clock and one database of rooms. */
export async function threeNodes(options: Pick<Parameters<typeof botContextFor>[0] & object, 'atMost'> = {}) {
  const clock = standingClock();
  const network = new MemoryNetwork(clock);
  const kept = await disk();
  const nodes: Pick<Node, 'practised' | 'cluster'>[] = [];
  const frozenRuns = () => nodes.filter(({ cluster }) => cluster.frozen).map(({ practised }) => practised.run);
  const node = async (): Promise<Node> => {
    const practised = await practice({ kept, time: clock, isGone: (run) => frozenRuns().includes(run) });
    const cluster = network.join((roomId) => practised.rooms.find(roomId) !== undefined);
    nodes.push({ practised, cluster });
    return { ...(await botContextFor({ ...options, practised, cluster })), cluster, practised };
  };
  return { clock, network, first: await node(), second: await node(), third: await node() };
}

/** Until everything has arrived that is on its way between nodes. */
export async function arrived(): Promise<void> {
  for (let hop = 0; hop < 20; hop++) await new Promise((resolve) => setImmediate(resolve));
}
