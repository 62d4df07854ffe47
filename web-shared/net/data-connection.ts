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
type JoinedTransport = Pick<Reply<'join'>, 'transport' | 'channel'>;

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
  readonly peer: RTCPeerConnection;
  readonly offer: RTCSessionDescriptionInit;
  /** The channel of the first stream, which its offer already has. */
  readonly first: RTCDataChannel;
  /** Once it has been begun. */
  begun: BegunConnection | null;
  close(): void;
}

interface BegunConnection {
  readonly channel: RTCDataChannel;
  /** Fulfilled when ICE is on its way. */
  readonly negotiated: Promise<void>;
}

/** Makes this page's half of a connection, in a few milliseconds; null where the browser cannot do it this way. */
export async function prepareConnection(): Promise<PreparedConnection | null> {
  let peer: RTCPeerConnection | null = null;
  try {
    const made = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    peer = made;
    const first = made.createDataChannel('', { negotiated: true, id: FIRST_STREAM });
    const offer = await made.createOffer();
    const dtls = { fingerprints: [fingerprintOf(offer.sdp ?? '')] };
    return { dtls, peer: made, offer, first, begun: null, close: () => made.close() };
  } catch {
    peer?.close();
    return null;
  }
}

/** Connects to the transport and the stream that were made for this reader; once, however often it is called. */
export function beginConnection(prepared: PreparedConnection, joined: JoinedTransport): BegunConnection {
  const { peer, offer } = prepared;
  const begin = async (): Promise<void> => {
    const { transport } = joined;
    peer.setConfiguration(configurationOf(transport));
    await peer.setLocalDescription(offer);
    await peer.setRemoteDescription(answerTo(offer.sdp ?? '', transport, transport.iceParameters));
  };
  if (prepared.begun === null) {
    prepared.begun = { channel: channelFor(prepared, joined.channel), negotiated: begin() };
    // Whoever opens it hears of a failure, and that may be later.
    prepared.begun.negotiated.catch(() => undefined);
  }
  return prepared.begun;
}

/**
 * Opens a connection, begun or not. `on.frame` gets what the composer sends, in order. Rejects when `on.signal` is aborted
 * before it is connected.
 */
export async function openPrepared(
  prepared: PreparedConnection,
  joined: Reply<'join'>,
  signalling: IceSignalling,
  on: ReaderConnectionHandlers,
): Promise<ReaderTransport> {
  const { peer, close } = prepared;
  on.signal.addEventListener('abort', close);
  on.signal.throwIfAborted();
  const { channel, negotiated } = beginConnection(prepared, joined);
  channel.binaryType = 'arraybuffer';
  channel.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) on.frame(new Uint8Array(data));
  });
  const opened = openingOf(peer, channel);
  opened.then(
    () => channel.addEventListener('close', on.closed),
    () => undefined,
  );
  await negotiated;
  on.signal.throwIfAborted();
  const ended = endOf(peer);
  keepIceConnected(restartable(peer, joined.transport, ended.promise), signalling);
  return { opened, close: ended.close, getStats: () => peer.getStats() };
}

function channelFor(
  { peer, first }: PreparedConnection,
  { sctpStreamParameters, label, protocol }: Reply<'join'>['channel'],
): RTCDataChannel {
  const { streamId, ordered = true } = sctpStreamParameters;
  if (streamId === FIRST_STREAM && ordered) return first;
  return peer.createDataChannel(label, { negotiated: true, id: streamId, ordered, protocol });
}

function configurationOf({ iceServers, iceTransportPolicy }: Pick<TransportInfo, 'iceServers' | 'iceTransportPolicy'>) {
  return { iceServers, iceTransportPolicy, bundlePolicy: 'max-bundle' } as const;
}

/** Fulfilled when the channel is open; rejects when it closes before, or its connection fails. */
function openingOf(peer: RTCPeerConnection, channel: RTCDataChannel): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // It may have been begun before anybody was there to listen.
  if (channel.readyState === 'open') resolve();
  if (channel.readyState === 'closed') reject(new Error('the channel closed'));
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
