import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './network.ts';

/**
 * Not the well-known prefix 64:ff9b::/96: that one stands for no address of a private network (RFC 6052, section 3.1), and a
 * translator drops what is sent to one.
 */
const PREFIX = 'fd64::';
/** What IPv6 machines look like to IPv4 ones. */
const POOL = '192.168.255.0/24';
const DEVICE = 'nat64';

/** Translates between IPv6 machines and IPv4 ones (NAT64, RFC 6146), at the router of the network: this process's namespace. */
export class Nat64 {
  readonly #tayga: ChildProcess;
  readonly #folder: string;

  /** Rejects when tayga is missing. */
  static async start(): Promise<Nat64> {
    if (spawnSync('tayga', ['--help']).error !== undefined) {
      throw new Error('tayga is missing. Install it: apt-get install tayga');
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'glir-nat64-'));
    const file = path.join(folder, 'tayga.conf');
    const settings = [
      `tun-device ${DEVICE}`,
      'ipv4-addr 192.168.255.1',
      `prefix ${PREFIX}/96`,
      `dynamic-pool ${POOL}`,
      `data-dir ${folder}`,
    ];
    await writeFile(file, `${settings.join('\n')}\n`);
    await run('tayga', '-c', file, '--mktun');
    await run('ip', 'link', 'set', DEVICE, 'up');
    await run('ip', 'route', 'add', POOL, 'dev', DEVICE);
    await run('ip', '-6', 'route', 'add', `${PREFIX}/96`, 'dev', DEVICE);
    const tayga = spawn('tayga', ['-c', file, '-d'], { stdio: 'ignore' });
    await once(tayga, 'spawn');
    // It says nothing when it is ready; a moment later it is, or gone.
    await delay(300);
    if (tayga.exitCode !== null) throw new Error(`tayga ended with ${tayga.exitCode}`);
    return new Nat64(tayga, folder);
  }

  private constructor(tayga: ChildProcess, folder: string) {
    this.#tayga = tayga;
    this.#folder = folder;
  }

  /** The IPv6 address that stands for an IPv4 one here (RFC 6052, section 2.2). */
  addressOf(ipv4: string): string {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
    return `${PREFIX}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }

  async close(): Promise<void> {
    const exited = once(this.#tayga, 'exit');
    this.#tayga.kill('SIGKILL');
    if (this.#tayga.exitCode === null && this.#tayga.signalCode === null) await exited;
    await run('ip', 'link', 'del', DEVICE).catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
