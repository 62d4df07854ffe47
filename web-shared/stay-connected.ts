import { LIMITS } from '../src/protocol/terms.ts';
import type { PageClock, Timer } from './clock.ts';
import { Signalling } from './signalling.ts';

const RETRY_MS = [250, 500, 1000, 2000];

interface Watcher {
  /** Connected, for the first time or again. */
  up(signalling: Signalling): void;
  /** The connection is lost; the next try is under way. */
  down(): void;
  /** Every try failed for as long as a room waits for its composer. */
  gaveUp(): void;
}

declare global {
  /** A socket that a page opened in its first line, while the rest of it was still on the way. */
  var earlySocket: WebSocket | undefined;
}

/** Keeps a signalling socket open until `stop`: tries again quickly, then every 2 s, for 30 s at most. */
export function stayConnected(url: string, clock: PageClock, watcher: Watcher): { stop(): void } {
  let stopped = false;
  let current: Signalling | null = null;
  let retry: Timer | null = null;
  let tries = 0;
  let lostAt = clock.now();

  async function connect(): Promise<void> {
    try {
      const signalling = await Signalling.on(takeEarlySocket() ?? new WebSocket(url), clock);
      if (stopped) return signalling.close();
      current = signalling;
      tries = 0;
      signalling.onClose = lost;
      watcher.up(signalling);
    } catch {
      again();
    }
  }

  function lost(): void {
    if (stopped) return;
    current = null;
    lostAt = clock.now();
    watcher.down();
    again();
  }

  function again(): void {
    if (stopped) return;
    if (clock.now() - lostAt > LIMITS.graceSeconds * 1000) {
      stopped = true;
      return watcher.gaveUp();
    }
    const ms = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0;
    tries += 1;
    retry = clock.after(ms, () => void connect());
  }

  void connect();
  return {
    stop() {
      stopped = true;
      retry?.cancel();
      current?.close();
    },
  };
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
