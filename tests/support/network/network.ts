import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program without a shell; gives what it wrote to stdout. Rejects with what it wrote to stderr. */
export async function run(...[program = '', ...args]: string[]): Promise<string> {
  const { stdout } = await execute(program, args, { encoding: 'utf8' });
  return stdout;
}

/** A network of machines around this process, which has to run in a network namespace of its own and is their router. */
export class Network {
  readonly #machines: Machine[] = [];
  readonly #lines: Line[] = [];

  static async make(): Promise<Network> {
    await run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    await run('nft', 'add table ip faults; flush table ip faults');
    await run('nft', 'add chain ip faults forward { type filter hook forward priority 0; }');
    await run('nft', 'add chain ip faults detour { type nat hook prerouting priority -100; }');
    return new Network();
  }

  /** A machine with one line to the router. Its name is for the eye. */
  async machine(name: string): Promise<Machine> {
    const machine = await Machine.begin(name);
    this.#machines.push(machine);
    await machine.use(await this.line(machine));
    return machine;
  }

  /** One more line of a machine, in a network of its own, plugged in and not used yet. */
  async line(machine: Machine): Promise<Line> {
    const number = this.#lines.length + 1;
    const line = {
      inner: `in${number}`,
      outer: `out${number}`,
      address: `10.78.${number}.2`,
      router: `10.78.${number}.1`,
    };
    await run(
      'ip',
      'link',
      'add',
      line.outer,
      'type',
      'veth',
      'peer',
      'name',
      line.inner,
      'netns',
      String(machine.pid),
    );
    this.#lines.push(line);
    await run('ip', 'address', 'add', `${line.router}/24`, 'dev', line.outer);
    await run('ip', 'link', 'set', line.outer, 'up');
    return line;
  }

  /**
   * Gives a machine an address of IPv6 on the line it uses, and the router as its way to everywhere; `alone`: it has no other.
   * Gives that address.
   */
  async useIpv6(machine: Machine, how: 'beside IPv4' | 'alone'): Promise<string> {
    await run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
    const { inner, outer, address } = machine.line;
    const net = `fd78:${outer.slice('out'.length)}::`;
    // Without a look at whether somebody else has it (RFC 4862, section 5.4), it is there at once.
    await run('ip', 'address', 'add', `${net}1/64`, 'dev', outer, 'nodad');
    await machine.run('ip', 'address', 'add', `${net}2/64`, 'dev', inner, 'nodad');
    await machine.run('ip', '-6', 'route', 'add', 'default', 'via', `${net}1`);
    if (how === 'alone') await machine.run('ip', 'address', 'del', `${address}/24`, 'dev', inner);
    return `${net}2`;
  }

  /** Adds a rule for what passes the router; gives what takes it back. */
  forbid(rule: string): Promise<() => Promise<void>> {
    return addRule('forward', rule);
  }

  /** Adds a rule for what comes in, before it is routed; gives what takes it back. Goes for new connections only. */
  redirect(rule: string): Promise<() => Promise<void>> {
    return addRule('detour', rule);
  }

  /** Takes everything down. */
  async close(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.end()));
    // A namespace goes some time after its last process; its cables must not be there when the next ones are named.
    for (const { outer } of this.#lines) await run('ip', 'link', 'del', outer).catch(() => undefined);
    await run('nft', 'delete table ip faults');
  }
}

/** A cable between a machine and the router; the two ends have names in their namespaces. */
export interface Line {
  inner: string;
  outer: string;
  address: string;
  router: string;
}

/** A network namespace with an address: a place where processes of a test run. */
export class Machine {
  readonly name: string;
  readonly #holder: ChildProcess;
  #line: Line | null = null;

  static async begin(name: string): Promise<Machine> {
    // Holds the namespace open until its stdin closes, at the latest when this process ends.
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    return new Machine(name, holder);
  }

  private constructor(name: string, holder: ChildProcess) {
    this.name = name;
    this.#holder = holder;
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** The line it uses. */
  get line(): Line {
    if (this.#line === null) throw new Error(`${this.name} has no line yet`);
    return this.#line;
  }

  get address(): string {
    return this.line.address;
  }

  /** The command line that runs `words` on this machine. */
  command(words: readonly string[]): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`, '--', ...words];
  }

  /** Runs something on this machine and waits for it. */
  run(...words: string[]): Promise<string> {
    return run(...this.command(words));
  }

  /** Takes a line as the way to everywhere; the one before is left without carrier and address, as when Wi-Fi is out of reach. */
  async use(line: Line): Promise<void> {
    if (this.#line !== null) await this.unplug();
    this.#line = line;
    await this.plugIn();
  }

  /** The machine notices that its line is dead, and is offline. */
  async unplug(): Promise<void> {
    const { inner, address } = this.line;
    await this.run('ip', 'address', 'del', `${address}/24`, 'dev', inner);
    await this.run('ip', 'link', 'set', inner, 'down');
  }

  async plugIn(): Promise<void> {
    const { inner, address, router } = this.line;
    await this.run('ip', 'link', 'set', inner, 'up');
    await this.run('ip', 'address', 'add', `${address}/24`, 'dev', inner);
    await this.run('ip', 'route', 'add', 'default', 'via', router);
  }

  async end(): Promise<void> {
    const exited = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await exited;
  }
}

async function addRule(chain: string, rule: string): Promise<() => Promise<void>> {
  const said = await run('nft', '--echo', '--handle', `add rule ip faults ${chain} ${rule}`);
  const handle = /# handle (\d+)/.exec(said)?.[1];
  if (handle === undefined) throw new Error(`nft did not say what it made of "${rule}"`);
  let there = true;
  return async () => {
    if (!there) return;
    there = false;
    await run('nft', `delete rule ip faults ${chain} handle ${handle}`);
  };
}
