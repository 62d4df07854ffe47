/** The mediasoup worker, its port, and what browsers are told of it. */
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { addressKind } from '../../config/addresses.ts';
import type { Config } from '../../config/config.ts';
import { tryWorker } from '../../sfu/worker-check.ts';
import { type Check, type Finding, ok, problem, reasonOf, skipped, warning } from './finding.ts';

const ANSWER_MS = 5_000;
/** Linux gives the ports from here on to outgoing connections. */
const EPHEMERAL_FROM = 32_768;

/** Whether the worker's program runs here. */
export const checkWorker: Check = async ({ config }) => {
  try {
    await tryWorker(config);
    return [ok('worker', 'It starts.')];
  } catch (error) {
    const next = 'Run npm run setup, which builds it, or correct MEDIASOUP_WORKER_BIN.';
    return [problem('worker', `It does not start (${reasonOf(error)}).`, next)];
  }
};

/** Whether GLIR has its port, or can have it. */
export const checkPort: Check = async ({ config }) => {
  const { port, workers } = config.rtc;
  const ports = workers === 1 ? `${port}` : `${port} to ${port + workers - 1}`;
  if (await isServerRunning(config)) {
    const found = await Promise.all(config.rtc.tcp ? localAddresses(config).map((host) => reached(host, port)) : []);
    return found.includes(false)
      ? [
          problem(
            'data port',
            `The server runs and ${port}/tcp is not its own.`,
            'Restart GLIR, and look for rtc-port-taken.',
          ),
        ]
      : [ok('data port', `The running server has ${ports}.`)];
  }
  try {
    await tryWorker(config, 'with-ports');
  } catch (error) {
    const says = error instanceof Error ? error.message : reasonOf(error);
    return [problem('data port', says, 'See who has it: ss -lunp, ss -ltnp.')];
  }
  if (port + workers > EPHEMERAL_FROM) {
    const next = `Use a port below ${EPHEMERAL_FROM}, or reserve it: sysctl net.ipv4.ip_local_reserved_ports=${port}.`;
    return [warning('data port', `${ports} is free, and Linux may give it to any outgoing connection.`, next)];
  }
  return [ok('data port', `${ports} is free, UDP and TCP.`)];
};

/** Whether what browsers are told is an address at which the port answers, as far as this machine can see. */
export const checkAnnounced: Check = async ({ config }) => {
  const { listen, port, tcp } = config.rtc;
  const hosts = [...new Set(listen.flatMap(({ ip, announced }) => (announced.length > 0 ? announced : [ip])))];
  const runs = tcp && (await isServerRunning(config));
  const found = (await Promise.all(hosts.map((host) => announcedFinding(host, port, runs)))).flat();
  const isLoopback = new URL(config.publicUrl).protocol === 'http:';
  const outside = isLoopback ? [] : [fromOutside(port, config)];
  return [...found, ...outside];
};

async function announcedFinding(host: string, port: number, runs: boolean): Promise<Finding[]> {
  const name = 'announced addresses';
  let address: string;
  try {
    ({ address } = await lookup(host));
  } catch (error) {
    return [problem(name, `${host} is unknown (${reasonOf(error)}).`, 'Correct GLIR_RTC_ANNOUNCED, or its DNS entry.')];
  }
  const kind = addressKind(address);
  const where =
    kind === 'private'
      ? 'inside your own network only'
      : kind === 'loopback'
        ? 'on this machine only'
        : 'from everywhere';
  if (!runs) return [skipped(name, `${host} (to be reached ${where}) is tried while GLIR runs.`)];
  if (await reached(address, port))
    return [ok(name, `${host}:${port}/tcp answers from here; browsers reach it ${where}.`)];
  const next =
    kind === 'public'
      ? 'Open the port in the firewall, UDP and TCP. Where this machine may not reach its own public address (hairpin NAT), doctors inside may not either: announce the inner address as well.'
      : 'Correct GLIR_RTC_ANNOUNCED, or open the port in the firewall, UDP and TCP.';
  return [problem(name, `${host}:${port}/tcp does not answer from here.`, next)];
}

function fromOutside(port: number, { publicUrl, rtc }: Config): Finding {
  const protocols = rtc.tcp ? 'UDP and TCP' : 'UDP';
  const says = `Whether ${port} (${protocols}) is reached from outside cannot be seen from here.`;
  return skipped('announced addresses', `${says} Share a note at ${publicUrl} and open it on a phone without Wi-Fi.`);
}

/** Whether this configuration's server answers on this machine. */
async function isServerRunning({ http: { host, port } }: Pick<Config, 'http'>): Promise<boolean> {
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${own}:${port}/livez`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return answer.ok && (await answer.text()).includes('"version"');
  } catch {
    return false;
  }
}

function localAddresses({ rtc }: Config): string[] {
  return rtc.listen.map(({ ip }) => (ip === '0.0.0.0' ? '127.0.0.1' : ip === '::' ? '::1' : ip));
}

function reached(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(ANSWER_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
