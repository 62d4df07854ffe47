/** What a worker's program may need: the system's libraries, and the time zone of its log lines. */
const NAMES = ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TZ', 'SystemRoot'];

/**
 * Runs `start`, and lets a process that it starts before it first waits see no other variable of the environment than the
 * worker needs. mediasoup hands its workers all there are, and a worker reads what anybody on the internet sends.
 */
export function withWorkerEnvironment<Result>(start: () => Result): Result {
  const all = { ...process.env };
  for (const name of Object.keys(all)) if (!NAMES.includes(name)) delete process.env[name];
  try {
    return start();
  } finally {
    Object.assign(process.env, all);
  }
}
