import { randomBytes } from 'node:crypto';
import { Balancer } from '../network/balancer.ts';
import { freshDatabase, sharedPostgres, type TestPostgres } from '../postgres/databases.ts';
import { freePort, type Glir, startGlir } from './glir.ts';

/** Several servers of one hospital, on one database, behind a balancer. */
export interface Nodes {
  /** Where everybody comes. */
  readonly url: string;
  readonly nodes: readonly Glir[];
  readonly database: TestPostgres;
  stop(): Promise<void>;
}

/** Behind a balancer that goes where a test says. */
export interface BalancedNodes extends Nodes {
  readonly balancer: Balancer;
}

/** What one of the nodes has of its own. */
type OwnSettings = (index: number) => Promise<NodeJS.ProcessEnv>;

/** Starts so many nodes in this process, behind a balancer; stopping them stops it as well. */
export async function startNodes(count: number, own?: OwnSettings): Promise<BalancedNodes> {
  let started: readonly Glir[] = [];
  const balancer = await Balancer.before(() => started.map(({ port }) => port));
  const hospital = await startNodesBehind(balancer.url, count, { own });
  started = hospital.nodes;
  return {
    ...hospital,
    balancer,
    async stop() {
      await hospital.stop();
      await balancer.close();
    },
  };
}

/** Starts so many nodes in this process for a balancer of the caller's, at whose URL they believe to be. */
export async function startNodesBehind(
  publicUrl: string,
  count: number,
  { own, settings }: { own?: OwnSettings | undefined; settings?: NodeJS.ProcessEnv } = {},
): Promise<Nodes> {
  const server = await sharedPostgres();
  if (server === null) throw new Error('these tests need a PostgreSQL');
  const database = await freshDatabase(server);
  const nodes: Glir[] = [];
  const shared = {
    PUBLIC_URL: publicUrl,
    GLIR_DATA_DIR: undefined,
    GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GLIR_CLUSTER_KEY: randomBytes(32).toString('base64'),
    ...settings,
  };
  for (let index = 0; index < count; index++) {
    const node = {
      GLIR_DATABASE_URL: database.url,
      GLIR_NODE_URL: `http://127.0.0.1:${await freePort()}`,
      ...(await settingsOf(index, own)),
    };
    nodes.push(await startGlir({ ...shared, ...node }));
  }
  return {
    url: publicUrl,
    nodes,
    database,
    async stop() {
      for (const node of nodes) await node.stop();
      await database.drop();
    },
  };
}

function settingsOf(index: number, own: OwnSettings | undefined): Promise<NodeJS.ProcessEnv> {
  return own === undefined ? Promise.resolve({}) : own(index);
}
