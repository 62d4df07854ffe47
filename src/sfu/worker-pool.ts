import type { types } from 'mediasoup';
import { createWorker } from 'mediasoup';
import type { Logger } from 'pino';
import { RtcPortTaken, rtcPortProblem, webRtcServerOptions } from '../../mediasoup-config/webrtc-server.ts';
import { workerSettings } from '../../mediasoup-config/worker.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { Refused } from '../protocol/errors.ts';
import { createRelayUsers } from './relay-users.ts';
import { createRoomRouter, type RoomRouter } from './room-router.ts';
import { withWorkerEnvironment } from './worker-environment.ts';
import { logDroppedConnections } from './worker-log.ts';

/** A worker that lived so long was all right when it started. */
const SETTLED_MS = 10_000;
const FIRST_WAIT_MS = 250;
/** Short enough that rooms are back within five seconds of whatever was in the way. */
const LONGEST_WAIT_MS = 4_000;

interface Slot {
  index: number;
  worker: types.Worker | null;
  server: types.WebRtcServer | null;
  rooms: Set<RoomRouter>;
  readonly backoff: RestartBackoff;
}

/** mediasoup workers, each with its WebRTC server on a port of its own; a dead one is replaced. */
export interface WorkerPool {
  /** Whether every worker runs. */
  ready(): boolean;
  /** A router for a room, on the worker with the fewest rooms. Rejects with Refused `unavailable` while none runs. */
  openRoom(roomId: string): Promise<RoomRouter>;
  /** What each running worker holds, for leak checks: router and transport counts. */
  dump(): Promise<{ routers: number; transports: number }>;
  /** How many workers run. */
  running(): number;
  /** What each running worker takes at this moment. */
  usage(): Promise<WorkerUsage[]>;
  close(): Promise<void>;
}

/** A running worker; `cpuSeconds` since it was started. */
export interface WorkerUsage {
  readonly index: number;
  readonly pid: number;
  readonly rooms: number;
  readonly cpuSeconds: number;
}

interface Dependencies {
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** How long a start waits for a port that somebody else has, while notes may come back: as long as their grace is. */
const PORT_WAIT_MS = 2 * 60 * 1000;
const PORT_TRY_MS = 1_000;

/**
 * Starts the workers; where a port is taken and notes of an earlier run may come back, tries again for two minutes. Throws an
 * Error that says what to set when a port is taken or the worker cannot run.
 *
 * @param isAwaited whether notes may come back
 */
export async function startWorkerPool(
  config: Config,
  { isAwaited, ...deps }: Dependencies & { isAwaited: () => Promise<boolean> },
): Promise<WorkerPool> {
  const { clock, log } = deps;
  const latest = clock.uptime() + PORT_WAIT_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await startWorkers(config, deps);
    } catch (error) {
      if (!(error instanceof RtcPortTaken) || clock.uptime() >= latest || !(await isAwaited())) throw error;
      if (tries === 1)
        log.warn({
          event: 'rtc-port-taken',
          reason: error.message,
          next: 'Notes may come back: it is tried again for two minutes.',
        });
      await new Promise<void>((resolve) => clock.after(PORT_TRY_MS, resolve));
    }
  }
}

async function startWorkers(config: Config, { clock, log, metrics }: Dependencies): Promise<WorkerPool> {
  const slots: Slot[] = [];
  const usersOf = createRelayUsers();
  logDroppedConnections(log);
  let closing = false;

  async function start(slot: Slot): Promise<void> {
    const worker = await withWorkerEnvironment(() => createWorker(workerSettings(config)));
    if (closing) return worker.close();
    try {
      slot.server = await worker.createWebRtcServer(webRtcServerOptions(config, slot.index));
    } catch (error) {
      worker.close();
      throw rtcPortProblem(error, config, slot.index);
    }
    slot.worker = worker;
    slot.backoff.started(clock.uptime());
    worker.once('died', () => replace(slot));
    log.info({ event: 'worker-started', worker: slot.index, pid: worker.pid });
  }

  function replace(slot: Slot): void {
    slot.worker = null;
    slot.server = null;
    metrics.count('glir_worker_deaths_total', {});
    for (const room of slot.rooms) room.lost();
    slot.rooms.clear();
    const waitMs = slot.backoff.failed(clock.uptime());
    log.error({ event: 'worker-died', worker: slot.index, waitMs });
    restart(slot, waitMs);
  }

  function restart(slot: Slot, waitMs: number): void {
    clock.after(waitMs, () => {
      if (closing) return;
      start(slot).catch((error: unknown) => {
        const nextMs = slot.backoff.failed(clock.uptime());
        log.error({ event: 'worker-restart-failed', worker: slot.index, waitMs: nextMs, err: error });
        restart(slot, nextMs);
      });
    });
  }

  async function close(): Promise<void> {
    closing = true;
    const workers = slots.flatMap(({ worker }) => (worker === null ? [] : [worker]));
    for (const worker of workers) worker.close();
    await Promise.all(workers.map(exited));
  }

  try {
    for (let index = 0; index < config.rtc.workers; index++) {
      const slot: Slot = { index, worker: null, server: null, rooms: new Set(), backoff: createRestartBackoff() };
      slots.push(slot);
      await start(slot);
    }
  } catch (error) {
    await close();
    throw error;
  }

  return {
    running: () => slots.filter(({ worker }) => worker !== null).length,
    ready: () => !closing && slots.every(({ worker }) => worker !== null),
    async openRoom(roomId) {
      const [slot] = slots.filter(({ server }) => server !== null).sort((a, b) => a.rooms.size - b.rooms.size);
      if (slot?.worker == null || slot.server === null) throw new Refused('unavailable');
      const { worker, server } = slot;
      const room = await createRoomRouter(worker, server, usersOf(roomId), config, { clock, metrics }).catch(
        (error: unknown) => {
          throw worker.closed ? new Refused('unavailable') : error;
        },
      );
      slot.rooms.add(room);
      room.onClose(() => slot.rooms.delete(room));
      return room;
    },
    async dump() {
      let routers = 0;
      let transports = 0;
      for (const { worker, server } of slots) {
        if (worker === null || server === null) continue;
        routers += (await worker.dump()).routerIds.length;
        transports += (await server.dump()).webRtcTransportIds.length;
      }
      return { routers, transports };
    },
    async usage() {
      const running = slots.flatMap(({ worker, index, rooms }) => (worker === null ? [] : [{ worker, index, rooms }]));
      const all = await Promise.all(
        running.map(async ({ worker, index, rooms }) => {
          // One that dies meanwhile is missing.
          const used = await worker.getResourceUsage().catch(() => null);
          if (used === null) return [];
          return [{ index, pid: worker.pid, rooms: rooms.size, cpuSeconds: (used.ru_utime + used.ru_stime) / 1000 }];
        }),
      );
      return all.flat();
    },
    close,
  };
}

/** How long to wait before a worker is started again. */
export interface RestartBackoff {
  /** A worker was started; milliseconds of the clock's uptime, as below. */
  started(now: number): void;
  /** It died, or did not start: milliseconds to wait before the next one. */
  failed(now: number): number;
}

/**
 * None after a worker that lived a while; after one that did not, or did not start, twice as long each time. Otherwise a
 * worker that cannot run would keep the machine busy with starting it.
 */
export function createRestartBackoff(): RestartBackoff {
  let startedAt: number | null = null;
  let failures = 0;
  return {
    started(now) {
      startedAt = now;
    },
    failed(now) {
      if (startedAt !== null && now - startedAt >= SETTLED_MS) failures = 0;
      startedAt = null;
      failures += 1;
      return failures === 1 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - 2), LONGEST_WAIT_MS);
    },
  };
}

/** Fulfilled when the process is gone. mediasoup closes its workers at SIGTERM by itself, so it may be gone already. */
function exited(worker: types.Worker): Promise<void> {
  if (worker.subprocessClosed) return Promise.resolve();
  return new Promise((resolve) => worker.once('subprocessclose', () => resolve()));
}
