/**
 * A WebRTC connection that carries one data channel and no media. Its offer is made before anything is known of the server,
 * so that the fingerprint of its certificate travels with the join, and the server is ready when the first packet comes.
 */
import type { Bytes } from '../../src/protocol/bytes.ts';
import type { Reply, Request, TransportInfo } from '../../src/protocol/messages.ts';
import type { Observed } from './connection-failure.ts';
import { answerTo, fingerprintOf } from './data-sdp.ts';
import { type IceSignalling, keepIceConnected } from './ice-restart.ts';

/** The stream that mediasoup gives the first consumer of a transport. */
const FIRST_STREAM = 0;

type Dtls = Request<'connect'>['dtls'];

/** What a reader's connection tells its page. */
export interface ReaderConnectionHandlers {
  signal: AbortSignal;
  frame(frame: Bytes): void;
  closed(): void;
}

export interface ReaderTransport extends Observed {
  /** Fulfilled once data can flow; rejects when the connection fails. */
  opened: Promise<void>;
  close(): void;
}

/** This page's half of a connection. */
export interface PreparedConnection {
  /** Goes to the server with the join. */
  readonly dtls: Dtls;
  /**
   * Connects to the stream that was made for this reader. `on.frame` gets what the composer sends, in order. Rejects when
   * `on.signal` is aborted before it is connected.
   */
  connect(joined: Reply<'join'>, signalling: IceSignalling, on: ReaderConnectionHandlers): Promise<ReaderTransport>;
  close(): void;
}

/** Makes this page's half of a connection, in a few milliseconds; null where the browser cannot do it this way. */
export async function prepareConnection(): Promise<PreparedConnection | null> {
  let peer: RTCPeerConnection | null = null;
  try {
    peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const first = peer.createDataChannel('', { negotiated: true, id: FIRST_STREAM });
    const offer = await peer.createOffer();
    return connectionOf(peer, first, offer, fingerprintOf(offer.sdp ?? ''));
  } catch {
    peer?.close();
    return null;
  }
}

function connectionOf(
  peer: RTCPeerConnection,
  first: RTCDataChannel,
  offer: RTCSessionDescriptionInit,
  fingerprint: Dtls['fingerprints'][number],
): PreparedConnection {
  const close = () => peer.close();

  function channelFor({ sctpStreamParameters, label, protocol }: Reply<'join'>['channel']): RTCDataChannel {
    const { streamId, ordered = true } = sctpStreamParameters;
    if (streamId === FIRST_STREAM && ordered) return first;
    return peer.createDataChannel(label, { negotiated: true, id: streamId, ordered, protocol });
  }

  return {
    dtls: { fingerprints: [fingerprint] },
    close,
    async connect(joined, signalling, on) {
      on.signal.addEventListener('abort', close);
      on.signal.throwIfAborted();
      const { transport } = joined;
      const channel = channelFor(joined.channel);
      channel.binaryType = 'arraybuffer';
      channel.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) on.frame(new Uint8Array(data));
      });
      const opened = openingOf(peer, channel);
      opened.then(
        () => channel.addEventListener('close', on.closed),
        () => undefined,
      );
      peer.setConfiguration(configurationOf(transport));
      await peer.setLocalDescription(offer);
      await peer.setRemoteDescription(answerTo(offer.sdp ?? '', transport, transport.iceParameters));
      on.signal.throwIfAborted();
      const ended = endOf(peer);
      keepIceConnected(restartable(peer, transport, ended.promise), signalling);
      return { opened, close: ended.close, getStats: () => peer.getStats() };
    },
  };
}

function configurationOf({ iceServers, iceTransportPolicy }: Pick<TransportInfo, 'iceServers' | 'iceTransportPolicy'>) {
  return { iceServers, iceTransportPolicy, bundlePolicy: 'max-bundle' } as const;
}

/** Fulfilled when the channel is open; rejects when it closes before, or its connection fails. */
function openingOf(peer: RTCPeerConnection, channel: RTCDataChannel): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  channel.addEventListener('open', () => resolve());
  channel.addEventListener('close', () => reject(new Error('the channel closed')));
  peer.addEventListener('connectionstatechange', () => {
    if (peer.connectionState === 'failed') reject(new Error('no connection'));
  });
  // It may reject while nobody waits for it.
  promise.catch(() => undefined);
  return promise;
}

function endOf(peer: RTCPeerConnection): { promise: Promise<void>; close(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    promise,
    close() {
      peer.close();
      resolve();
    },
  };
}

/** The connection as an ICE restart wants it. */
function restartable(peer: RTCPeerConnection, transport: TransportInfo, ended: Promise<void>) {
  return {
    get closed() {
      return peer.connectionState === 'closed';
    },
    get connectionState() {
      return peer.connectionState;
    },
    updateIceServers({ iceServers }: { iceServers: RTCIceServer[] }): Promise<void> {
      peer.setConfiguration({ ...peer.getConfiguration(), iceServers });
      return Promise.resolve();
    },
    async restartIce({ iceParameters }: { iceParameters: TransportInfo['iceParameters'] }): Promise<void> {
      const offer = await peer.createOffer({ iceRestart: true });
      await peer.setLocalDescription(offer);
      await peer.setRemoteDescription(answerTo(offer.sdp ?? '', transport, iceParameters));
    },
    on(_event: 'connectionstatechange', run: (state: string) => void): void {
      peer.addEventListener('connectionstatechange', () => run(peer.connectionState));
    },
    observer: {
      on: (_event: 'close', run: () => void): void => void ended.then(run),
    },
  };
}
