import { randomBytes } from '../../src/protocol/bytes.ts';
import type { ConnectionFailure, FailureReport } from '../../src/protocol/connection-failures.ts';
import { LIMITS } from '../../src/protocol/constants.ts';
import type { PageClock, Timer } from '../clock.ts';
import { reportFailure } from './failure-report.ts';
import { onNetworkChange } from './network-change.ts';
import { SignallingClient } from './signalling-client.ts';
import { SocketCuts } from './socket-cuts.ts';

const RETRY_MS = [100, 250, 500, 1000, 2000];
/**
 * How long each try may take once there was a connection. A try that began while the network was away does not notice
 * that it is back: the system repeats its first packet after 1, 3 and 7 s.
 */
const TRY_MS = [3_000, 5_000, 8_000];
/** A connection that breaks sooner than this does not count: a server that turns pages away is not asked more often. */
const STEADY_MS = 5_000;
/** How long a page is without a socket before it asks what is in the way, and how long until it asks again. */
const ASK_WHY_MS = [5_000, 10_000, 30_000];

/**
 * What keeps a page from its socket; `unreachable` where nothing of the server answers, `wrong-address` where it takes no
 * sockets of pages at this page's address.
 */
export type SocketTrouble =
  | Extract<ConnectionFailure, 'socket-blocked' | 'socket-cut'>
  | 'unreachable'
  | 'wrong-address';

const TROUBLE = { heard: 'socket-blocked', 'wrong-address': 'wrong-address', unheard: 'unreachable' } as const;

interface ConnectionHandlers {
  /**
   * A socket that was there is lost: what needs no socket may begin. The first try for another one follows when this is
   * fulfilled: Chromium holds up a request by 0.3 s when a connection to the same server is just being opened, but not the socket
   * so much that anybody would wait for it.
   */
  returning?(): Promise<void>;
  up(signalling: SignallingClient): void;
  down(): void;
  /** Every try failed, for as long as a room waits for its composer. */
  gaveUp(): void;
  /** It goes on trying all the same. `seconds`: how long sockets live that are cut. */
  trouble(trouble: SocketTrouble, seconds?: number): void;
  /** As whom to tell the server of it. */
  reportAs(): Omit<FailureReport, 'code'>;
}

declare global {
  /** A socket that a page's inline script opened while the rest of the page was still loading. */
  var earlySocket: WebSocket | undefined;
}

/**
 * Keeps a signalling socket open until `stop`: tries again quickly, then every 1 to 2 s, for as long as a room may wait for its composer. Each pause has
 * jitter, so that the pages that lost one server do not all come back at the same moment.
 */
export function keepConnected(url: string, clock: PageClock, handlers: ConnectionHandlers): { stop(): void } {
  let stopped = false;
  let current: SignallingClient | null = null;
  let nextTry: Timer | null = null;
  let tries = 0;
  let lostAt = clock.now();
  let upAt: number | null = null;
  let trying: WebSocket | null = null;
  const cuts = new SocketCuts();
  let asking: Timer | null = null;

  async function connect(): Promise<void> {
    nextTry = null;
    if (upAt !== null && tries <= 1 && handlers.returning !== undefined) await handlers.returning();
    if (stopped) return;
    const socket = takeEarlySocket() ?? new WebSocket(url);
    trying = socket;
    // The first try of all goes on for as long as a heartbeat may be missing: on a slow line it waits behind the page.
    const late = upAt === null ? null : clock.after(at(TRY_MS, tries - 1), () => socket.close());
    try {
      const signalling = await SignallingClient.on(socket, clock);
      if (stopped) return signalling.close();
      current = signalling;
      asking?.cancel();
      upAt = clock.now();
      signalling.onClose = () => lost(signalling);
      handlers.up(signalling);
    } catch {
      retryLater();
    } finally {
      late?.cancel();
      trying = null;
    }
  }

  function lost({ wasCut }: SignallingClient): void {
    if (stopped) return;
    current = null;
    lostAt = clock.now();
    const livedMs = lostAt - (upAt ?? lostAt);
    if (livedMs >= STEADY_MS) tries = 0;
    if (!wasCut) cuts.forget();
    const seconds = wasCut ? cuts.onCut(livedMs) : null;
    handlers.down();
    if (seconds !== null) handlers.trouble('socket-cut', seconds);
    retryLater();
    askWhy(0);
  }

  /** Whether the server answers where no socket opens, and the server hears of it. */
  function askWhy(asked: number): void {
    asking?.cancel();
    if (stopped) return;
    asking = clock.after(at(ASK_WHY_MS, asked), () => {
      void reportFailure(httpOrigin(url), { ...handlers.reportAs(), code: 'socket-blocked' }).then((heard) => {
        if (stopped || current !== null) return;
        handlers.trouble(TROUBLE[heard]);
        askWhy(asked + 1);
      });
    });
  }

  function retryLater(): void {
    if (stopped) return;
    if (clock.now() - lostAt > LIMITS.graceUnreadSeconds * 1000) {
      stopped = true;
      stopListening();
      asking?.cancel();
      return handlers.gaveUp();
    }
    const ms = at(RETRY_MS, tries);
    tries += 1;
    nextTry = clock.after(ms * jitter(), () => void connect());
  }

  /** The device is back online: an earlier try is not waited for. */
  const stopListening = onNetworkChange(() => {
    tries = 0;
    cuts.forget();
    trying?.close();
    if (nextTry === null) return;
    nextTry.cancel();
    void connect();
  });

  void connect();
  askWhy(0);
  return {
    stop() {
      stopped = true;
      stopListening();
      asking?.cancel();
      nextTry?.cancel();
      trying?.close();
      current?.close();
    },
  };
}

/** The entry for one try; the last one is also for all further tries. */
function at(steps: readonly number[], index: number): number {
  return steps[Math.max(0, Math.min(index, steps.length - 1))] ?? 0;
}

/** A factor from 0.5 to 1. */
function jitter(): number {
  const [byte = 0] = randomBytes(1);
  return 0.5 + byte / 512;
}

export function signallingUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/signal`;
}

/** The origin that a signalling URL belongs to. */
function httpOrigin(url: string): string {
  return new URL(url.replace(/^ws/, 'http')).origin;
}

/** The early socket, for the first caller. */
export function takeEarlySocket(): WebSocket | undefined {
  const socket = globalThis.earlySocket;
  globalThis.earlySocket = undefined;
  return socket;
}
