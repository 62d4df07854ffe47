import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Figure, quantile, timesFigure } from './figures.ts';

/** How long anything here is waited for. */
export const GIVE_UP_MS = 10_000;

/** Servers drop connections that were idle for five seconds; a request that is just then on its way would be lost. */
const IDLE_MS = 2_000;

/** How one request went: how late it was sent, and how long the whole answer took. */
export interface Sent {
  lateMs: number;
  ms: number;
  ok: boolean;
}

/** Keeps connections open between requests, as the platforms do. */
export function createAgent(): Agent {
  return new Agent({ keepAlive: true, timeout: IDLE_MS });
}

/** Waits until a time of `performance.now()`; not at all when it is past. */
export function until(at: number): Promise<void> {
  return delay(Math.max(0, at - performance.now()));
}

/** Posts, and reads the answer to its end. Rejects when the connection fails or nothing comes for ten seconds. */
export function post(url: string, headers: Record<string, string | number>, body: string, agent: Agent) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers, agent, timeout: GIVE_UP_MS }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer')));
    sending.on('error', reject);
    sending.end(body);
  });
}

/** The figure of such requests: the 99th percentile as its value, beside it the spread, failures and lateness. */
export function sentFigure(name: string, sent: readonly Sent[], what: string): Figure {
  const times = sent.map(({ ms }) => ms).sort((a, b) => a - b);
  const p99 = quantile(times, 0.99);
  return {
    ...timesFigure(name, times, what),
    value: p99,
    p99,
    count: sent.length,
    failures: sent.filter(({ ok }) => !ok).length,
    lateMax: Math.round(Math.max(...sent.map(({ lateMs }) => lateMs)) * 10) / 10,
  };
}
