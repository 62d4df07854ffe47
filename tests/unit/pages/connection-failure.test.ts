import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { ConnectionFailure } from '../../../src/protocol/connection-failures.ts';
import { failureOf, hasWebRtc } from '../../../web-shared/net/connection-failure.ts';
import { SocketCuts } from '../../../web-shared/net/socket-cuts.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

type Stats = Record<string, unknown>[];

const LOCAL = { type: 'local-candidate' };
const SILENT = { type: 'candidate-pair', state: 'in-progress', responsesReceived: 0 };
const ANSWERED = { type: 'candidate-pair', state: 'succeeded', responsesReceived: 1 };

/** What is found when a connection shows these statistics, one after the other, and opens after `opensMs` or never. */
async function found(
  shown: readonly Stats[],
  opensMs = Number.POSITIVE_INFINITY,
  policy: 'all' | 'relay' = 'all',
): Promise<ConnectionFailure | null> {
  const clock = standingClock();
  const opened = Promise.withResolvers<void>();
  let asked = 0;
  const getStats = (): Promise<RTCStatsReport> => {
    const stats = shown[Math.min(asked, shown.length - 1)] ?? [];
    asked += 1;
    return Promise.resolve(new Map(stats.map((entry, index) => [String(index), entry])));
  };
  let answer: ConnectionFailure | null | undefined;
  void failureOf(clock, opened.promise, () => ({ getStats }), policy).then((failure) => {
    answer = failure;
  });
  for (let passed = 0; passed < 8_000; passed += 500) {
    if (passed >= opensMs) opened.resolve();
    clock.advance(500);
    await settled();
  }
  await vi.waitFor(() => expect(answer).not.toBeUndefined());
  return answer ?? null;
}

describe('what keeps a connection from opening', () => {
  it('is nothing when it opens, however late within the time', async () => {
    expect(await found([[LOCAL, SILENT]], 6_000)).toBeNull();
  });

  it('is the port when no address answers', async () => {
    expect(await found([[LOCAL, SILENT]])).toBe('data-port-blocked');
  });

  it('is the port also when the browser has given up and forgotten what it tried', async () => {
    expect(await found([[LOCAL, SILENT], [LOCAL], []])).toBe('data-port-blocked');
  });

  it('is the encryption when an address answers', async () => {
    expect(await found([[LOCAL, SILENT, ANSWERED]])).toBe('dtls-failed');
    expect(await found([[LOCAL, { ...SILENT, responsesReceived: 2 }]])).toBe('dtls-failed');
  });

  it('is the kind of address when there is none to send to', async () => {
    expect(await found([[LOCAL, { type: 'remote-candidate' }]])).toBe('no-common-address');
  });

  it('is the kind of address also when the browser sends from none, as Chromium does in a network with IPv6 alone', async () => {
    const none = { ...LOCAL, address: '0.0.0.0' };
    const stats = [{ ...LOCAL, address: 'fd78::2' }, none, { ...SILENT, localCandidateId: '1' }];
    expect(await found([stats])).toBe('no-common-address');
    // Where the address is hidden, it is one.
    expect(await found([[LOCAL, { ...SILENT, localCandidateId: '0' }]])).toBe('data-port-blocked');
  });

  it('is the browser when it finds no address of its own', async () => {
    expect(await found([[{ type: 'remote-candidate' }]])).toBe('no-webrtc');
  });

  it('is the way to the relay where everything has to go through one, and it gives no address', async () => {
    expect(await found([[{ type: 'remote-candidate' }]], undefined, 'relay')).toBe('data-port-blocked');
  });

  it('is the browser when there is no connection, or none that can be asked', async () => {
    const clock = standingClock();
    const asked = [() => null, () => ({ getStats: () => Promise.reject(new Error('closed')) })].map((connection) =>
      failureOf(clock, new Promise(() => undefined), connection, 'all'),
    );
    for (let second = 0; second < 9; second += 1) {
      clock.advance(1_000);
      await settled();
    }
    expect(await Promise.all(asked)).toEqual(['no-webrtc', 'no-webrtc']);
  });

  it.each([
    ['has no such thing', undefined],
    [
      'refuses to make one',
      class {
        constructor() {
          throw new DOMException('policy', 'NotAllowedError');
        }
      },
    ],
  ])('is known at once in a browser that %s', (_what, made) => {
    vi.stubGlobal('RTCPeerConnection', made);
    expect(hasWebRtc()).toBe(false);
    vi.unstubAllGlobals();
  });
});

describe('sockets that are cut', () => {
  const tellsAfter = (...lives: number[]): (number | null)[] => {
    const cuts = new SocketCuts();
    return lives.map((ms) => cuts.onCut(ms));
  };

  it('are a time limit when three in a row live as long, and it is named', () => {
    expect(tellsAfter(60_100, 59_900, 61_000, 60_200)).toEqual([null, null, 61, 61]);
  });

  it('are no time limit when they live as it happens, when one breaks at once, or when one lasts', () => {
    expect(tellsAfter(10_000, 45_000, 20_000, 80_000)).toEqual([null, null, null, null]);
    expect(tellsAfter(60_000, 60_000, 500, 60_000, 60_000)).toEqual([null, null, null, null, null]);
    expect(tellsAfter(60_000, 60_000, 3_600_000, 60_000)).toEqual([null, null, null, null]);
  });

  it('are forgotten with the network in which they were', () => {
    const cuts = new SocketCuts();
    cuts.onCut(60_000);
    cuts.onCut(60_000);
    cuts.forget();
    expect(cuts.onCut(60_000)).toBeNull();
  });
});
