import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { importsOf } from '../../../scripts/checks/imports.ts';
import { isProductionInstalled } from '../../../scripts/setup/npm-dependencies.mjs';
import { readStages } from '../../support/image/dockerfile.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it('npm ci takes the lock file, with tools and without', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-ci-'));
  folders.push(folder);
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    writeFileSync(path.join(folder, file), read(file));
  for (const omit of [[], ['--omit=dev'], ['--omit=dev', '--omit=optional']]) {
    const npm = spawnSync('npm', ['ci', '--dry-run', '--offline', '--loglevel=error', ...omit], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([npm.status, npm.stderr]).toEqual([0, '']);
  }
});

/** A checkout whose lock file names a package, a tool, one for Teams and one for another system. */
function checkout(installed: readonly string[]): string {
  const root = mkdtempSync(path.join(tmpdir(), 'glir-checkout-'));
  folders.push(root);
  const packages: Record<string, object> = {
    '': {},
    'node_modules/express': { version: '1.0.0', integrity: 'a' },
    'node_modules/vite': { version: '1.0.0', integrity: 'b', dev: true },
    'node_modules/botbuilder': { version: '1.0.0', integrity: 'c', optional: true },
    'node_modules/only-there': { version: '1.0.0', integrity: 'd', optional: true, os: ['aix'] },
  };
  const found = Object.fromEntries(installed.map((name) => [`node_modules/${name}`, packages[`node_modules/${name}`]]));
  mkdirSync(path.join(root, 'node_modules'));
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages }));
  writeFileSync(path.join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: found }));
  return root;
}

it.each([
  ['everything', ['express', 'vite', 'botbuilder'], true],
  ['no tools', ['express', 'botbuilder'], true],
  ['neither tools nor Teams', ['express'], true],
  ['not what it needs', ['vite', 'botbuilder'], false],
])('a server starts from a checkout with %s as it is: %s', (_what, installed, is) => {
  expect(isProductionInstalled(checkout(installed))).toBe(is);
});

/** What a source file loads when it runs: types are gone by then. */
function loadedBy(file: string): string[] {
  const source = read(file).replaceAll(/^(?:import|export) type [^;]*;/gm, '');
  const specifiers = importsOf(file, source).flatMap(({ specifier }) => specifier ?? []);
  return specifiers.filter((specifier) => !specifier.startsWith('node:'));
}

/** Every file of ours, and every package, that is loaded from these files on. */
function loadedFrom(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const [files, packages, waiting] = [new Set<string>(), new Set<string>(), [...entries]];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const from = path.dirname(file);
    const { ours = [], others = [] } = Object.groupBy(loadedBy(file), (each) =>
      each.startsWith('.') ? 'ours' : 'others',
    );
    waiting.push(...ours.map((specifier) => path.join(from, specifier)));
    for (const name of others) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  }
  return { files, packages };
}

it('every file and package that runs is in the image, and no tool', () => {
  const { files, packages } = loadedFrom(['src/main.ts', 'src/cli/glir.ts']);
  const copied = (readStages(read('deploy/Dockerfile')).get('runtime') ?? [])
    .filter(({ name }) => name === 'COPY')
    .map(({ text }) => path.relative('/app', text.split(/\s+/).at(-1) ?? ''));
  const isCopied = (file: string): boolean => copied.some((each) => file === each || file.startsWith(`${each}/`));
  expect(files.size).toBeGreaterThan(150);
  expect([...files].filter((file) => !isCopied(file))).toEqual([]);
  for (const folder of ['languages', 'dist', 'node_modules', 'worker', 'package.json', 'scripts/setup/commit.txt'])
    expect(copied).toContain(folder);
  const { dependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const shipped = Object.keys({ ...dependencies, ...optionalDependencies });
  expect([...packages].filter((name) => !shipped.includes(name))).toEqual([]);
  for (const file of copied.filter(
    (each) => !['dist', 'node_modules', 'worker'].includes(each) && !each.startsWith('..'),
  ))
    expect(existsSync(path.join(ROOT, file)), file).toBe(true);
});

it('what only Teams needs is optional, and loaded only when Teams is on', () => {
  const { dependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  expect(Object.keys(optionalDependencies ?? {})).toContain('botbuilder');
  expect(Object.keys(dependencies ?? {})).not.toContain('botbuilder');
  const { packages } = loadedFrom(['src/cli/glir.ts']);
  expect([...packages]).not.toContain('botbuilder');
});
