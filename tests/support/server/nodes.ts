import { randomBytes } from 'node:crypto';
import { Balancer } from '../network/balancer.ts';
import { freshDatabase, sharedPostgres, type TestPostgres } from '../postgres/databases.ts';
import { freePort, type Glir, startGlir } from './glir.ts';

/** Several servers of one hospital, on one database, behind a balancer. */
export interface Nodes {
  /** Where everybody comes. */
  readonly url: string;
  readonly balancer: Balancer;
  readonly nodes: readonly Glir[];
  readonly database: TestPostgres;
  stop(): Promise<void>;
}

/** Starts so many nodes in this process; `databaseUrl` says where a node finds its database. */
export async function startNodes(
  count: number,
  databaseUrl: (database: TestPostgres, index: number) => string = ({ url }) => url,
): Promise<Nodes> {
  const server = await sharedPostgres();
  if (server === null) throw new Error('these tests need a PostgreSQL');
  const database = await freshDatabase(server);
  const nodes: Glir[] = [];
  const balancer = await Balancer.before(() => nodes.map(({ port }) => port));
  const shared = {
    PUBLIC_URL: balancer.url,
    GLIR_DATA_DIR: undefined,
    GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GLIR_CLUSTER_KEY: randomBytes(32).toString('base64'),
  };
  for (let index = 0; index < count; index++) {
    const node = {
      GLIR_DATABASE_URL: databaseUrl(database, index),
      GLIR_NODE_URL: `http://127.0.0.1:${await freePort()}`,
    };
    nodes.push(await startGlir({ ...shared, ...node }));
  }
  return {
    url: balancer.url,
    balancer,
    nodes,
    database,
    async stop() {
      for (const node of nodes) await node.stop();
      await balancer.close();
      await database.drop();
    },
  };
}
