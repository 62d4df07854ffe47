import type { types } from 'mediasoup-client';
import { Device, detectDevice } from 'mediasoup-client';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import type { Bytes } from '../../src/protocol/bytes.ts';
import type { Prekey } from '../../src/protocol/crypto/handshake.ts';
import type { Reply, TransportInfo } from '../../src/protocol/messages.ts';
import { nextTask } from '../ui/tasks.ts';
import { hasWebRtc, type Observed } from './connection-failure.ts';
import type { ReaderConnectionHandlers, ReaderTransport } from './data-connection.ts';
import { keepIceConnected } from './ice-restart.ts';
import type { ReaderSignalling, SignallingClient } from './signalling-client.ts';

const NO_MEDIA: types.RtpCapabilities = { codecs: [], headerExtensions: [] };

export interface ReaderChannel {
  id: string;
  /** Fulfilled when the frame is on its way; waits for the stream to open first. Rejects when it cannot. */
  send(frame: Bytes): Promise<void>;
  close(): void;
}

export interface ComposerTransport extends Observed {
  /** Fulfilled once data can flow. */
  readonly opened: Promise<void>;
  /** Makes a stream for one reader and publishes it with a prekey. */
  publish(prekey: Prekey): Promise<ReaderChannel>;
  close(): void;
}

/** Whether this browser can do what GLIR needs. */
export function canConnect(): boolean {
  return hasWebRtc() && globalThis.crypto?.subtle !== undefined;
}

/** Connects the composer's page to its room. `onFailed` is called when ICE fails. */
export async function openComposerTransport(
  info: TransportInfo,
  signalling: SignallingClient,
  onFailed: () => void,
): Promise<ComposerTransport> {
  const transport = (await loadDevice()).createSendTransport(info);
  failure(transport).catch(onFailed);
  answerConnect(transport, signalling);
  keepIceConnected(transport, signalling);
  const firstOpened = Promise.withResolvers<void>();
  const prekeys = new Map<unknown, Prekey>();
  transport.on('producedata', ({ sctpStreamParameters, appData }, done, failed) => {
    const { streamId = 0, ordered = true } = sctpStreamParameters;
    const prekey = prekeys.get(appData['nonce']);
    if (prekey === undefined) return failed(new Error('a stream without a prekey'));
    prekeys.delete(prekey.nonce);
    signalling
      .request('prekey', { sctp: { streamId, ordered }, prekey })
      .then(({ prekeyId }) => done({ id: prekeyId }), failed);
  });
  return {
    async publish(prekey) {
      prekeys.set(prekey.nonce, prekey);
      const appData = { nonce: prekey.nonce };
      const producer = await transport.produceData({ ordered: true, label: 'note', appData });
      const isOpen = opened(producer);
      isOpen.then(firstOpened.resolve, () => undefined);
      return {
        id: producer.id,
        async send(frame) {
          await isOpen;
          producer.send(frame);
        },
        close: () => producer.close(),
      };
    },
    opened: firstOpened.promise,
    getStats: () => transport.getStats(),
    close: () => transport.close(),
  };
}

/**
 * Connects a reader's page to the stream that was made for it, where the page could not prepare its connection before the
 * join. `on.frame` gets what the composer sends, in order. Rejects when `on.signal` is aborted before it is connected, and
 * sends the server nothing from then on.
 */
export async function openReaderTransport(
  joined: Reply<'join'>,
  signalling: ReaderSignalling,
  on: ReaderConnectionHandlers,
): Promise<ReaderTransport> {
  // In three tasks, because on a slow phone each takes as long as a tap may wait.
  await nextTask();
  const transport = (await loadDevice()).createRecvTransport(joined.transport);
  const drop = () => transport.close();
  on.signal.addEventListener('abort', drop);
  if (on.signal.aborted) drop();
  answerConnect(transport, signalling);
  keepIceConnected(transport, signalling);
  await nextTask();
  on.signal.throwIfAborted();
  const consumer = await transport.consumeData(joined.channel);
  consumer.binaryType = 'arraybuffer';
  consumer.on('message', (data: unknown) => {
    if (data instanceof ArrayBuffer) on.frame(new Uint8Array(data));
  });
  const ready = Promise.race([opened(consumer), failure(transport)]);
  ready.then(
    () => consumer.on('close', on.closed),
    () => undefined,
  );
  return { opened: ready, close: () => transport.close(), getStats: () => transport.getStats() };
}

function failure(transport: types.Transport): Promise<never> {
  return new Promise((_, reject) => {
    transport.on('connectionstatechange', (state) => {
      if (state === 'failed') reject(new Error('no connection'));
    });
  });
}

interface Stream {
  readyState: string;
  on(event: 'open' | 'close', run: () => void): unknown;
  observer: { on(event: 'close', run: () => void): unknown };
}

/** Fulfilled when a stream is open, rejects when it closes before. */
function opened(stream: Stream): Promise<void> {
  const promise = new Promise<void>((resolve, reject) => {
    const closed = () => reject(new Error('the channel closed'));
    if (stream.readyState === 'open') resolve();
    stream.on('open', resolve);
    stream.on('close', closed);
    stream.observer.on('close', closed);
  });
  // It may reject while nobody waits for it.
  promise.catch(() => undefined);
  return promise;
}

/** GLIR has no media, so the browser is not asked for its codecs: that would take two peer connections. */
async function loadDevice(): Promise<Device> {
  const handlers = { Chrome111, Chrome74, Firefox120, Safari12, ReactNative106: Chrome111 };
  const handler = handlers[detectDevice() ?? 'Chrome111'].createFactory({});
  const device = new Device({ handlerFactory: { ...handler, getNativeRtpCapabilities: async () => NO_MEDIA } });
  await device.load({ routerRtpCapabilities: NO_MEDIA });
  return device;
}

function answerConnect(transport: types.Transport, signalling: ReaderSignalling): void {
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    if (transport.closed) return failed(new Error('the transport is closed'));
    const { role, fingerprints } = dtlsParameters;
    // Done only when the server replied: calling it earlier saves a round trip, but about one connection in a hundred
    // then loses its first SCTP packet and stalls for a second.
    const dtls = { ...(role === undefined ? {} : { role }), fingerprints };
    signalling.request('connect', { dtls }).then(() => done(), failed);
  });
}
