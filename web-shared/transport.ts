import type { types } from 'mediasoup-client';
import { Device, detectDevice } from 'mediasoup-client';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import type { Bytes } from '../src/protocol/bytes.ts';
import type { Offer } from '../src/protocol/crypto/handshake.ts';
import type { Reply, TransportInfo } from '../src/protocol/messages.ts';
import type { Signalling } from './signalling.ts';

const NO_MEDIA: types.RtpCapabilities = { codecs: [], headerExtensions: [] };

/** The stream to one reader, at the composer's end. */
export interface Outlet {
  id: string;
  send(frame: Bytes): void;
  close(): void;
}

/** The composer's WebRTC connection. */
export interface ComposerTransport {
  /** Makes a stream for one reader and publishes it with an offer. */
  publish(offer: Offer): Promise<Outlet>;
  close(): void;
}

/** The reader's WebRTC connection. */
export interface ReaderTransport {
  /** Fulfilled once data can flow; rejects when the connection fails. */
  opened: Promise<void>;
  close(): void;
}

/** Whether this browser can do what GLIR needs. */
export function canConnect(): boolean {
  return typeof RTCPeerConnection === 'function' && globalThis.crypto?.subtle !== undefined;
}

/** Connects the composer's page to its room. */
export async function openComposerTransport(info: TransportInfo, signalling: Signalling): Promise<ComposerTransport> {
  const transport = (await loadDevice()).createSendTransport(info);
  keepAlive(transport, signalling);
  const offers = new Map<unknown, Offer>();
  transport.on('producedata', ({ sctpStreamParameters, appData }, done, failed) => {
    const { streamId = 0, ordered = true } = sctpStreamParameters;
    const offer = offers.get(appData['nonce']);
    if (offer === undefined) return failed(new Error('a stream without an offer'));
    offers.delete(offer.nonce);
    signalling
      .request('offer', { sctp: { streamId, ordered }, offer })
      .then(({ offerId }) => done({ id: offerId }), failed);
  });
  return {
    async publish(offer) {
      offers.set(offer.nonce, offer);
      const appData = { nonce: offer.nonce };
      const producer = await transport.produceData({ ordered: true, label: 'note', appData });
      return { id: producer.id, send: (frame) => producer.send(frame), close: () => producer.close() };
    },
    close: () => transport.close(),
  };
}

/** Connects a reader's page to the stream that was made for it. `onFrame` gets what the composer sends, in order. */
export async function openReaderTransport(
  joined: Reply<'join'>,
  signalling: Signalling,
  on: { frame(frame: Bytes): void; lost(): void },
): Promise<ReaderTransport> {
  const transport = (await loadDevice()).createRecvTransport(joined.transport);
  keepAlive(transport, signalling);
  const consumer = await transport.consumeData(joined.channel);
  consumer.binaryType = 'arraybuffer';
  consumer.on('message', (data: unknown) => {
    if (data instanceof ArrayBuffer) on.frame(new Uint8Array(data));
  });
  const opened = new Promise<void>((resolve, reject) => {
    if (consumer.readyState === 'open') resolve();
    consumer.on('open', resolve);
    consumer.on('close', () => reject(new Error('the channel closed')));
    transport.on('connectionstatechange', (state) => state === 'failed' && reject(new Error('no connection')));
  });
  opened.then(
    () => consumer.on('close', on.lost),
    () => undefined,
  );
  return { opened, close: () => transport.close() };
}

/** GLIR carries no media, so the browser is not asked what media it can do: that costs two peer connections. */
async function loadDevice(): Promise<Device> {
  const handlers = { Chrome111, Chrome74, Firefox120, Safari12, ReactNative106: Chrome111 };
  const handler = handlers[detectDevice() ?? 'Chrome111'].createFactory({});
  const device = new Device({ handlerFactory: { ...handler, getNativeRtpCapabilities: async () => NO_MEDIA } });
  await device.load({ routerRtpCapabilities: NO_MEDIA });
  return device;
}

function keepAlive(transport: types.Transport, signalling: Signalling): void {
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    const { role, fingerprints } = dtlsParameters;
    // Answered before the server has it: ICE starts one round trip earlier, and DTLS waits for it anyway.
    signalling.request('connect', { dtls: { ...(role === undefined ? {} : { role }), fingerprints } }).catch(failed);
    done();
  });
  transport.on('connectionstatechange', (state) => {
    if (state !== 'disconnected') return;
    signalling.request('restart-ice', {}).then(
      ({ iceParameters }) => transport.restartIce({ iceParameters }),
      // The socket's own loss is handled where the socket is watched.
      () => undefined,
    );
  });
}
