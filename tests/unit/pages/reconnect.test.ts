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
    connection = keepConnected('ws://localhost/signal', clock, {
      up: (signalling) => void up.push(signalling),
      down: () => {
        downs += 1;
      },
      gaveUp: () => {
        gaveUp = true;
      },
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
});
