import { randomBytes } from '../../src/protocol/bytes.ts';
import { LIMITS } from '../../src/protocol/constants.ts';
import type { PageClock, Timer } from '../clock.ts';
import { onNetworkChange } from './network-change.ts';
import { SignallingClient } from './signalling-client.ts';

const RETRY_MS = [250, 500, 1000, 2000];
/**
 * How long each try may take once there was a connection. A try that began while the network was away does not notice
 * that it is back: the system repeats its first packet after 1, 3 and 7 s.
 */
const TRY_MS = [3_000, 5_000, 8_000];
/** A connection that breaks sooner than this was none: a server that turns pages away is not asked faster for it. */
const STEADY_MS = 5_000;

interface Watcher {
  /** Connected, for the first time or again. */
  up(signalling: SignallingClient): void;
  /** The connection is lost; the next try is under way. */
  down(): void;
  /** Every try failed for as long as a room waits for its composer. */
  gaveUp(): void;
}

declare global {
  /** A socket that a page opened in its first line, while the rest of it was still on the way. */
  var earlySocket: WebSocket | undefined;
}

/**
 * Keeps a signalling socket open until `stop`: tries again quickly, then every 1 to 2 s, for 30 s at most. Each pause is
 * shortened by chance, so that the pages that lost one server do not all come back at the same moment.
 */
export function keepConnected(url: string, clock: PageClock, watcher: Watcher): { stop(): void } {
  let stopped = false;
  let current: SignallingClient | null = null;
  let retry: Timer | null = null;
  let tries = 0;
  let lostAt = clock.now();
  let upAt: number | null = null;
  let trying: WebSocket | null = null;

  async function connect(): Promise<void> {
    retry = null;
    const socket = takeEarlySocket() ?? new WebSocket(url);
    trying = socket;
    // The first try of all goes on for as long as a heartbeat may be missing: on a slow line it waits behind the page.
    const late = upAt === null ? null : clock.after(at(TRY_MS, tries - 1), () => socket.close());
    try {
      const signalling = await SignallingClient.on(socket, clock);
      if (stopped) return signalling.close();
      current = signalling;
      upAt = clock.now();
      signalling.onClose = lost;
      watcher.up(signalling);
    } catch {
      again();
    } finally {
      late?.cancel();
      trying = null;
    }
  }

  function lost(): void {
    if (stopped) return;
    current = null;
    lostAt = clock.now();
    if (lostAt - (upAt ?? lostAt) >= STEADY_MS) tries = 0;
    watcher.down();
    again();
  }

  function again(): void {
    if (stopped) return;
    if (clock.now() - lostAt > LIMITS.graceSeconds * 1000) {
      stopped = true;
      stopListening();
      return watcher.gaveUp();
    }
    const ms = at(RETRY_MS, tries);
    tries += 1;
    retry = clock.after(ms * shortened(), () => void connect());
  }

  /** The device is back on a network: what was tried before is not waited for. */
  const stopListening = onNetworkChange(() => {
    tries = 0;
    trying?.close();
    if (retry === null) return;
    retry.cancel();
    void connect();
  });

  void connect();
  return {
    stop() {
      stopped = true;
      stopListening();
      retry?.cancel();
      trying?.close();
      current?.close();
    },
  };
}

/** The entry for one try; the last one goes on for all further ones. */
function at(steps: readonly number[], index: number): number {
  return steps[Math.max(0, Math.min(index, steps.length - 1))] ?? 0;
}

/** From a half to one. */
function shortened(): number {
  const [byte = 0] = randomBytes(1);
  return 0.5 + byte / 512;
}

/** Address of the signalling on the server that sent this page. */
export function signallingUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/signal`;
}

/** The early socket, once. */
export function takeEarlySocket(): WebSocket | undefined {
  const socket = globalThis.earlySocket;
  globalThis.earlySocket = undefined;
  return socket;
}
