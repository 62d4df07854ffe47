import { randomBytes } from 'node:crypto';
import process from 'node:process';
import pg from 'pg';
import { z } from 'zod';
import type { Place } from '../../proofs/faults/place.ts';
import { ServerProcess } from '../../proofs/faults/server-process.ts';
import { Balancer } from '../../support/network/balancer.ts';
import { type OwnPostgresServer, postgresPrograms, startPostgres } from '../../support/postgres/server.ts';
import { freePort } from '../../support/server/free-port.ts';

const DATABASE = 'glir';
/** All notes are one doctor's, from one address. */
const RAISED = Object.fromEntries(
  ['REQUESTS', 'ENTRIES', 'USER_NOTES', 'USER_ROOMS', 'TENANT_NOTES', 'TENANT_ROOMS', 'SOCKETS'].map((name) => [
    `GLIR_LIMIT_${name}`,
    '1000000',
  ]),
);
/** As many open files as the machine allows: a socket is one. */
const ALL_FILES = 'ulimit -n "$(ulimit -Hn)"; exec "$0" "$@"';
const HERE: Place = { address: '127.0.0.1', command: (words) => ['sh', '-c', ALL_FILES, ...words] };

const totalsSchema = z.tuple([
  z.object({ commits: z.coerce.number(), wal: z.coerce.number(), bytes: z.coerce.number() }),
]);

/** What PostgreSQL has done since it started: transactions, bytes of its write-ahead log; and how large the database is. */
export type DatabaseTotals = z.infer<typeof totalsSchema>[0];

/**
 * Nodes, each a process of its own, on one PostgreSQL that writes what is committed to the disk. Their public address is a
 * balancer's, or the first node's, so that nothing stands between it and its people.
 */
export class BenchCluster {
  readonly url: string;
  readonly nodes: ServerProcess[] = [];
  /** Where the nodes' inspectors listen once they are asked for. */
  readonly inspectors: number[] = [];
  readonly balancer: Balancer | null;
  readonly #postgres: OwnPostgresServer;

  /** Throws when no PostgreSQL is here, or a node does not start. */
  static async start(count: number, { balanced }: { balanced: boolean }): Promise<BenchCluster> {
    const programs = postgresPrograms(process.env);
    if ('problem' in programs) throw new Error(programs.problem);
    const postgres = await startPostgres(programs.folder, { durable: true });
    const ports: number[] = [];
    for (let index = 0; index < count; index++) ports.push(await freePort());
    const balancer = balanced ? await Balancer.before(() => ports) : null;
    const cluster = new BenchCluster(postgres, balancer, balancer?.url ?? `http://127.0.0.1:${ports[0]}`);
    try {
      await cluster.#ask(`CREATE DATABASE ${DATABASE}`, 'postgres');
      await cluster.#startNodes(ports);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  private constructor(postgres: OwnPostgresServer, balancer: Balancer | null, url: string) {
    this.#postgres = postgres;
    this.balancer = balancer;
    this.url = url;
  }

  /** PostgreSQL's first process; all others of it are its children. */
  get postgresPid(): number {
    return this.#postgres.pid;
  }

  get ports(): number[] {
    return this.nodes.map(({ port }) => port);
  }

  async databaseTotals(): Promise<DatabaseTotals> {
    // Counts are handed over once a second by each connection.
    const rows = await this.#ask(
      `SELECT xact_commit AS commits, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal, pg_database_size(datname) AS bytes
       FROM pg_stat_database WHERE datname = '${DATABASE}'`,
    );
    return totalsSchema.parse(rows)[0];
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.dispose();
    await this.balancer?.close();
    await this.#postgres.stop();
  }

  async #startNodes(ports: readonly number[]): Promise<void> {
    const password = encodeURIComponent(this.#postgres.password);
    const shared = {
      ...RAISED,
      PUBLIC_URL: this.url,
      GLIR_DATA_DIR: '',
      GLIR_DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${this.#postgres.port}/${DATABASE}?sslmode=disable`,
      GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      GLIR_CLUSTER_KEY: randomBytes(32).toString('base64'),
      GLIR_LOG_LEVEL: 'warn',
    };
    for (const port of ports) {
      const inspector = await freePort();
      const settings = {
        ...shared,
        GLIR_NODE_URL: `http://127.0.0.1:${await freePort()}`,
        NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspector}`,
      };
      this.inspectors.push(inspector);
      this.nodes.push(await ServerProcess.start({ port, place: HERE, settings }));
    }
  }

  async #ask(statement: string, database = DATABASE): Promise<unknown[]> {
    const { socketFolder: host, port } = this.#postgres;
    const client = new pg.Client({ host, port, user: 'postgres', database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }
}
