import type { Clock } from '../clock.ts';
import { createTokenBucket } from '../limits/token-bucket.ts';
import { Refused } from '../protocol/errors.ts';
import type { Request } from '../protocol/messages.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';
import type { RoomRouter } from '../sfu/room-router.ts';

type Dtls = Request<'open-files'>['dtls'];

/** How often a tab may connect for its files anew: more than a page does whose line breaks again and again. */
const OPENINGS = { burst: 8, perSecond: 0.2 };

/** The reader's end of its files' channel is its transport's first stream, both ways. */
const READER_STREAM = 0;

interface ReaderFiles {
  readonly transport: PeerTransport;
  /** The composer's stream for this reader. */
  readonly producerId: string;
}

/**
 * The transports on which a room's files travel: one of the composer, and one of each admitted reader, made when there are files.
 * They are apart from those of the note, which files never keep waiting.
 */
export class FileStreams {
  readonly #router: RoomRouter;
  readonly #mayOpen: () => boolean;
  readonly #clock: Clock;
  #composer: PeerTransport | null = null;
  readonly #readers = new Map<string, ReaderFiles>();
  readonly #mayReaderOpen = new Map<string, () => boolean>();

  constructor(router: RoomRouter, clock: Clock) {
    this.#router = router;
    this.#clock = clock;
    this.#mayOpen = createTokenBucket(clock, OPENINGS);
  }

  /** Connects the composer; whatever there was before is closed. Rejects with Refused. */
  async openComposer(dtls: Dtls): Promise<PeerTransport> {
    if (!this.#mayOpen()) throw new Refused('too-often');
    const transport = await this.#connect(null, 'files-from-composer', dtls);
    this.#composer?.close();
    for (const readerId of [...this.#readers.keys()]) this.#close(readerId);
    this.#composer = transport;
    return transport;
  }

  /**
   * Connects an admitted reader with the composer, both ways; `streamId` is the composer's for it. Rejects with Refused: with
   * `not-open` while the composer is not connected for files.
   *
   * @param isThere whether the reader still is, when its transport is made
   */
  async openReader(
    { readerId, network }: { readerId: string; network: string },
    dtls: Dtls,
    isThere: () => boolean,
  ): Promise<{ transport: PeerTransport; streamId: number }> {
    const mayOpen = this.#mayReaderOpen.get(readerId) ?? createTokenBucket(this.#clock, OPENINGS);
    this.#mayReaderOpen.set(readerId, mayOpen);
    if (!mayOpen()) throw new Refused('too-often');
    const composer = this.#composer;
    if (composer === null) throw new Refused('not-open');
    this.#close(readerId);
    const transport = await this.#connect(network, 'files-to-reader', dtls);
    try {
      const fromReader = await transport.produce({ streamId: READER_STREAM, ordered: true });
      const toComposer = await composer.consume(fromReader);
      const { streamId } = toComposer.info.sctpStreamParameters;
      const producerId = await composer.produce({ streamId, ordered: true });
      const toReader = await transport.consume(producerId);
      await Promise.all([toComposer.resume(), toReader.resume()]);
      if (!isThere() || this.#composer !== composer) {
        composer.closeProducer(producerId);
        throw new Refused('not-open');
      }
      this.#close(readerId);
      this.#readers.set(readerId, { transport, producerId });
      return { transport, streamId };
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** The reader is gone. */
  closeReader(readerId: string): void {
    this.#mayReaderOpen.delete(readerId);
    this.#close(readerId);
  }

  #close(readerId: string): void {
    const reader = this.#readers.get(readerId);
    this.#readers.delete(readerId);
    reader?.transport.close();
    if (reader !== undefined) this.#composer?.closeProducer(reader.producerId);
  }

  async #connect(network: string | null, use: 'files-to-reader' | 'files-from-composer', dtls: Dtls) {
    const transport = await this.#router.openTransport(network, use);
    try {
      await transport.connect(dtls);
      return transport;
    } catch (error) {
      transport.close();
      throw error;
    }
  }
}
