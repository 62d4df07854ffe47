import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { VARIABLE_NAMES } from '../../src/config/variables.ts';

const DEPLOY = path.join(import.meta.dirname, '../../deploy');
/** The name of the machine, for Compose and Caddy. */
const OWN = ['GLIR_HOST'];
/** systemd's own words: up to here a unit is "OK", beyond it "MEDIUM" and worse. */
const EXPOSURE_MAX = 2;

const files = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter((file) => /\.\w+$|file$/.test(file));

it.each(files)('deploy/%s names only settings that GLIR has', (file) => {
  const text = readFileSync(path.join(DEPLOY, file), 'utf8');
  const named = [...text.matchAll(/\b(?:GLIR|MEDIASOUP)_[A-Z_]+\b/g)].map(([name]) => name);
  const known: readonly string[] = [...VARIABLE_NAMES, ...OWN, 'GLIR_CACHE_DIR'];
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

const analyzer = spawnSync('systemd-analyze', ['--version']);
it.skipIf(analyzer.status !== 0)("systemd finds little that GLIR's service could do", () => {
  const unit = path.join(DEPLOY, 'glir.service');
  const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', unit], { encoding: 'utf8' });
  expect(Number(/exposure level for glir\.service: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(EXPOSURE_MAX);
});
