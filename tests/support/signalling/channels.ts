import wrtc from '@roamhq/wrtc';
import { Device, type types } from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import type { Bytes } from '../../../src/protocol/bytes.ts';
import type { Prekey } from '../../../src/protocol/crypto/handshake.ts';
import { Refused } from '../../../src/protocol/errors.ts';
import {
  type Reply,
  type Request,
  type RequestType,
  replySchemas,
  type TransportInfo,
} from '../../../src/protocol/messages.ts';
import type { RawClient } from './client.ts';

const NO_MEDIA: types.RtpCapabilities = { codecs: [], headerExtensions: [] };

/** The composer's stream to one reader. */
export interface ComposerStream {
  /** The offer's id, which is also the stream's at the server. */
  id: string;
  /** Fulfilled once the stream can carry data. */
  opened: Promise<void>;
  send(frame: Bytes): void;
  close(): void;
}

/** The composer's real WebRTC connection. */
export interface ComposerChannels {
  /** Makes a stream and publishes it with an offer. */
  publish(prekey: Prekey): Promise<ComposerStream>;
  close(): void;
}

/** A reader's real WebRTC connection. */
export interface ReaderChannel {
  /** Every frame that came, as it came. */
  frames: Bytes[];
  /** Fulfilled once data can flow. */
  opened: Promise<void>;
  /** Fulfilled when the server, or the network, closed the stream. */
  closed: Promise<void>;
  /** The frame number `index`, counted from 0, past or coming. */
  frame(index: number): Promise<Bytes>;
  close(): void;
}

let lastId = 0;

/** Asks the signalling and gives the reply. Rejects with Refused. */
export async function request<T extends RequestType>(client: RawClient, t: T, body: Request<T>): Promise<Reply<T>> {
  lastId += 1;
  const answer = await client.ask({ t, id: lastId, ...body });
  if (answer.t === 'refused') throw new Refused(answer.code);
  if (answer.t !== 'reply') throw new Error(`"${t}" was answered with "${answer.t}"`);
  return replySchemas[t].parse(answer.data) as Reply<T>;
}

export async function composerChannels(info: TransportInfo, client: RawClient): Promise<ComposerChannels> {
  const transport = (await device()).createSendTransport(info);
  connects(transport, client);
  let prekey: Prekey | null = null;
  transport.on('producedata', ({ sctpStreamParameters: { streamId = 0, ordered = true } }, done, failed) => {
    if (prekey === null) return failed(new Error('a stream is made for an offer'));
    request(client, 'prekey', { sctp: { streamId, ordered }, prekey }).then(
      ({ prekeyId }) => done({ id: prekeyId }),
      failed,
    );
  });
  let queue: Promise<unknown> = Promise.resolve();

  async function publish(next: Prekey): Promise<ComposerStream> {
    prekey = next;
    const producer = await transport.produceData({ ordered: true });
    const opened = new Promise<void>((resolve) => {
      if (producer.readyState === 'open') resolve();
      producer.on('open', resolve);
    });
    return {
      id: producer.id,
      opened,
      send: (frame) => producer.send(frame),
      close: () => producer.close(),
    };
  }

  return {
    publish(next) {
      const channel = queue.then(() => publish(next));
      queue = channel.catch(() => undefined);
      return channel;
    },
    close: () => transport.close(),
  };
}

export async function readerChannel(
  { transport: info, channel }: Reply<'join'>,
  client: RawClient,
): Promise<ReaderChannel> {
  const transport = (await device()).createRecvTransport(info);
  connects(transport, client);
  const consumer = await transport.consumeData(channel);
  consumer.binaryType = 'arraybuffer';
  const frames: Bytes[] = [];
  const waiting = new Set<() => void>();
  consumer.on('message', (data: unknown) => {
    if (!(data instanceof ArrayBuffer)) throw new TypeError('frames are bytes');
    frames.push(new Uint8Array(data));
    for (const check of waiting) check();
  });
  const opened = new Promise<void>((resolve) => {
    if (consumer.readyState === 'open') resolve();
    consumer.on('open', resolve);
  });
  return {
    frames,
    opened,
    closed: new Promise((resolve) => consumer.on('close', resolve)),
    frame: (index) =>
      new Promise((resolve) => {
        const check = () => {
          const frame = frames[index];
          if (frame === undefined) return;
          waiting.delete(check);
          resolve(frame);
        };
        waiting.add(check);
        check();
      }),
    close: () => transport.close(),
  };
}

async function device(): Promise<Device> {
  Object.assign(globalThis, { RTCPeerConnection: wrtc.RTCPeerConnection, MediaStream: wrtc.MediaStream });
  const device = new Device({
    handlerFactory: { ...Chrome111.createFactory({}), getNativeRtpCapabilities: async () => NO_MEDIA },
  });
  await device.load({ routerRtpCapabilities: NO_MEDIA });
  return device;
}

function connects(transport: types.Transport, client: RawClient): void {
  transport.on('connect', ({ dtlsParameters: { role, fingerprints } }, done, failed) => {
    request(client, 'connect', { dtls: { ...(role === undefined ? {} : { role }), fingerprints } }).then(
      () => done(),
      failed,
    );
  });
}
