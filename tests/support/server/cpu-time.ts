/** Milliseconds that the work keeps this thread's processor busy: however busy the machine is otherwise. */
export function cpuTimeOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
