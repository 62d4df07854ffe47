import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { firefoxProblem } from './tests/support/browser/firefox.ts';
import { documentedBalancers } from './tests/support/network/documented-balancer.ts';
import { namespacePool, namespaceProblem } from './tests/support/network/namespace.ts';
import { postgresPrograms } from './tests/support/postgres/server.ts';

const workers = Math.max(2, availableParallelism() - 1);
/** Tests that wait for sockets, browsers and other processes leave a core idle now and then: one file more than cores. */
const waitingWorkers = Math.max(3, availableParallelism());

/** Pages that are only drawn, and need no note on its way: all of them share one Chromium. */
const PAGES = [
  ...['axe', 'crypto', 'info-pages', 'languages', 'medicines', 'reading', 'reflow', 'screen-reader'],
  ...['teams-cards', 'views', 'writing'],
].map((name) => `tests/browser/${name}.test.ts`);

/** They run the build and the checks themselves, which takes longer than all other tests of units together. */
const BUILDS = ['tests/unit/checks.test.ts', 'tests/unit/pages/build-hashes.test.ts', 'tests/flow/update.test.ts'];

/** They change what all modules of a process share: its variables, the browser's globals, or a module itself. */
const ISOLATED = [
  'unit/pages/attack-{handshake,messages,silence}',
  'unit/pages/reconnect',
  'unit/setup/apt-packages',
  'unit/store/file',
  'property/zod-subset',
].map((name) => `tests/${name}.test.ts`);

/** They wait for other processes, or try thousands of prescriptions. */
const SLOW = ['medicines/fhir-account', 'store/processes', 'audit/processes'].map(
  (name) => `tests/unit/${name}.test.ts`,
);

/** All that the store keeps is tested on both databases, a second time here. */
const ON_BOTH = [
  ...['audit-attacks', 'audit-repository', 'deliveries', 'history', 'installations', 'migrations'],
  ...['one-time-states', 'processes'],
  ...['room-repository', 'rotate-keys', 'tenants'],
].map((name) => `tests/unit/store/${name}.test.ts`);
const POSTGRES_ONLY = [
  ...['move', 'postgres'].map((name) => `tests/unit/store/${name}.test.ts`),
  ...['duties', 'forwarding', 'postgres-cluster'].map((name) => `tests/unit/cluster/${name}.test.ts`),
  ...['abuse-nodes', 'balancers', 'nodes', 'nodes-slack'].map((name) => `tests/flow/${name}.test.ts`),
];
const balancers = documentedBalancers(process.env);
const WITHOUT_BALANCER = balancers.found.length === 0 ? ['tests/flow/balancers.test.ts'] : [];
const ON_POSTGRES = [...ON_BOTH, ...POSTGRES_ONLY];

/** The setup has found a Chromium that is too old, and has said so: what needs one is skipped. */
const isWithoutChromium = process.env['GLIR_CHROMIUM_PROBLEM'] !== undefined;
const NEED_CHROMIUM = ['pages', 'journeys', 'firefox'];

/** Most of what is waited for is there within a few milliseconds; a machine that does other things as well may take longer. */
const POLL = { interval: 5, timeout: 10_000 };

const browser = {
  globalSetup: 'tests/support/browser/shared-setup.ts',
};

const firefox = {
  env: { TEST_BROWSER: 'firefox' },
  pool: namespacePool(() => firefoxProblem(process.env) ?? namespaceProblem()),
};

/** All that wait run in one group: what waits leaves its core to the others until the last file has ended. */
const together = { maxWorkers: waitingWorkers, sequence: { groupOrder: 1 } };

const everyTime: TestProjectInlineConfiguration[] = [
  {
    test: {
      name: 'unit',
      include: ['tests/{unit,property}/**/*.test.ts'],
      exclude: [...BUILDS, ...ISOLATED, ...SLOW, ...POSTGRES_ONLY],
      // A third of the time would go into loading the same modules for every file.
      isolate: false,
      maxWorkers: workers,
    },
  },
  { test: { name: 'unit-isolated', include: ISOLATED, maxWorkers: workers } },
  { test: { ...together, name: 'slow', include: SLOW, isolate: false } },
  {
    test: {
      ...together,
      name: 'postgres',
      globalSetup: 'tests/support/postgres/global-setup.ts',
      include: ON_POSTGRES,
      exclude: WITHOUT_BALANCER,
      isolate: false,
    },
  },
  { test: { ...together, name: 'builds', include: BUILDS } },
  {
    test: {
      ...together,
      name: 'flow',
      include: ['tests/**/*.test.ts'],
      exclude: ['tests/{unit,property,browser,firefox,long}/**', ...POSTGRES_ONLY, ...BUILDS],
      isolate: false,
    },
  },
  { test: { ...together, ...browser, name: 'pages', include: PAGES, isolate: false } },
  {
    test: {
      ...together,
      ...browser,
      name: 'journeys',
      include: ['tests/browser/**/*.test.ts'],
      exclude: PAGES,
      isolate: false,
    },
  },
  {
    test: {
      ...together,
      ...browser,
      ...firefox,
      name: 'firefox',
      include: ['tests/firefox/**/*.test.ts'],
    },
  },
];

/** `npm run test:long`. */
const long: TestProjectInlineConfiguration[] = [
  { test: { ...browser, name: 'long', include: ['tests/long/**/*.test.ts'], testTimeout: 300_000, maxWorkers: 1 } },
  {
    test: {
      name: 'generated-long',
      include: ['tests/property/**/*.test.ts', 'tests/unit/medicines/{fhir-account,read-row}.test.ts'],
      // Of each kind of input five times as many as in a usual run.
      env: { FC_RUNS: '5' },
      testTimeout: 300_000,
      maxWorkers: 1,
      sequence: { groupOrder: 2 },
    },
  },
  {
    test: {
      ...browser,
      ...firefox,
      name: 'firefox-long',
      // What was written for Chromium has to end the same way in Firefox.
      include: ['tests/browser/{pin,talk}.test.ts'],
      maxWorkers: 1,
      sequence: { groupOrder: 1 },
    },
  },
];

const postgres = postgresPrograms(process.env);
for (const problem of balancers.problems) process.stderr.write(`Tests behind a balancer are skipped: ${problem}\n`);
if ('problem' in postgres) process.stderr.write(`The tests on PostgreSQL are skipped: ${postgres.problem}\n`);

const skipped = [...(isWithoutChromium ? NEED_CHROMIUM : []), ...('problem' in postgres ? ['postgres'] : [])];
const usual = everyTime.filter(({ test }) => !skipped.includes(String(test?.name)));

export default defineConfig(({ mode }) => ({
  // Nothing takes as long; a machine that does other things as well may.
  test: {
    pool: 'forks',
    expect: { poll: POLL },
    // What only waits for time to pass can wait at the same time.
    maxConcurrency: 16,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: (mode === 'long' ? long : usual).map((each) => ({ extends: true, ...each })),
  },
}));
