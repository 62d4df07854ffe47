import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { startGlir } from '../support/server/glir.ts';

it('a worker sees nothing of the environment but what its program needs, also one that takes the place of another', async () => {
  const secrets = {
    GLIR_TEST_MARKER: 'MARKER-1',
    AWS_SECRET_ACCESS_KEY: 'MARKER-2',
    HTTPS_PROXY: 'http://u:MARKER-3@proxy',
  };
  const before = { ...process.env };
  Object.assign(process.env, secrets, { TZ: 'UTC' });
  onTestFinished(() => {
    for (const name of [...Object.keys(secrets), 'TZ']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  const glir = await startGlir();
  onTestFinished(() => glir.stop());
  const pids = () =>
    glir.log
      .map((line) => JSON.parse(line))
      .flatMap(({ event, pid }) => (event === 'worker-started' ? [Number(pid)] : []));
  const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean);

  const [first = 0] = pids();
  expect(environmentOf(first).map((entry) => entry.split('=')[0])).toEqual(['MEDIASOUP_VERSION', 'TZ']);
  process.kill(first, 'SIGKILL');
  await expect.poll(pids, { timeout: 10_000 }).toHaveLength(2);
  expect(environmentOf(pids()[1] ?? 0).join()).not.toContain('MARKER');
  // The server keeps its own.
  expect(process.env['AWS_SECRET_ACCESS_KEY']).toBe('MARKER-2');
});
