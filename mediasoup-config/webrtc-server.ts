import type { TransportListenInfo, TransportProtocol, WebRtcServerOptions } from 'mediasoup/types';
import type { Config } from '../src/config/config.ts';

/** UDP first: a lost packet holds up one message there, and everything behind it on TCP. */
function protocols(config: Config): TransportProtocol[] {
  return config.rtc.tcp ? ['udp', 'tcp'] : ['udp'];
}

/** The port that worker `workerIndex` (from 0) takes, UDP and TCP. */
function rtcPort(config: Config, workerIndex: number): number {
  return config.rtc.port + workerIndex;
}

/**
 * Options of a worker's only WebRTC server, which carries all its rooms.
 *
 * - One port per worker: firewalls open one known port instead of 50,000.
 * - TCP on the same port: networks that drop UDP still get through, at some cost in time. Our worker drops connections
 *   that show no valid ICE credentials within 5 s, and limits them (worker-build/tcp-limits.patch).
 * - `announcedAddress`: what browsers are told; the configuration makes sure that a wildcard always has one. A socket has
 *   one here; `ice-candidates.ts` adds the others. The address behind it is not exposed as well (`exposeInternalIp`): outside
 *   it leads nowhere and tells about the inner network.
 * - Socket buffers stay as the system sets them (`sendBufferSize`, `recvBufferSize`): notes are short, and the system's
 *   limits would cut larger wishes silently.
 *
 * @param workerIndex from 0 to `config.rtc.workers` - 1
 */
export function webRtcServerOptions(config: Config, workerIndex: number): WebRtcServerOptions {
  const port = rtcPort(config, workerIndex);
  const listenInfos = protocols(config).flatMap((protocol) =>
    config.rtc.listen.map(
      ({ ip, announced: [announcedAddress], ipv6Only }): TransportListenInfo => ({
        protocol,
        ip,
        port,
        ...(announcedAddress === undefined ? {} : { announcedAddress }),
        ...(ipv6Only ? { flags: { ipv6Only } } : {}),
      }),
    ),
  );
  return { listenInfos };
}

/**
 * What the worker says when it cannot take a port: `uv_udp_bind() failed [protocol:udp, ip:'127.0.0.1', port:44444]:
 * reason`.
 */
const BIND_FAILURE = /failed \[protocol:(udp|tcp), ip:'([^']*)', port:\d+\]: (.+)$/;

/** From here on Linux gives ports to outgoing connections (net.ipv4.ip_local_port_range), any of which may hold one for a while. */
const EPHEMERAL_FROM = 32_768;

const EPHEMERAL_HINT = ` Any outgoing connection may hold a port from ${EPHEMERAL_FROM} on: choose one below, or reserve it (sysctl net.ipv4.ip_local_reserved_ports).`;

/** Another program has a port of the data channels, perhaps for a moment only. */
export class RtcPortTaken extends Error {
  override readonly name = 'RtcPortTaken';
}

/**
 * Turns mediasoup's refusal of `createWebRtcServer` into what to do about it.
 *
 * @param error whatever it rejected with
 * @param workerIndex the worker, from 0, that the WebRTC server was for
 * @returns an error that says what to set, with `error` as its cause; or `error` itself when it is not about a socket
 */
export function rtcPortProblem(error: unknown, config: Config, workerIndex: number): Error {
  const original = error instanceof Error ? error : new Error(String(error));
  const [, protocol, ip = '', reason] = BIND_FAILURE.exec(original.message) ?? [];
  if (protocol === undefined) return original;

  const port = rtcPort(config, workerIndex);
  const socket = `Port ${port}/${protocol}`;
  const worker = workerIndex === 0 ? '' : ` (worker ${workerIndex + 1} uses GLIR_RTC_PORT + ${workerIndex})`;
  switch (reason) {
    case 'address already in use':
      return new RtcPortTaken(
        `${socket} is taken by another program${worker}. Set GLIR_RTC_PORT or stop it.${port < EPHEMERAL_FROM ? '' : EPHEMERAL_HINT}`,
        { cause: error },
      );
    case 'permission denied':
      return new Error(`${socket} may not be used by this user${worker}. Set GLIR_RTC_PORT to a port above 1023.`, {
        cause: error,
      });
    case 'address not available':
    case 'address family not supported':
      return new Error(
        `${ip} cannot be listened on: this machine does not have it. Set GLIR_RTC_LISTEN to one that it has, or 0.0.0.0.`,
        {
          cause: error,
        },
      );
    default:
      return new Error(
        `${socket} on ${ip} cannot be used (${reason})${worker}. Set GLIR_RTC_PORT or GLIR_RTC_LISTEN.`,
        { cause: error },
      );
  }
}
