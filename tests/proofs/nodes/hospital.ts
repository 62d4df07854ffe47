import { randomBytes } from 'node:crypto';
import process from 'node:process';
import pg from 'pg';
import { Balancer } from '../../support/network/balancer.ts';
import { Cable } from '../../support/postgres/cable.ts';
import { type OwnPostgresServer, postgresPrograms, startPostgres } from '../../support/postgres/server.ts';
import { freePort } from '../../support/server/free-port.ts';
import { ServerProcess } from '../faults/server-process.ts';

const DATABASE = 'glir';
/** All notes of a proof are one doctor's, from one address. */
const RAISED = Object.fromEntries(
  ['REQUESTS', 'ENTRIES', 'USER_NOTES', 'USER_ROOMS', 'TENANT_NOTES', 'TENANT_ROOMS', 'SOCKETS'].map((name) => [
    `GLIR_LIMIT_${name}`,
    '100000',
  ]),
);

/** A node, which is a process of its own, with its way to PostgreSQL. */
export interface ProvenNode {
  readonly server: ServerProcess;
  readonly cable: Cable;
}

/** Nodes behind a balancer on one PostgreSQL, all of them this process's own. */
export class Hospital {
  readonly nodes: ProvenNode[] = [];
  readonly balancer: Balancer;
  readonly #postgres: OwnPostgresServer;

  static async start(count: number): Promise<Hospital> {
    const programs = postgresPrograms(process.env);
    if ('problem' in programs) throw new Error(programs.problem);
    const postgres = await startPostgres(programs.folder);
    const nodes: ProvenNode[] = [];
    const balancer = await Balancer.before(() => nodes.map(({ server }) => server.port));
    const hospital = new Hospital(postgres, balancer, nodes);
    await hospital.query(`CREATE DATABASE ${DATABASE}`, 'postgres');
    const shared = {
      ...RAISED,
      PUBLIC_URL: balancer.url,
      GLIR_DATA_DIR: '',
      GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      GLIR_CLUSTER_KEY: randomBytes(32).toString('base64'),
    };
    for (let index = 0; index < count; index++) {
      const cable = await Cable.to(postgres.port);
      const password = encodeURIComponent(postgres.password);
      const settings = {
        ...shared,
        GLIR_DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${cable.port}/${DATABASE}?sslmode=disable`,
        GLIR_NODE_URL: `http://127.0.0.1:${await freePort()}`,
      };
      nodes.push({ cable, server: await ServerProcess.start({ settings }) });
    }
    return hospital;
  }

  private constructor(postgres: OwnPostgresServer, balancer: Balancer, nodes: ProvenNode[]) {
    this.#postgres = postgres;
    this.balancer = balancer;
    this.nodes = nodes;
  }

  get url(): string {
    return this.balancer.url;
  }

  node(index: number): ProvenNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** Asks PostgreSQL itself, past every cable. */
  async query(statement: string, database = DATABASE): Promise<Record<string, unknown>[]> {
    const { socketFolder: host, port } = this.#postgres;
    const client = new pg.Client({ host, port, user: 'postgres', database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Makes PostgreSQL start anew, as after a crash: every connection breaks, and it recovers. */
  async crashPostgres(): Promise<void> {
    const [backend] = await this.query(`SELECT pid FROM pg_stat_activity WHERE datname = '${DATABASE}' LIMIT 1`);
    process.kill(Number(backend?.['pid']), 'SIGKILL');
  }

  /** How many log lines of all nodes, of all their lives, tell of this event. */
  count(event: string): number {
    return this.nodes
      .flatMap(({ server }) => server.log.join('').split('\n'))
      .filter((line) => line.includes(`"event":"${event}"`)).length;
  }

  async stop(): Promise<void> {
    for (const { server, cable } of this.nodes) {
      cable.putBack();
      await server.dispose();
      cable.close();
    }
    await this.balancer.close();
    await this.#postgres.stop();
  }
}
