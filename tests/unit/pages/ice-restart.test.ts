import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type IceSignalling, keepIceConnected } from '../../../web-shared/net/ice-restart.ts';
import { type MovableClock, standingClock } from '../../support/server/movable-clock.ts';

/** What an ICE restart needs of a WebRTC transport. */
class Transport extends EventEmitter {
  readonly observer = new EventEmitter();
  connectionState = 'connected';
  closed = false;
  restarts = 0;
  /** What it was told before each restart. */
  readonly relays: unknown[] = [];

  restartIce(): Promise<void> {
    this.restarts += 1;
    return Promise.resolve();
  }

  updateIceServers({ iceServers }: { iceServers: unknown[] }): Promise<void> {
    this.relays.push(...iceServers);
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

describe('a connection that breaks', () => {
  let clock: MovableClock;
  let transport: Transport;
  let asked: number;

  beforeEach(() => {
    [clock, transport, asked] = [standingClock(), new Transport(), 0];
    const signalling: IceSignalling = {
      clock,
      expectMessage: () => undefined,
      request: () => {
        asked += 1;
        const urls = ['turn:turn.example.org'];
        return Promise.resolve({
          iceParameters: ICE,
          iceServers: [{ urls, username: String(asked), credential: 'c' }],
        });
      },
    };
    keepIceConnected(transport, signalling);
  });

  const restarted = (times: number) => vi.waitFor(() => expect(transport.restarts).toBe(times));

  test('takes fresh credentials for the relays with each restart', async () => {
    transport.becomes('disconnected');
    await restarted(1);
    clock.advance(2_000);
    await restarted(2);
    expect(transport.relays).toMatchObject([{ username: '1' }, { username: '2' }]);
  });

  test('restarts ICE at once, and again every 2 s until it is connected', async () => {
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
