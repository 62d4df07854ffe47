/** Checks the directions of imports in a checkout against `layout.ts`, and that no import leads back to its file. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { type Import, importsOf } from './imports.ts';
import { type Part, packageOwners, parts } from './layout.ts';
import { sourceFiles } from './sources.ts';

/**
 * Every refused import under `root`, one sentence each (`file:line: reason`); empty when all is well.
 * @throws Error when a source file cannot be parsed
 */
export function boundaryViolations(root: string): string[] {
  const violations: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of sourceFiles(root)) {
    const part = partOf(file);
    if (!part) {
      violations.push(
        `${file}: belongs to no part of the layout; move it, or add its folder to scripts/checks/layout.ts`,
      );
      continue;
    }
    const targets: string[] = [];
    for (const found of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
      const target = targetOf(file, found);
      const reason = refusal(part, found, target);
      if (reason) violations.push(`${file}:${found.line}: ${reason}`);
      if (target) targets.push(target);
    }
    graph.set(file, targets);
  }
  return [...violations, ...circles(graph)];
}

function partOf(file: string): Part | undefined {
  return parts.find((part) => part.files.test(file));
}

/** The file a relative import names, as a path from the root; undefined for packages. */
function targetOf(file: string, { specifier }: Import): string | undefined {
  if (!specifier?.startsWith('.')) return undefined;
  return posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''));
}

function refusal(from: Part, { specifier }: Import, target: string | undefined): string | undefined {
  if (from.parts === 'all') return undefined;
  if (specifier === null) return 'an import whose path is computed cannot be checked; write the path out';
  if (target !== undefined) return refusedPart(from, from.parts, target);
  if (/^[#/]|^[a-z]+:\/\//.test(specifier)) return `"${specifier}" is neither a relative path nor a package`;
  if (isBuiltin(specifier))
    return from.node ? undefined : `${from.name} must not import "${specifier}": it has no Node`;
  return refusedPackage(from, specifier);
}

function refusedPart(from: Part, allowed: readonly string[], target: string): string | undefined {
  const to = partOf(target);
  if (!to || target.startsWith('..')) return `"${target}" is outside the layout`;
  if (to.name === from.name || allowed.includes(to.name)) return undefined;
  return `${from.name} must not import ${to.name} ("${target}")`;
}

function refusedPackage(from: Part, specifier: string): string | undefined {
  const owned = Object.entries(packageOwners).find(([name]) => isOf(specifier, name));
  if (owned && !owned[1].includes(from.name)) return `only ${owned[1].join(' and ')} may import "${specifier}"`;
  if (from.withoutPackages?.some((name) => isOf(specifier, name))) {
    return `${from.name} must not import "${specifier}"`;
  }
  return undefined;
}

/** Whether a specifier names this package (`ws`, `ws/lib/x`) or, for a name that ends in a slash, one of this scope. */
function isOf(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(name.endsWith('/') ? name : `${name}/`);
}

/** One sentence for each circle that a walk through the imports comes upon. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`${file}: circular import: ${[...path.slice(start), file].join(' -> ')}`);
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

if (import.meta.main) {
  const violations = boundaryViolations(process.argv[2] ?? process.cwd());
  for (const violation of violations) process.stdout.write(`${violation}\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
