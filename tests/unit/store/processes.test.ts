import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { storesOn, TEST_DATABASES } from './databases.ts';
import type { Place } from './places.ts';
import { anything, CLINIC, dataKey, pastNote, ROSSI } from './setup.ts';

const started = new Set<ChildProcess>();
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

const OPEN = new URL('../../../src/store/open-store.ts', import.meta.url).href;
const SECRET = new URL('../../../src/config/secret.ts', import.meta.url).href;
const CLOCK = new URL('../../../src/clock.ts', import.meta.url).href;

/** Another process with the same store open as `store`; it runs `body`. */
function another({ dir, postgres }: Place, key: ReturnType<typeof dataKey>, body: string) {
  const program = `
    import { openStore } from '${OPEN}';
    import { Secret } from '${SECRET}';
    import { systemClock } from '${CLOCK}';
    const log = { warn: (line) => process.stderr.write(JSON.stringify(line)) };
    const keys = [{ id: '${key.id}', key: new Secret(process.env.KEY) }];
    const postgres = JSON.parse(process.env.POSTGRES);
    if (postgres !== null) postgres.password = new Secret(postgres.password);
    const place = { dir: process.env.DIR ?? null, postgres };
    const any = { safeParse: (data) => ({ success: true, data }) };
    const store = await openStore({ settings: { ...place, keys, historyDays: 90 }, clock: systemClock, log });
    const CLINIC = { platform: 'slack', tenant: 'T-CLINIC' };
    ${body}
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {
      PATH: process.env['PATH'],
      ...(dir === null ? {} : { DIR: dir }),
      POSTGRES: JSON.stringify(postgres && { ...postgres, password: postgres.password?.reveal() ?? '' }),
      KEY: key.key.reveal(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.err += chunk.toString();
  });
  const exit = once(child, 'close').then(([code]): { code: unknown; out: string; err: string } => ({
    code,
    ...output,
  }));
  return { child, output, exit };
}

describe.each(TEST_DATABASES)('two processes in $name', (database) => {
  const storeIn = storesOn(database);

  it('have the store open at once and see what the other wrote', async () => {
    const [place, key] = [await database.newPlace(), dataKey()];
    const { store } = await storeIn({ place, keys: [key] });
    await store.installations.save(CLINIC, { token: 'from the first' });
    const { exit } = another(
      place,
      key,
      `const found = await store.installations.find(CLINIC, any);
       await store.installations.save(CLINIC, { token: 'from the second', found });
       await store.close();`,
    );
    expect(await exit).toEqual({ code: 0, out: '', err: '' });
    expect(await store.installations.find(CLINIC, anything)).toEqual({
      token: 'from the second',
      found: { token: 'from the first' },
    });
  });

  it('lose nothing when many start at once where nothing is and write at the same time', async () => {
    const [place, key] = [await database.newPlace(), dataKey()];
    const [writers, each] = [4, 25];
    const body = `
      for (let count = 0; count < ${each}; count++) {
        const at = Date.now();
        const note = { roomTag: 'tag', createdAt: at, openedAt: at, endedAt: at, reason: 'left', readBy: 0 };
        await store.history.add({ ...CLINIC, user: 'U-ROSSI' }, note);
      }
      await store.close();`;
    const exits = await Promise.all(Array.from({ length: writers }, () => another(place, key, body).exit));
    for (const exit of exits) expect(exit).toEqual({ code: 0, out: '', err: '' });
    const { store } = await storeIn({ place, keys: [key] });
    expect(await store.history.ofDoctor(ROSSI, 1_000)).toHaveLength(writers * each);
  });

  it('cannot both redeem one state', async () => {
    const [place, key] = [await database.newPlace(), dataKey()];
    const { store, clock } = await storeIn({ place, keys: [key] });
    clock.advance(Date.now() - clock.now());
    const states = await Promise.all(Array.from({ length: 100 }, (_, index) => store.states.issue({ index }, 600)));
    const body = `
      const redeem = async (state) => {
        try {
          return await store.states.redeem(state, any);
        } catch (error) {
          // On a slow disk the other process may hold the file for longer than a call waits.
          if (error.cause?.message === 'database is locked') return redeem(state);
          throw error;
        }
      };
      let redeemed = 0;
      for (const state of ${JSON.stringify(states)}) if ((await redeem(state)) !== null) redeemed += 1;
      process.stdout.write(String(redeemed));
      await store.close();`;
    const exits = await Promise.all([another(place, key, body).exit, another(place, key, body).exit]);
    expect(exits.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(exits.reduce((sum, { out }) => sum + Number(out), 0)).toBe(states.length);
  });
});

describe.each(TEST_DATABASES)('a process that is killed while it writes in $name', (database) => {
  const storeIn = storesOn(database);

  it('leaves the store usable, with everything that was confirmed and no half transaction', async () => {
    const [place, key] = [await database.newPlace(), dataKey()];
    const body = `
      for (let count = 1; ; count++) {
        await store.installations.save(CLINIC, { count, filler: 'x'.repeat(20_000) });
        process.stdout.write(count + '\\n');
      }`;
    const { child, output, exit } = another(place, key, body);
    await expect.poll(() => output.out.split('\n').length, { timeout: 10_000 }).toBeGreaterThan(50);
    child.kill('SIGKILL');
    const { out, err } = await exit;
    expect(err).toBe('');
    const confirmed = Number(out.trimEnd().split('\n').at(-1));

    const { store, clock } = await storeIn({ place, keys: [key] });
    const found = await store.installations.find(CLINIC, anything);
    // One more may have been written than the pipe could still tell of.
    expect(Object(found).count - confirmed).toBeOneOf([0, 1]);
    await store.history.add(ROSSI, pastNote(clock.now()));
    expect(await store.history.ofDoctor(ROSSI, 20)).toHaveLength(1);
  });
});
