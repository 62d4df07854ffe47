/**
 * A page's connection for files, beside the one that carries the note: with a congestion control and queues of its own, so that files
 * never keep the note waiting. It is made when there are files, and made anew when it breaks.
 */
import type { Bytes } from '../../src/protocol/bytes.ts';
import type { PageClock, Timer } from '../clock.ts';
import { beginConnection, type PreparedConnection, prepareConnection } from './data-connection.ts';
import type { SignallingClient } from './signalling-client.ts';

/** How long a connection may be broken before another one is made. */
const BROKEN_MS = 3_000;

/** Below that, more is to be given to the browser. */
const LOW_BYTES = 256 * 1024;

/** The stream of a reader, and the first one of a composer. */
const FIRST_STREAM = 0;

interface FilesChannelHandlers {
  opened(): void;
  frame(frame: Bytes): void;
  /** The browser has sent most of what it was given. */
  drained(): void;
  closed(): void;
}

/** One reader's channel for files, both ways. */
export interface FilesChannel {
  /** Bytes that the browser has not sent yet. */
  readonly bufferedBytes: number;
  /** What cannot be sent is lost: the other side says where to go on. */
  send(frame: Bytes): void;
  close(): void;
}

export interface FilesConnection {
  channel(streamId: number, on: FilesChannelHandlers): FilesChannel;
  close(): void;
}

/** Rejects with Refused or Disconnected, or when this browser cannot. `lost` is called once, not after `close`. */
export async function openFilesConnection(
  signalling: Pick<SignallingClient, 'request'>,
  clock: PageClock,
  lost: () => void,
): Promise<FilesConnection> {
  const prepared = await prepareConnection();
  if (prepared === null) throw new Error('this browser cannot connect for files');
  try {
    const { transport } = await signalling.request('open-files', { dtls: prepared.dtls });
    const sctpStreamParameters = { streamId: FIRST_STREAM, ordered: true };
    const channel = { id: '', dataProducerId: '', sctpStreamParameters, label: '', protocol: '' };
    await beginConnection(prepared, { transport, channel }).negotiated;
  } catch (error) {
    prepared.close();
    throw error;
  }
  const stopWatching = watch(prepared.peer, clock, lost);
  return {
    channel: (streamId, on) => channelOn(prepared, streamId, on),
    close() {
      stopWatching();
      prepared.close();
    },
  };
}

function channelOn({ peer, first }: PreparedConnection, streamId: number, on: FilesChannelHandlers): FilesChannel {
  const isFirst = streamId === FIRST_STREAM;
  const channel = isFirst ? first : peer.createDataChannel('', { negotiated: true, id: streamId, ordered: true });
  let isClosed = false;
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = LOW_BYTES;
  channel.addEventListener('open', () => on.opened());
  channel.addEventListener('bufferedamountlow', () => on.drained());
  channel.addEventListener('message', ({ data }) => {
    if (!isClosed && data instanceof ArrayBuffer) on.frame(new Uint8Array(data));
  });
  channel.addEventListener('close', () => {
    if (isClosed) return;
    isClosed = true;
    on.closed();
  });
  if (channel.readyState === 'open') queueMicrotask(() => on.opened());
  return {
    get bufferedBytes() {
      return channel.bufferedAmount;
    },
    send(frame) {
      if (channel.readyState === 'open') channel.send(frame);
    },
    close() {
      isClosed = true;
      channel.close();
    },
  };
}

/** Calls `lost` when the connection failed, or was broken for too long. Gives what stops it. */
function watch(peer: RTCPeerConnection, clock: PageClock, lost: () => void): () => void {
  let broken: Timer | null = null;
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    broken?.cancel();
    peer.close();
    lost();
  };
  peer.addEventListener('connectionstatechange', () => {
    broken?.cancel();
    if (peer.connectionState === 'failed') finish();
    if (peer.connectionState === 'disconnected') broken = clock.after(BROKEN_MS, finish);
  });
  return () => {
    isOver = true;
    broken?.cancel();
  };
}
