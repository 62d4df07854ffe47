import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { METRIC_NAMES, metric } from '../../../src/metrics/catalogue.ts';
import { createPrometheusMetrics } from '../../../src/metrics/prometheus.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** Endings that Prometheus gives to the parts of a histogram. */
const PARTS = /_(?:bucket|sum|count)$/;

/** Every metric that an expression can name. */
async function known(): Promise<Set<string>> {
  const { text } = await createPrometheusMetrics().page();
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
}

/** The metrics that a file names, ours and those of the process. */
function namedIn(text: string): string[] {
  const names = text.match(/\b(?:glir|nodejs|process)_[a-z0-9_]+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(PARTS, '')))];
}

it.each([
  'deploy/prometheus/glir-alerts.yml',
  'deploy/prometheus/glir-alerts.test.yml',
  'deploy/grafana/glir.json',
  'docs/OPERATIONS.md',
])('every metric that %s names exists', async (file) => {
  const names = namedIn(read(file));
  expect(names.length).toBeGreaterThan(3);
  const all = await known();
  expect(names.filter((name) => !all.has(name))).toEqual([]);
});

it('the dashboard and the alerts leave out no metric of ours', () => {
  const named = new Set(namedIn(read('deploy/grafana/glir.json')));
  expect(METRIC_NAMES.filter((name) => !named.has(name))).toEqual([]);
});

it('names and units are as Prometheus wants them', () => {
  for (const name of METRIC_NAMES) {
    const { type, help, labels } = metric(name);
    expect(name).toMatch(/^glir_[a-z_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(help).toMatch(/^[A-Z1m].*[.]$/);
    // None of these could hold a name, an id or an address.
    expect(labels.filter((label) => /user|doctor|tenant|room|reader|address|network|name|id$/.test(label))).toEqual([]);
  }
});

it('what cannot be read at this moment is missing, and the rest is there', async () => {
  const metrics = createPrometheusMetrics();
  metrics.read('glir_rooms', () => Promise.reject(new Error('the worker died')));
  metrics.read('glir_worker_cpu_seconds_total', () => [{ labels: { worker: '0' }, value: 1.5 }]);
  metrics.count('glir_joins_total', {});
  const { type, text } = await metrics.page();
  expect(type).toContain('text/plain');
  expect(text).not.toMatch(/^glir_rooms\{/m);
  expect(text).toContain('glir_worker_cpu_seconds_total{worker="0"} 1.5');
  expect(text).toContain('glir_joins_total 1');
  // The worker's own count is not added to what was read before.
  expect((await metrics.page()).text).toContain('glir_worker_cpu_seconds_total{worker="0"} 1.5');
});

const promtool = spawnSync('promtool', ['--version']).error === undefined;
it.skipIf(!promtool)(
  'promtool accepts the rules, their tests and the page of metrics (Debian package prometheus)',
  async () => {
    const folder = path.join(ROOT, 'deploy/prometheus');
    const run = (args: string[], input?: string) =>
      spawnSync('promtool', args, { cwd: folder, encoding: 'utf8', input });
    for (const args of [
      ['check', 'rules', 'glir-alerts.yml'],
      ['test', 'rules', 'glir-alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = run(args);
      expect([args.join(' '), status, stdout + stderr]).toEqual([args.join(' '), 0, stdout + stderr]);
    }
    const metrics = createPrometheusMetrics();
    metrics.observe('glir_handshake_seconds', {}, 0.2);
    const { status, stdout, stderr } = run(['check', 'metrics'], (await metrics.page()).text);
    // Node's own metrics have names that promtool would choose otherwise.
    const aboutOurs = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('glir_'));
    expect([status === 0 || status === 3, aboutOurs]).toEqual([true, []]);
    expect(readdirSync(folder).sort()).toEqual(['glir-alerts.test.yml', 'glir-alerts.yml', 'scrape.yml']);
  },
);
