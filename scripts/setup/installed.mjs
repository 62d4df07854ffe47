/**
 * @typedef {{os: string, cpu: string, libc: string}} Machine in npm's words
 * @typedef {Record<string, unknown>} Entry of a package in a lock file
 */

/** @returns {Machine} */
export function thisMachine() {
  const report = process.report?.getReport();
  const header = typeof report === 'object' && 'header' in report ? report.header : undefined;
  const isGlibc = typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
  return { os: process.platform, cpu: process.arch, libc: isGlibc ? 'glibc' : 'musl' };
}

/**
 * Compares what npm installed with what it was told to. npm passes over an optional package that it could
 * not fetch, even if it is the one that this machine needs; here that is a problem.
 * @param {unknown} locked content of package-lock.json
 * @param {unknown} installed content of node_modules/.package-lock.json, npm's record of what it did
 * @param {Machine} machine
 * @returns {string[]} one sentence a problem
 */
export function installProblems(locked, installed, machine) {
  const wanted = packagesOf(locked);
  const found = packagesOf(installed);
  const problems = [];
  for (const [name, entry] of wanted) {
    if (name === '' || found.has(name)) continue;
    if (entry['optional'] !== true || isMadeFor(entry, machine)) problems.push(`${name} is missing`);
  }
  for (const [name, entry] of found) {
    const lock = wanted.get(name);
    if (!lock && entry['optional'] !== true) problems.push(`${name} is not in package-lock.json`);
    if (lock && lock['integrity'] !== entry['integrity']) problems.push(`${name} is another version`);
  }
  return problems;
}

/**
 * @param {Entry} entry
 * @param {Machine} machine
 * @returns {boolean} whether the package says that it is for machines like this one
 */
function isMadeFor(entry, machine) {
  if (!entry['os'] && !entry['cpu']) return false;
  return allows(entry['os'], machine.os) && allows(entry['cpu'], machine.cpu) && allows(entry['libc'], machine.libc);
}

/**
 * @param {unknown} list as in package.json's `os`, `cpu` and `libc`: names, or names that are ruled out by `!`
 * @param {string} name
 */
function allows(list, name) {
  if (!Array.isArray(list) || list.length === 0) return true;
  if (list.includes(`!${name}`)) return false;
  return list.includes(name) || list.every((item) => String(item).startsWith('!'));
}

/**
 * @param {unknown} lockFile
 * @returns {Map<string, Entry>}
 */
function packagesOf(lockFile) {
  if (typeof lockFile !== 'object' || lockFile === null || !('packages' in lockFile)) return new Map();
  const { packages } = lockFile;
  return new Map(typeof packages === 'object' && packages !== null ? Object.entries(packages) : []);
}
