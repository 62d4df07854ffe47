import type { types } from 'mediasoup';
import { dataConsumerOptions, dataProducerOptions } from '../../mediasoup-config/data-channel.ts';
import { announcedCandidates } from '../../mediasoup-config/ice-candidates.ts';
import { iceServers } from '../../mediasoup-config/ice-servers.ts';
import { type TransportUse, webRtcTransportOptions } from '../../mediasoup-config/webrtc-transport.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { Refused } from '../protocol/errors.ts';
import type { Reply, Request, TransportInfo } from '../protocol/messages.ts';

type Dtls = Request<'connect'>['dtls'];
type SctpStream = Request<'prekey'>['sctp'];

/** A reader's end of the composer's stream. It starts paused: nothing flows before admission. */
export interface Channel {
  info: Reply<'join'>['channel'];
  resume(): Promise<void>;
}

/** The server's end of one tab's WebRTC connection. Once it is closed, requests throw Refused `not-open`. */
export interface PeerTransport {
  /**
   * What the tab needs to connect, with ICE servers whose credentials are made for it.
   *
   * @param lifeMs how long the credentials have to work
   */
  info(lifeMs: number): TransportInfo;
  /** Whether data can flow. */
  isConnected(): boolean;
  /** How far the tab has come: nothing of it arrived, it answers at an address (ICE), or it is encrypted (DTLS). */
  arrived(): 'nothing' | 'ice' | 'dtls';
  /** Throws Refused `bad-message` when the parameters cannot be right, `not-allowed` the second time. */
  connect(dtls: Dtls): Promise<void>;
  /** New parameters, and ICE servers with fresh credentials for so many milliseconds. */
  restartIce(lifeMs: number): Promise<Pick<TransportInfo, 'iceParameters' | 'iceServers'>>;
  /** Takes a stream that the composer made; gives its id. Throws Refused `bad-message` when it cannot be one. */
  produce(sctp: SctpStream): Promise<string>;
  /** Lets this tab receive a stream, paused. */
  consume(producerId: string): Promise<Channel>;
  /** Closes one stream of this tab, and every channel that received it. */
  closeProducer(producerId: string): void;
  close(): void;
}

/**
 * Throws Refused `not-open` when the router closes meanwhile.
 *
 * @param user of the TURN servers; null for a tab that gets none
 * @param onConnected hears once how long it took until data could flow
 */
export async function createPeerTransport(
  router: types.Router,
  server: types.WebRtcServer,
  user: string | null,
  config: Config,
  clock: Clock,
  onConnected: (seconds: number) => void,
  use: TransportUse = 'note',
): Promise<PeerTransport> {
  const transport = await router.createWebRtcTransport(webRtcTransportOptions(server, use)).catch((error: unknown) => {
    throw router.closed ? new Refused('not-open') : error;
  });
  // Made while its router closed, it did not hear of it.
  if (router.closed) {
    transport.close();
    throw new Refused('not-open');
  }
  const begun = clock.uptime();
  let wasConnected = false;
  transport.on('sctpstatechange', (state) => {
    if (state !== 'connected' || wasConnected) return;
    wasConnected = true;
    onConnected((clock.uptime() - begun) / 1000);
  });
  const producers = new Map<string, types.DataProducer>();
  let connected = false;

  /** A room may end while the worker is asked for something; that is nobody's mistake. */
  async function whileOpen<Result>(request: Promise<Result>): Promise<Result> {
    try {
      return await request;
    } catch (error) {
      throw transport.closed ? new Refused('not-open') : error;
    }
  }

  /** What the worker does not take from a tab is the tab's mistake, unless the transport is gone. */
  async function fromTab<Result>(request: Promise<Result>): Promise<Result> {
    try {
      return await request;
    } catch {
      throw new Refused(transport.closed ? 'not-open' : 'bad-message');
    }
  }

  const relays = (lifeMs: number) => iceServers(config, { until: clock.now() + lifeMs, user });

  return {
    info(lifeMs) {
      const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
      if (sctpParameters === undefined) throw new Error('the transport was made without SCTP');
      return {
        id,
        iceParameters,
        iceCandidates: announcedCandidates(iceCandidates, config).map(({ tcpType, ...candidate }) => ({
          ...candidate,
          type: 'host',
          ...(tcpType === undefined ? {} : { tcpType }),
        })),
        dtlsParameters,
        sctpParameters,
        iceServers: relays(lifeMs),
        iceTransportPolicy: config.ice.transport,
      };
    },
    isConnected: () => transport.sctpState === 'connected',
    arrived() {
      if (transport.dtlsState === 'connected') return 'dtls';
      return transport.iceState === 'new' ? 'nothing' : 'ice';
    },
    async connect(dtlsParameters) {
      if (connected) throw new Refused('not-allowed');
      await fromTab(transport.connect({ dtlsParameters }));
      connected = true;
    },
    async restartIce(lifeMs) {
      return { iceParameters: await whileOpen(transport.restartIce()), iceServers: relays(lifeMs) };
    },
    async produce(sctpStreamParameters) {
      const producer = await fromTab(transport.produceData({ ...dataProducerOptions(), sctpStreamParameters }));
      producers.set(producer.id, producer);
      producer.observer.once('close', () => producers.delete(producer.id));
      return producer.id;
    },
    async consume(dataProducerId) {
      const consumer = await whileOpen(
        transport.consumeData({ ...dataConsumerOptions(), dataProducerId, paused: true }),
      );
      const { id, sctpStreamParameters, label, protocol } = consumer;
      if (sctpStreamParameters === undefined) throw new Error('the channel was made without SCTP');
      return {
        info: { id, dataProducerId, sctpStreamParameters, label, protocol },
        resume: () => whileOpen(consumer.resume()),
      };
    },
    closeProducer: (producerId) => producers.get(producerId)?.close(),
    close: () => transport.close(),
  };
}
