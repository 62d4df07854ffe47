import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeProblems } from '../../scripts/checks/types.ts';
import { type Files, inTemporaryTree } from '../support/server/temporary-tree.ts';

const root = join(import.meta.dirname, '..', '..');
const copy = (...files: string[]): Files =>
  Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const lintSetup = copy(
  'biome.json',
  '.gitignore',
  ...readdirSync(join(root, 'scripts', 'checks'))
    .filter((name) => name.endsWith('.grit'))
    .map((name) => `scripts/checks/${name}`),
);

/** Runs an installed tool in a temporary tree with these files. */
function runTool(files: Files, program: string, ...args: string[]) {
  return inTemporaryTree(files, (cwd) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd,
      encoding: 'utf8',
    });
    return { passed: status === 0, output: stdout + stderr };
  });
}

const lint = (files: Files) =>
  runTool({ ...lintSetup, ...files }, '@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--colors=off');

/** Loops inside of each other; each counts one more than the one around it: 1 + 2 + … + depth. */
function nested(depth: number, level = 1): string {
  const indent = '  '.repeat(level);
  const inner = level < depth ? nested(depth, level + 1) : `${indent}  list.push([]);\n`;
  return `${indent}while (list.pop()) {\n${inner}${indent}}\n`;
}

describe('the lint check', () => {
  const refused: [what: string, source: string, reason: string][] = [
    ['randomness that can be guessed', 'export const dice = Math.random();\n', 'noJsRestrictedProperties'],
    ['randomness under another name', 'export const { random } = Math;\n', 'noJsRestrictedProperties'],
    ['the time of day', 'export const now = Date.now();\n', 'noJsRestrictedProperties'],
    ['the time of day as a date', 'export const now = new Date();\n', 'injected clock'],
    ['markup from a string', "document.body.innerHTML = '<b>x</b>';\n", 'set textContent'],
    ['markup added to markup', "document.body.innerHTML += '<b>x</b>';\n", 'set textContent'],
    ['markup in place of an element', "document.body.outerHTML = '<b>x</b>';\n", 'set textContent'],
    ['markup beside an element', "document.body.insertAdjacentHTML('beforeend', '<b>x</b>');\n", 'set textContent'],
    ['markup read back', 'export const markup = document.body.innerHTML;\n', 'set textContent'],
    ['output to the console', "console.log('x');\n", 'noConsole'],
    ['any', 'export const all: any = 1;\n', 'noExplicitAny'],
    ['a cast through unknown', 'export const text = 1 as unknown as string;\n', 'type guard'],
    ['a promised non-null', 'export const first = (list: number[]) => list[0]!;\n', 'noNonNullAssertion'],
    ['a type imported as a value', "import { T } from './t.ts';\n\nexport const t: T = 1;\n", 'useImportType'],
    [
      'a forgotten promise',
      'async function later(): Promise<void> {\n  await null;\n}\nexport function go() {\n  later();\n}\n',
      'noFloatingPromises',
    ],
    [
      'a promise taken for a condition',
      'async function later(): Promise<boolean> {\n  return await null;\n}\nexport const go = () => (later() ? 1 : 2);\n',
      'noMisusedPromises',
    ],
    [
      'a function that nobody can follow',
      `export function f(list: number[][]) {\n${nested(6)}}\n`,
      'noExcessiveCognitiveComplexity',
    ],
    ['another style', 'export const a = "x"\n', 'format'],
  ];

  it.each(refused)('refuses %s', (_what, source, reason) => {
    const { passed, output } = lint({ 'src/rooms/room.ts': source, 'src/rooms/t.ts': 'export type T = 1;\n' });
    expect(output).toContain(reason);
    expect(passed).toBe(false);
  });

  it('allows the clocks to tell the time, tests to take it, and dates of a given time anywhere', () => {
    const time = 'export const now = () => Date.now();\nexport const date = () => new Date();\n';
    const { output, passed } = lint({
      'src/clock.ts': time,
      'web-shared/clock.ts': time,
      'tests/unit/clock.test.ts': time,
      'src/rooms/room.ts': 'export const day = (ms: number) => new Date(ms);\n',
    });
    expect(passed, output).toBe(true);
  });

  it('allows a function whose cognitive complexity is 15', () => {
    const { output, passed } = lint({
      'src/rooms/room.ts': `export function f(list: number[][]) {\n${nested(5)}}\n`,
    });
    expect(passed, output).toBe(true);
  });

  it('looks at style sheets and JSON as well', () => {
    expect(lint({ 'web-shared/style.css': 'a{color:red}' }).output).toContain('web-shared/style.css format');
    expect(lint({ 'src/data.json': '{"a":1}' }).output).toContain('src/data.json format');
  });
});

describe('the types of the protocol', () => {
  const setup = copy('tsconfig.base.json', 'tsconfig.protocol.json', 'scripts/checks/protocol-globals.d.ts');
  const check = (source: string) =>
    runTool({ ...setup, 'src/protocol/link.ts': source }, 'typescript/bin/tsc', '-p', 'tsconfig.protocol.json');

  it.each(['document', 'window', 'process', 'Buffer', 'fetch', 'setTimeout', 'localStorage'])(
    'know no global %s',
    (name) => {
      const { passed, output } = check(`export const it = ${name};\n`);
      expect(output).toContain(`Cannot find name '${name}'`);
      expect(passed).toBe(false);
    },
  );

  it('know what Node and browsers share', () => {
    const { passed, output } = check(
      "export const hash = () => crypto.subtle.digest('SHA-256', new TextEncoder().encode(btoa('x')));\n",
    );
    expect(passed, output).toBe(true);
  });
});

describe('the check of types', () => {
  const projects = {
    'tsconfig.json':
      '{ "files": [], "references": [{ "path": "./tsconfig.web.json" }, { "path": "./tsconfig.node.json" }] }',
    'tsconfig.web.json':
      '{ "compilerOptions": { "noEmit": true, "lib": ["es2024", "dom"], "types": [] }, "include": ["web"] }',
    'tsconfig.node.json':
      '{ "compilerOptions": { "noEmit": true, "lib": ["es2024"], "types": [] }, "include": ["src"] }',
    'web/page.ts': 'export const title = document.title;\n',
    'src/server.ts': 'export const port: number = 3000;\n',
  };

  it('passes when every file is right in its own project', () => {
    expect(inTemporaryTree(projects, typeProblems)).toEqual([]);
  });

  it('names what is wrong there, and the file that no project holds', () => {
    const wrong = { 'src/server.ts': 'export const title = document.title;\n', 'tools/build.ts': 'export {};\n' };
    expect(inTemporaryTree({ ...projects, ...wrong }, typeProblems)).toEqual([
      expect.stringContaining("src/server.ts(1,22): error TS2584: Cannot find name 'document'"),
      'tools/build.ts: no project of tsconfig.json holds it; add its folder to one',
    ]);
  });
});

describe('the check for unused code', () => {
  const setup = {
    ...copy('knip.json'),
    'package.json': '{ "name": "tree", "type": "module", "dependencies": { "leftover": "1.0.0" } }\n',
    'src/main.ts': "import { used } from './rooms/room.ts';\n\nused();\n",
    'src/rooms/room.ts': 'export const used = () => 1;\nexport const neverUsed = () => 2;\n',
    'src/rooms/forgotten.ts': 'export const nothing = 0;\n',
  };

  it('names unused files, exports and dependencies', () => {
    const { passed, output } = runTool(setup, 'knip/bin/knip.js', '--no-progress');
    expect(output).toContain('src/rooms/forgotten.ts');
    expect(output).toContain('neverUsed');
    expect(output).toContain('leftover');
    expect(output).not.toMatch(/\bused\b/);
    expect(passed).toBe(false);
  });

  it('passes when everything is used', () => {
    const { passed, output } = runTool(
      {
        ...copy('knip.json'),
        'package.json': '{ "name": "tree", "type": "module" }\n',
        'src/main.ts': setup['src/main.ts'],
        'src/rooms/room.ts': 'export const used = () => 1;\n',
      },
      'knip/bin/knip.js',
      '--no-progress',
    );
    expect(passed, output).toBe(true);
  });
});
