import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { keepWay, type Way } from '../../../web-shared/net/ice-restart.ts';
import { type MovableClock, standingClock } from '../../support/server/movable-clock.ts';

/** The end of a WebRTC connection, as far as its way to the server goes. */
class Transport extends EventEmitter {
  readonly observer = new EventEmitter();
  connectionState = 'connected';
  closed = false;
  restarts = 0;

  restartIce(): Promise<void> {
    this.restarts += 1;
    return Promise.resolve();
  }

  becomes(state: string): void {
    this.connectionState = state;
    this.emit('connectionstatechange', state);
  }

  close(): void {
    this.closed = true;
    this.observer.emit('close');
  }
}

const ICE = { usernameFragment: 'u', password: 'p' };

describe('a connection whose way to the server breaks', () => {
  let clock: MovableClock;
  let transport: Transport;
  let asked: number;

  beforeEach(() => {
    [clock, transport, asked] = [standingClock(), new Transport(), 0];
    const signalling: Way = {
      clock,
      expectWord: () => undefined,
      request: () => {
        asked += 1;
        return Promise.resolve({ iceParameters: ICE });
      },
    };
    keepWay(transport, signalling);
  });

  const restarted = (times: number) => vi.waitFor(() => expect(transport.restarts).toBe(times));

  test('looks for another one at once, and again every 2 s until there is one', async () => {
    transport.becomes('disconnected');
    await restarted(1);
    clock.advance(2_000);
    await restarted(2);
    transport.becomes('failed');
    clock.advance(2_000);
    await restarted(3);
    transport.becomes('connected');
    clock.advance(10_000);
    expect(asked).toBe(3);
  });

  test('leaves the server alone once it is closed', async () => {
    transport.becomes('disconnected');
    await restarted(1);
    transport.close();
    clock.advance(10_000);
    expect(asked).toBe(1);
  });
});
