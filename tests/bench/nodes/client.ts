/**
 * People of a bench, as a process of its own: `client.ts talking|reading PUBLIC_URL PORT...`. Does what its parent says, one
 * order at a time, and answers each one with how long everything took and how busy it was itself. The notes that it opened
 * stay open until they are revoked or it ends.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { actAsBrowser } from '../wrtc.ts';
import { type Answer, type Order, orderSchema } from './orders.ts';
import { openReading } from './reading-room.ts';
import { type OpenRoom, openTalking, type Talker } from './talking-room.ts';

/** Failures beyond these are only counted. */
const TOLD = 5;
const AGAIN_MS = 250;
const PATIENCE_MS = 20_000;

const [kind = '', publicUrl = '', ...ports] = process.argv.slice(2);
const rooms: OpenRoom[] = [];
let turn = 0;
if (kind === 'reading') actAsBrowser(publicUrl);

process.on('message', (order) => void obey(orderSchema.parse(order)).then((answer) => process.send?.(answer)));
process.on('disconnect', () => process.exit());

async function obey(order: Order): Promise<Answer> {
  const [busyBefore, cpuBefore] = [performance.eventLoopUtilization(), process.cpuUsage()];
  const done = { times: [] as number[], failures: [] as string[], failed: 0 };
  await work(order, async (action) => {
    const from = performance.now();
    try {
      await Promise.race([action(), tooLong()]);
      done.times.push(performance.now() - from);
      return true;
    } catch (error) {
      done.failed += 1;
      if (done.failures.length < TOLD) done.failures.push(String(error));
      return false;
    }
  });
  const cpu = process.cpuUsage(cpuBefore);
  const busy = performance.eventLoopUtilization(busyBefore).utilization;
  return { ...done, busy, cpuMs: (cpu.user + cpu.system) / 1000 };
}

async function work(order: Order, timed: (action: () => Promise<unknown>) => Promise<boolean>): Promise<void> {
  switch (order.do) {
    case 'open': {
      let [begun, failed] = [0, 0];
      await severally(order.atOnce, async () => {
        while (begun < order.count && failed <= order.count) {
          begun += 1;
          if (await timed(async () => rooms.push(await open(order.ports)))) continue;
          // A doctor whom a busy server asks to try again does so.
          begun -= 1;
          failed += 1;
          await delay(AGAIN_MS);
        }
      });
      break;
    }
    case 'revoke':
      for (const room of rooms.splice(0, order.count)) await timed(() => room.revoke());
      break;
    case 'churn': {
      const until = performance.now() + order.seconds * 1000;
      await severally(order.atOnce, async () => {
        while (performance.now() < until) await timed(async () => (await open(order.ports)).revoke());
      });
    }
  }
}

/** A room at the next of some nodes, given by their places in the command line. */
function open(places: readonly number[]): Promise<OpenRoom> {
  const port = ports[places[turn++ % places.length] ?? 0];
  const talker: Talker = { publicUrl, nodeUrl: `http://127.0.0.1:${port}` };
  if (kind === 'reading') return openReading(talker);
  return openTalking(talker, { read: kind === 'talking' });
}

async function tooLong(): Promise<never> {
  await delay(PATIENCE_MS, undefined, { ref: false });
  throw new Error('it took too long');
}

async function severally(atOnce: number, one: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: atOnce }, one));
}
