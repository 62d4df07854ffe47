import type { WebRtcServer, WebRtcTransportOptions } from 'mediasoup/types';
import { WINDOW_MAX_BYTES } from '../src/protocol/files/flow-control.ts';

/**
 * Largest message in bytes, both ways. A note of 64 KiB, padded and sealed, fits into one message with room to spare;
 * browsers learn the limit and refuse to send more, and the worker drops what a foreign client sends beyond it. A fixed
 * power of two, because it is part of what both sides agree on.
 */
const MAX_MESSAGE_BYTES = 128 * 1024;

/**
 * Bytes that may wait for one reader's channel. The worker drops a whole message when this much is waiting already, so
 * what an application has in flight on one channel must stay below it. Four of the largest messages: the note and its
 * next updates while the first is still on its way over a slow line.
 */
const STREAM_QUEUE_BYTES = 4 * MAX_MESSAGE_BYTES;

/** The same for files, which have a transport of their own: what a composer may have on the way to one reader, and some more. */
const FILE_QUEUE_BYTES = (WINDOW_MAX_BYTES * 5) / 4;

/** What a reader says about its files may wait in the same way: some thousand bytes, so that no reader can hold much. */
const PROGRESS_QUEUE_BYTES = 128 * 1024;

/** All readers that a room can have may fill theirs, and none of them takes the place of another. */
const PROGRESS_BUFFER_BYTES = 32 * PROGRESS_QUEUE_BYTES;

/**
 * Bytes that may wait for one tab, over all its channels. Only a composer has many, and each carries receipts of some
 * hundred bytes: twice one channel's share is plenty. It also bounds what a hostile tab can make the worker keep
 * (mediasoup allows 2 MB).
 */
const SEND_BUFFER_BYTES = 2 * STREAM_QUEUE_BYTES;

/**
 * Bytes of unfinished messages taken from one tab before it has to wait. It must exceed the largest message; four of
 * them keep 5 MB/s flowing at a round trip of 100 ms, far above any need, while a hostile tab cannot fill 5 MiB
 * (mediasoup's default).
 */
const RECEIVE_WINDOW_BYTES = 4 * MAX_MESSAGE_BYTES;

/** The same for a composer's files: 20 MB/s at a round trip of 100 ms. */
const FILE_WINDOW_BYTES = 16 * MAX_MESSAGE_BYTES;

/** What a tab's transport carries: the note, files to a reader, or from the composer, who hears how far its readers are. */
export type TransportUse = 'note' | 'files-to-reader' | 'files-from-composer';

const QUEUES = {
  note: { sctpSendBufferSize: SEND_BUFFER_BYTES, sctpPerStreamSendQueueLimit: STREAM_QUEUE_BYTES },
  'files-to-reader': { sctpSendBufferSize: 2 * FILE_QUEUE_BYTES, sctpPerStreamSendQueueLimit: FILE_QUEUE_BYTES },
  'files-from-composer': {
    sctpSendBufferSize: PROGRESS_BUFFER_BYTES,
    sctpPerStreamSendQueueLimit: PROGRESS_QUEUE_BYTES,
  },
} as const;

/**
 * Seconds without a sign of life from the browser (RFC 7675) before the worker calls the connection lost. Browsers ask
 * every few seconds and give up after 15 by themselves; a shorter limit would drop connections that they still mean to
 * save, and a longer one would tell about a lost composer only after the room's grace of 30. mediasoup takes 10 to 60.
 */
const ICE_CONSENT_SECONDS = 20;

/**
 * Options of one tab's transport, on its worker's WebRTC server.
 *
 * UDP and TCP are both offered and UDP is preferred. There is no media, so the bitrate options do not matter.
 */
export function webRtcTransportOptions(webRtcServer: WebRtcServer, use: TransportUse = 'note'): WebRtcTransportOptions {
  return {
    webRtcServer,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
    enableSctp: true,
    maxSendMessageSize: MAX_MESSAGE_BYTES,
    maxReceiveMessageSize: MAX_MESSAGE_BYTES,
    ...QUEUES[use],
    sctpMaxReceiverWindowBufferSize: use === 'files-from-composer' ? FILE_WINDOW_BYTES : RECEIVE_WINDOW_BYTES,
    iceConsentTimeout: ICE_CONSENT_SECONDS,
  };
}
