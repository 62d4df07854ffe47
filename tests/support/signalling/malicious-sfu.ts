/**
 * In place of the pages' WebRTC: streams that a test's own server carries, and does with as it likes. A test file puts
 * it there with `vi.mock`.
 */
import type { Bytes } from '../../../src/protocol/bytes.ts';
import type { Prekey } from '../../../src/protocol/crypto/handshake.ts';
import type { Reply, TransportInfo } from '../../../src/protocol/messages.ts';
import type { ReaderTransport } from '../../../web-shared/net/data-connection.ts';
import type { SignallingClient } from '../../../web-shared/net/signalling-client.ts';
import type { ComposerTransport } from '../../../web-shared/net/webrtc-transport.ts';

/** What the server in the middle does with a frame of a stream. */
type Carry = (streamId: string, frame: Bytes) => void;

let carry: Carry = () => undefined;
const ends = new Map<string, (frame: Bytes) => void>();

/** Has all frames go through `by`; forgets every stream there was. */
export function carryFrames(by: Carry): void {
  carry = by;
  ends.clear();
}

/** Hands a frame to whoever is at the end of a stream. */
export function deliver(streamId: string, frame: Bytes): void {
  ends.get(streamId)?.(frame);
}

export const canConnect = (): boolean => true;
export const warmUp = (): void => undefined;

/** The composer's end. */
export function openComposerTransport(_info: TransportInfo, signalling: SignallingClient): Promise<ComposerTransport> {
  let streamId = 0;
  return Promise.resolve({
    async publish(prekey: Prekey) {
      streamId += 1;
      const { prekeyId } = await signalling.request('prekey', { sctp: { streamId }, prekey });
      let open = true;
      return {
        id: prekeyId,
        send(frame) {
          if (!open) return Promise.reject(new Error('the stream is closed'));
          carry(prekeyId, frame);
          return Promise.resolve();
        },
        close() {
          open = false;
        },
      };
    },
    opened: Promise.resolve(),
    getStats: () => Promise.resolve(new Map()),
    close: () => undefined,
  });
}

/** The reader's end. */
export function openReaderTransport(
  joined: Reply<'join'>,
  _signalling: SignallingClient,
  on: { frame(frame: Bytes): void; closed(): void },
): Promise<ReaderTransport> {
  const streamId = joined.channel.dataProducerId;
  ends.set(streamId, on.frame);
  return Promise.resolve({
    opened: Promise.resolve(),
    getStats: () => Promise.resolve(new Map()),
    close: () => void ends.delete(streamId),
  });
}
