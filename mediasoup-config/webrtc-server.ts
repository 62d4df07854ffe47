import type { TransportListenInfo, TransportProtocol, WebRtcServerOptions } from 'mediasoup/types';
import type { Config } from '../src/config/config.ts';

/** UDP first: a lost packet holds up one message there, and everything behind it on TCP. */
const PROTOCOLS: readonly TransportProtocol[] = ['udp', 'tcp'];

/** The port that worker `workerIndex` (from 0) takes, UDP and TCP. */
export function rtcPort(config: Config, workerIndex: number): number {
  return config.rtc.port + workerIndex;
}

/**
 * Options of a worker's only WebRTC server, which carries all its rooms.
 *
 * - One port per worker: firewalls open one known port instead of 50,000.
 * - TCP on the same port: networks that drop UDP still get through, at some cost in time.
 * - `announcedAddress`: what browsers are told; the configuration makes sure that a wildcard always has one. The
 *   address behind it is not exposed as well (`exposeInternalIp`): outside it leads nowhere and tells about the inner
 *   network.
 * - Socket buffers stay as the system sets them (`sendBufferSize`, `recvBufferSize`): notes are short, and the system's
 *   limits would cut larger wishes silently.
 *
 * @param workerIndex from 0 to `config.rtc.workers` - 1
 */
export function webRtcServerOptions(config: Config, workerIndex: number): WebRtcServerOptions {
  const port = rtcPort(config, workerIndex);
  const listenInfos = PROTOCOLS.flatMap((protocol) =>
    config.rtc.listen.map(
      ({ ip, announced, ipv6Only }): TransportListenInfo => ({
        protocol,
        ip,
        port,
        ...(announced === null ? {} : { announcedAddress: announced }),
        ...(ipv6Only ? { flags: { ipv6Only } } : {}),
      }),
    ),
  );
  return { listenInfos };
}
