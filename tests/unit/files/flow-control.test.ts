import type { WebRtcServer } from 'mediasoup/types';
import { describe, expect, it } from 'vitest';
import { type TransportUse, webRtcTransportOptions } from '../../../mediasoup-config/webrtc-transport.ts';
import { LIMITS } from '../../../src/protocol/constants.ts';
import { FlowControl, WINDOW_MAX_BYTES } from '../../../src/protocol/files/flow-control.ts';

const CHUNK = 32_800;

/** A line that carries so many bytes a second, with a queue before it, and takes a while both ways. */
function transfer({
  bytesPerSecond,
  roundTripMs,
  bytes,
}: {
  bytesPerSecond: number;
  roundTripMs: number;
  bytes: number;
}) {
  let now = 0;
  const flow = new FlowControl(() => now);
  const arrivals: { at: number; sentAt: number }[] = [];
  let [sent, lineFreeAt, longestQueueMs] = [0, 0, 0];
  while (sent < bytes || arrivals.length > 0) {
    while (sent < bytes && flow.mayKeepGoing(CHUNK)) {
      flow.sent(CHUNK);
      sent += CHUNK;
      lineFreeAt = Math.max(lineFreeAt, now) + (CHUNK / bytesPerSecond) * 1000;
      longestQueueMs = now < 3_000 ? 0 : Math.max(longestQueueMs, lineFreeAt - now);
      arrivals.push({ at: lineFreeAt + roundTripMs, sentAt: now });
    }
    const next = arrivals.shift();
    if (next === undefined) break;
    now = next.at;
    flow.acknowledged(CHUNK, next.sentAt);
  }
  return { seconds: now / 1000, flow, longestQueueMs };
}

describe('the worker', () => {
  const queues = (use: TransportUse) => webRtcTransportOptions({} as WebRtcServer, use);

  it('keeps more for a reader than a composer ever has on the way to it, and drops nothing', () => {
    expect(queues('files-to-reader').sctpPerStreamSendQueueLimit).toBeGreaterThan(WINDOW_MAX_BYTES * 1.1);
  });

  it('keeps what all readers of a room say for their doctor’s page, so that none takes the place of another', () => {
    const { sctpSendBufferSize = 0, sctpPerStreamSendQueueLimit = 0 } = queues('files-from-composer');
    expect(sctpSendBufferSize / sctpPerStreamSendQueueLimit).toBeGreaterThanOrEqual(LIMITS.readersMax + 8);
  });
});

describe('how much of its files a reader has on the way', () => {
  it('never is more than the worker keeps for it', () => {
    const { flow } = transfer({ bytesPerSecond: 100_000_000, roundTripMs: 2, bytes: 50_000_000 });
    expect(flow.window).toBeLessThanOrEqual(WINDOW_MAX_BYTES);
    expect(flow.onTheWay).toBe(0);
  });

  it('fills a line of 8 Mbit/s with 80 ms, and lets no long queue grow before it', () => {
    const [bytes, bytesPerSecond] = [10_000_000, 1_000_000];
    const { seconds, longestQueueMs } = transfer({ bytesPerSecond, roundTripMs: 80, bytes });
    expect(bytes / bytesPerSecond / seconds).toBeGreaterThan(0.95);
    expect(longestQueueMs).toBeLessThan(250);
  });

  it('lets one message go on a line that is slower than any', () => {
    const { seconds } = transfer({ bytesPerSecond: 10_000, roundTripMs: 500, bytes: 10 * CHUNK });
    expect(seconds).toBeLessThan(40);
  });

  it('begins anew when what was on the way is lost', () => {
    const flow = new FlowControl(() => 0);
    while (flow.mayKeepGoing(CHUNK)) flow.sent(CHUNK);
    flow.forget();
    expect(flow.mayKeepGoing(CHUNK)).toBe(true);
    expect(flow.onTheWay).toBe(0);
  });
});
