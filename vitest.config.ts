import { defineConfig } from 'vitest/config';
import { firefoxProblem } from './tests/support/browser/firefox.ts';
import { namespacePool, namespaceProblem } from './tests/support/network/namespace.ts';

const pages = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 10_000 } },
  // A browser wants both cores of a small machine: one file at a time, and after all the others.
  fileParallelism: false,
};

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', 'tests/firefox/**'],
          testTimeout: 15_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { ...pages, name: 'browser', include: ['tests/browser/**/*.test.ts'], sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          ...pages,
          name: 'firefox',
          // What was written for Chromium has to end the same way in Firefox.
          include: ['tests/firefox/**/*.test.ts', 'tests/browser/{pin,talk}.test.ts'],
          env: { TEST_BROWSER: 'firefox' },
          pool: namespacePool(() => firefoxProblem(process.env) ?? namespaceProblem()),
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
