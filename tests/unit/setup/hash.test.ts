import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readText } from '../../../scripts/setup/context.mjs';
import { hashFiles } from '../../../scripts/setup/hash.mjs';
import { recipeMark } from '../../../scripts/setup/mediasoup-worker.mjs';
import { inputsMark } from '../../../scripts/setup/pages.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'glir-hash-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
}

describe('what is built is built again when, and only when, what it is made from has changed', () => {
  it('the same files give the same fingerprint, however new they are', () => {
    write('web-composer/main.ts', 'one');
    const before = inputsMark(folder);
    utimesSync(path.join(folder, 'web-composer/main.ts'), 1, 1);
    expect(inputsMark(folder)).toBe(before);
  });

  it.each([
    'web-composer/deep/view.ts',
    'web-receiver/index.html',
    'web-shared/style.css',
    'web-build/build.ts',
    'bots/local/page/main.ts',
    'src/protocol/link.ts',
    'package-lock.json',
  ])('a change in %s is seen, and so is its removal', (file) => {
    const without = inputsMark(folder);
    write(file, 'one');
    const first = inputsMark(folder);
    write(file, 'two');
    const second = inputsMark(folder);
    rmSync(path.join(folder, file));
    expect(new Set([without, first, second]).size).toBe(3);
    expect(inputsMark(folder)).toBe(without);
  });

  it('a file that moves changes the fingerprint, and so does text that moves between files', () => {
    write('a/x', 'one');
    write('a/y', 'two');
    const before = hashFiles(folder, ['a']);
    write('a/x', 'onetwo');
    write('a/y', '');
    const moved = hashFiles(folder, ['a']);
    rmSync(path.join(folder, 'a/y'));
    expect(new Set([before, moved, hashFiles(folder, ['a'])]).size).toBe(3);
  });

  it('the server alone changes no page', () => {
    write('web-composer/main.ts', 'one');
    const before = inputsMark(folder);
    write('src/http/routes.ts', 'one');
    expect(inputsMark(folder)).toBe(before);
  });

  it('a new sentence in the worker recipe builds no new worker, a new line in its build does', () => {
    write('CMakeLists.txt', 'one');
    write('README.md', 'one');
    const before = recipeMark(folder);
    write('README.md', 'two');
    expect(recipeMark(folder)).toBe(before);
    write('CMakeLists.txt', 'two');
    expect(recipeMark(folder)).not.toBe(before);
  });

  it('a stamp that is not there matches nothing', () => {
    expect(readText(path.join(folder, 'stamp'))).toBe('');
  });
});
