import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { talkingRoom } from '../support/signalling/raw.ts';
import { watchSfu } from '../support/signalling/sfu-watch.ts';
import { type Timers, watchTimers } from '../support/signalling/timers.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const ROOMS = 60;
const AT_ONCE = 10;
const MINUTE = 60_000;

const sfu = watchSfu();
let glir: Glir;
let timers: Timers;
beforeAll(async () => {
  glir = await startGlir();
  timers = watchTimers(glir.clock);
});
afterEach(closeAllPages);
afterAll(() => glir.stop());

/** Every tenth room has a reader with the note on the screen, half of the others one that only looked, the rest nobody. */
async function oneRoom(number: number): Promise<void> {
  if (number % 10 === 0) return readRoom(number);
  const room = await talkingRoom(glir.url, { prekeys: 2 });
  if (number % 2 === 0) await room.visitor();
  if (number % 3 === 0) room.doctor.sendRaw('{"t":"leave"}');
  else await room.doctor.ask({ t: 'end', id: 1, reason: 'revoked' });
  await room.doctor.next(({ t }) => t === 'ended');
}

async function readRoom(number: number): Promise<void> {
  const doctor = await composer(glir.url, { command: '/glir 5m' });
  const patient = await reader(await doctor.share({ admission: 'link' }));
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.send(knock, `note ${number}`);
  await patient.note();
  if (number % 20 === 0) patient.leave();
  await doctor.destroy();
  doctor.close();
  patient.close();
}

describe('rooms that were opened and ended', () => {
  it('leave no router, no transport, no room and no timer behind', async () => {
    let next = 0;
    const work = async () => {
      while (next < ROOMS) {
        next += 1;
        await oneRoom(next);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await expect.poll(() => glir.app.workers()?.dump(), SOON).toEqual({ routers: 0, transports: 0 });
    expect(sfu.held()).toBe(0);
    expect(glir.log.filter((line) => line.includes('"room-opened"'))).toHaveLength(ROOMS);
    expect(glir.log.filter((line) => line.includes('"room-ended"'))).toHaveLength(ROOMS);
    expect(glir.log.filter((line) => /"event":"[a-z-]*(?:error|fault)"/.test(line))).toEqual([]);

    // A ticket is remembered for twenty minutes, to say "used" instead of "unknown".
    glir.clock.advance(20 * MINUTE);
    // What stays is the heartbeat, the renewal of the lease, and the look for rooms that nobody brought back.
    expect(timers.running()).toBe(3);
  }, 60_000);

  it('are counted while they are there: the look at the worker sees what it should not see afterwards', async () => {
    const rooms = await Promise.all([talkingRoom(glir.url), talkingRoom(glir.url)]);
    await rooms[0]?.visitor();
    expect(await glir.app.workers()?.dump()).toEqual({ routers: 2, transports: 3 });
    expect(sfu.held()).toBe(3);
    expect(timers.running()).toBeGreaterThan(4);
    for (const { doctor } of rooms) doctor.sendRaw('{"t":"leave"}');
    await expect.poll(() => glir.app.workers()?.dump(), SOON).toEqual({ routers: 0, transports: 0 });
  });

  it('leave nothing behind when they end while somebody is being connected', async () => {
    const room = await talkingRoom(glir.url);
    const [pid] = glir.log.flatMap((line) => (line.includes('"worker-started"') ? [JSON.parse(line).pid] : []));
    process.kill(pid, 'SIGSTOP');
    const asked = sfu.asked();
    const joining = room.visitor().catch(() => null);
    await expect.poll(sfu.asked, SOON).toBeGreaterThan(asked);
    room.doctor.sendRaw('{"t":"leave"}');
    await room.doctor.next(({ t }) => t === 'ended');
    process.kill(pid, 'SIGCONT');
    expect(await joining).toBeNull();
    await expect.poll(() => glir.app.workers()?.dump(), SOON).toEqual({ routers: 0, transports: 0 });
    expect(sfu.held()).toBe(0);
  });
});
