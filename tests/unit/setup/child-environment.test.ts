import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NPM_VARIABLES, toolEnvironment } from '../../../scripts/setup/child-environment.mjs';
import { makeContext } from '../../../scripts/setup/context.mjs';
import { npmInstall } from '../../../scripts/setup/npm-dependencies.mjs';
import { SECRET_NAMES, VARIABLE_NAMES } from '../../../src/config/variables.ts';

const SECRETS = Object.fromEntries(
  [
    ...VARIABLE_NAMES.filter((name) => name !== 'GLIR_CACHE_DIR'),
    'AWS_SECRET_ACCESS_KEY',
    'PGPASSWORD',
    'NODE_OPTIONS',
  ].map((name) => [name, 'MARKER']),
);
const USUAL = {
  PATH: '/usr/bin',
  HOME: '/home/eva',
  LC_ALL: 'C.UTF-8',
  https_proxy: 'http://proxy:3128',
  CXX: 'clang++',
};

describe('a tool of the setup', () => {
  it('gets what it needs, and nothing of GLIR’s or of anybody else’s', () => {
    expect(SECRET_NAMES.length).toBeGreaterThan(5);
    expect(toolEnvironment({ ...USUAL, ...SECRETS })).toEqual(USUAL);
  });

  it('that is npm gets its own settings and token as well', () => {
    const own = { npm_config_registry: 'https://npm.example.org', NPM_TOKEN: 't', NODE_AUTH_TOKEN: 't' };
    expect(toolEnvironment({ ...USUAL, ...SECRETS, ...own }, NPM_VARIABLES)).toEqual({ ...USUAL, ...own });
    expect(toolEnvironment({ ...USUAL, ...own })).toEqual(USUAL);
  });

  it('sees no secret when it really runs, whatever environment it is given', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'glir-env-'));
    try {
      const seen = path.join(folder, 'seen.json');
      const context = makeContext({ GLIR_CACHE_DIR: path.join(folder, 'cache') }, process.stderr);
      const script = `require('fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env))`;
      const env = { ...process.env, ...SECRETS, NODE_OPTIONS: '' };
      await context.run('tool', process.execPath, ['-e', script], { env, problem: 'It failed', next: '' });
      expect(readFileSync(seen, 'utf8')).not.toContain('MARKER');
      // npm is run by the Node that is named, and so shows what it was given.
      const nodeThatTells = path.join(folder, 'node');
      writeFileSync(nodeThatTells, `#!/bin/sh\nenv > ${seen}\n`, { mode: 0o755 });
      await npmInstall(context, nodeThatTells, [], { name: 'npm', cwd: folder, env, problem: 'It failed', next: '' });
      expect(readFileSync(seen, 'utf8')).not.toContain('MARKER');
      expect(readFileSync(seen, 'utf8')).toContain('PATH=');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
