import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keepConnected } from '../../../web-shared/net/reconnect.ts';
import type { SignallingClient } from '../../../web-shared/net/signalling-client.ts';
import { type MovableClock, standingClock } from '../../support/server/movable-clock.ts';

/** A socket whose way a test opens and breaks. */
class Socket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  readyState = Socket.CONNECTING;

  constructor() {
    super();
    sockets.push(this);
  }

  open(): void {
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event('open'));
  }

  beat(): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify({ t: 'heartbeat' }) }));
  }

  /** Something on the way ends it, without a closing word. */
  cut(): void {
    this.readyState = Socket.CLOSED;
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  }

  close(): void {
    if (this.readyState === Socket.CLOSED) return;
    this.readyState = Socket.CLOSED;
    this.dispatchEvent(new Event('close'));
  }
}

const sockets: Socket[] = [];
const device = new EventTarget();
let clock: MovableClock;
let up: SignallingClient[];
let downs: number;
let gaveUp: boolean;
/** How many sockets there were whenever the page was told that it may begin without one. */
let returns: number[];
let troubles: string[];
let reports: unknown[];
let isHttpThere: boolean;
let connection: { stop(): void };

/** What waits for a promise gets its turn. */
const settled = () => vi.waitFor(() => Promise.resolve());

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    clock.advance(250);
    await settled();
  }
}

const newest = () => {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error('no socket was tried');
  return socket;
};

describe('a page that has lost its socket', () => {
  beforeEach(async () => {
    vi.stubGlobal('WebSocket', Socket);
    vi.stubGlobal('addEventListener', device.addEventListener.bind(device));
    vi.stubGlobal('removeEventListener', device.removeEventListener.bind(device));
    sockets.length = 0;
    [clock, up, downs, gaveUp] = [standingClock(), [], 0, false];
    [troubles, reports, isHttpThere] = [[], [], true];
    vi.stubGlobal('fetch', (url: string, { body }: { body: string }) => {
      reports.push([url, JSON.parse(body)]);
      return isHttpThere ? Promise.resolve(new Response(null, { status: 204 })) : Promise.reject(new Error('offline'));
    });
    returns = [];
    connection = keepConnected('ws://localhost/signal', clock, {
      returning() {
        returns.push(sockets.length);
        return Promise.resolve();
      },
      up: (signalling) => void up.push(signalling),
      down: () => {
        downs += 1;
      },
      gaveUp: () => {
        gaveUp = true;
      },
      trouble: (trouble, seconds) => void troubles.push(seconds === undefined ? trouble : `${trouble} ${seconds}`),
      reportAs: () => ({ side: 'reader', room: 'AAAAAAAA' }),
    });
    newest().open();
    await settled();
    await pass(5_000);
    newest().beat();
    newest().close();
    await settled();
  });

  afterEach(() => {
    connection.stop();
    vi.unstubAllGlobals();
  });

  test('tries again at once, and is connected', async () => {
    expect(downs).toBe(1);
    await pass(250);
    expect(sockets).toHaveLength(2);
    newest().open();
    await settled();
    expect(up).toHaveLength(2);
  });

  test('begins with what needs no socket when the first try begins, and no more with later ones', async () => {
    expect(returns).toEqual([]);
    await pass(250);
    expect(returns).toEqual([1]);
    expect(sockets).toHaveLength(2);
    newest().close();
    await settled();
    await pass(1_000);
    expect(sockets.length).toBeGreaterThan(2);
    expect(returns).toEqual([1]);
    newest().open();
    await settled();
    await pass(5_000);
    newest().cut();
    await settled();
    await pass(250);
    expect(returns).toEqual([1, sockets.length - 1]);
  });

  test('does not wait long for a try that began while the network was away', async () => {
    await pass(250);
    const [, hanging] = sockets;
    await pass(3_000);
    expect(hanging?.readyState).toBe(Socket.CLOSED);
    await pass(500);
    expect(sockets).toHaveLength(3);
  });

  test('does not wait at all when its device says that it is back on a network', async () => {
    await pass(12_000);
    const tried = sockets.length;
    device.dispatchEvent(new Event('online'));
    await settled();
    await pass(250);
    expect(sockets.length).toBe(tried + 1);
    expect(newest().readyState).toBe(Socket.CONNECTING);
  });

  test('gives up after a quarter of an hour, and then leaves the network alone', async () => {
    await pass(16 * 60_000);
    expect(gaveUp).toBe(true);
    const tried = sockets.length;
    device.dispatchEvent(new Event('online'));
    await pass(5_000);
    expect(sockets).toHaveLength(tried);
  });

  test('keeps one socket: a try that succeeds after the page has left is closed', async () => {
    await pass(250);
    connection.stop();
    expect(newest().readyState).toBe(Socket.CLOSED);
    await pass(5_000);
    expect(sockets).toHaveLength(2);
  });

  test('finds out within ten seconds that sockets alone are blocked, tells the server by HTTP, and goes on trying', async () => {
    await pass(9_000);
    expect(troubles).toEqual(['socket-blocked']);
    const report = { side: 'reader', code: 'socket-blocked', room: 'AAAAAAAA' };
    expect(reports).toEqual([['http://localhost/connection-failed', report]]);
    while (newest().readyState !== Socket.CONNECTING) await pass(250);
    newest().open();
    await settled();
    expect(up).toHaveLength(2);
  });

  test('says that nothing answers when HTTP does not pass either, and finds out later that it does', async () => {
    isHttpThere = false;
    await pass(9_000);
    expect(troubles).toEqual(['unreachable']);
    isHttpThere = true;
    await pass(11_000);
    expect(troubles).toEqual(['unreachable', 'socket-blocked']);
  });

  test('asks nothing when the next socket opens in time', async () => {
    await pass(250);
    newest().open();
    await settled();
    for (let second = 0; second < 12; second += 3) {
      await pass(3_000);
      newest().beat();
    }
    expect(reports).toEqual([]);
  });

  test('names the time after which its sockets are cut, once three were', async () => {
    for (let cut = 0; cut < 3; cut += 1) {
      await pass(1_000);
      newest().open();
      await settled();
      await pass(4_000);
      newest().beat();
      await pass(4_000);
      expect(troubles).toEqual([]);
      newest().cut();
      await settled();
    }
    expect(troubles).toEqual(['socket-cut 8']);
  });

  test('takes a server that closes with a word for no cut', async () => {
    for (let closed = 0; closed < 4; closed += 1) {
      await pass(1_000);
      newest().open();
      await settled();
      await pass(5_000);
      newest().close();
      await settled();
    }
    expect(troubles).toEqual([]);
  });
});
