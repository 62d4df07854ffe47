import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/clock.ts';
import type { ClusterEvent, RoomSnapshot } from '../../../src/cluster/cluster.ts';
import { PostgresCluster } from '../../../src/cluster/postgres-cluster.ts';
import { Secret } from '../../../src/config/secret.ts';
import { openPostgresDatabase } from '../../../src/store/database/postgres-database.ts';
import { createNodes } from '../../../src/store/nodes.ts';
import { Cable } from '../../support/postgres/cable.ts';
import type { PostgresServer } from '../../support/postgres/server.ts';
import { freePort } from '../../support/server/free-port.ts';
import { runningClock } from '../../support/server/movable-clock.ts';
import { ownDatabase } from '../store/databases.ts';
import { logger } from './logger.ts';

/** Keys as GLIR_CLUSTER_KEY has them. */
export function newKey(): Secret {
  return new Secret(randomBytes(32).toString('base64'));
}

interface NodeOptions {
  key?: Secret;
  clock?: Clock;
  /** Instead of a free port. */
  listenOn?: number;
  /** Between the node and PostgreSQL. */
  cabled?: boolean;
  tls?: boolean;
  /** Between the node and the others. */
  behind?: (port: number) => Promise<Cable>;
}

/** Lets rows of rooms say who hosts them, and nothing else. */
const ONLY_HOSTS = `
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT column_name FROM information_schema.columns WHERE table_name = 'rooms' AND column_name <> 'room' LOOP
      EXECUTE format('ALTER TABLE rooms ALTER COLUMN %I DROP NOT NULL', name);
    END LOOP;
  END $$;
`;

/** An empty database, and what makes nodes on it; gone after the test. */
export async function clusterOn(server: PostgresServer) {
  const test = await ownDatabase(server);
  const commonKey = newKey();

  /** A node that has not begun. */
  async function node(options: NodeOptions = {}) {
    const { key = commonKey, clock = runningClock(), cabled = false, tls = false, behind, listenOn } = options;
    const cable = cabled ? await cableTo(server.port) : null;
    const reached = { ...test.config, port: cable?.port ?? server.port };
    const encrypted = { mode: 'verify-full', rootCert: server.certificate } as const;
    const postgres = tls ? { ...reached, host: 'localhost', tls: encrypted } : reached;
    const { db, roomsDb, close } = await openPostgresDatabase(postgres);
    onTestFinished(close);
    const nodes = createNodes(db, roomsDb);
    const port = listenOn ?? (await freePort());
    const url = `http://127.0.0.1:${(await behind?.(port))?.port ?? port}`;
    const run = randomUUID();
    const { log, logged, events } = logger();
    const config = { url, listen: { host: '127.0.0.1', port }, key };
    const cluster = new PostgresCluster({ run, config, postgres, nodes, clock, log });
    onTestFinished(() => cluster.close());
    const heard: ClusterEvent[] = [];
    const gaps: number[] = [];
    cluster.onEvent((event) => heard.push(event));
    cluster.onGap(() => gaps.push(heard.length));
    return { cluster, nodes, run, url, port, logged, events, heard, gaps, cable, clock };
  }

  async function started(options: NodeOptions = {}) {
    const each = await node(options);
    await each.cluster.start();
    return each;
  }

  return {
    ...test,
    key: commonKey,
    node,
    started,
    /** The room is that run's. */
    async hosts(roomId: string, run: string, epoch = 1) {
      const room = createHash('sha256').update(roomId).digest('hex');
      await test.run(`${ONLY_HOSTS} INSERT INTO rooms (room, run, epoch) VALUES ('\\x${room}', '${run}', ${epoch})`);
    },
  };
}

export async function cableTo(port: number): Promise<Cable> {
  const cable = await Cable.to(port);
  onTestFinished(() => cable.close());
  return cable;
}

/** A room as it crosses nodes. */
export function room(number: number): RoomSnapshot {
  return {
    id: String(number).padStart(22, 'r'),
    doctor: { platform: 'slack', tenant: 'T1', user: 'U1' },
    state: 'open',
    createdAt: number,
    leftMs: number + 1,
    reading: 0,
    waiting: [],
    readBy: 0,
    isPageVisible: true,
  };
}

export function opened(number: number): ClusterEvent {
  return { kind: 'opened', room: room(number) };
}
