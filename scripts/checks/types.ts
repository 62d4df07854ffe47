/**
 * Checks the types of every project that tsconfig.json refers to, and that every source file belongs to one. An editor
 * does the same: it takes the first of them that holds the file, and shows what is found there.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sourceFiles } from './sources.ts';

const TSC = path.join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

/**
 * What is wrong under `root`: the compiler's messages, and a sentence for each file that no project holds.
 * @throws Error when tsconfig.json cannot be read
 */
export function typeProblems(root: string): string[] {
  const problems: string[] = [];
  const held = new Set<string>();
  const solution: { references: { path: string }[] } = JSON.parse(
    readFileSync(path.join(root, 'tsconfig.json'), 'utf8'),
  );
  for (const { path: project } of solution.references) {
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
    const { stdout, stderr } = spawnSync(process.execPath, [TSC, '-p', project, '--listFiles'], options);
    for (const line of `${stdout}${stderr}`.trim().split('\n')) {
      if (path.isAbsolute(line)) held.add(path.relative(root, line).replaceAll('\\', '/'));
      else if (line !== '') problems.push(line);
    }
  }
  const homeless = sourceFiles(root).filter((file) => !held.has(file));
  return [
    ...problems,
    ...homeless.map((file) => `${file}: no project of tsconfig.json holds it; add its folder to one`),
  ];
}

if (import.meta.main) {
  const problems = typeProblems(process.argv[2] ?? process.cwd());
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
