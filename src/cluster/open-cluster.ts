import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Store } from '../store/store.ts';
import type { Cluster } from './cluster.ts';
import { type Duties, ownDuties, sharedDuties } from './duties.ts';
import { LocalCluster } from './local-cluster.ts';

/**
 * The other nodes, where the configuration makes this server one of several, and what one node at a time does. Begins with
 * `Cluster.start`.
 *
 * @param run names this start of the server, as it does in `rooms`
 */
export async function openCluster({
  config,
  store,
  run,
  clock,
  log,
}: {
  config: Pick<Config, 'cluster' | 'store'>;
  store: Pick<Store, 'nodes'>;
  run: string;
  clock: Clock;
  log: Logger;
}): Promise<{ cluster: Cluster; duties: Duties }> {
  const { postgres } = config.store;
  const { nodes } = store;
  if (config.cluster === null || postgres === null || nodes === null) {
    return { cluster: new LocalCluster(run), duties: ownDuties(log) };
  }
  // The client of PostgreSQL takes its share of memory, so only who needs it loads it.
  const { PostgresCluster } = await import('./postgres-cluster.ts');
  return {
    cluster: new PostgresCluster({ run, config: config.cluster, postgres, nodes, clock, log }),
    duties: sharedDuties({ nodes, run, clock, log }),
  };
}
