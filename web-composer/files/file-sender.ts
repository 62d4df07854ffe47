import { CHUNK_BYTES } from '../../src/protocol/files/chunks.ts';
import { encodeChunkFrame, type Progress } from '../../src/protocol/files/file-frames.ts';
import { FlowControl } from '../../src/protocol/files/flow-control.ts';
import type { FilesChannel } from '../../web-shared/net/files-connection.ts';
import type { NoteFile } from './note-files.ts';

/** What is given to the browser ahead of time: more would only wait there, where nothing can overtake it. */
const BUFFERED_MAX_BYTES = 512 * 1024;

type Received = 'arriving' | 'whole' | 'damaged';

interface Position {
  /** The chunk that is sent next. */
  next: number;
  /** The first chunk that the reader has not acknowledged. */
  acknowledged: number;
  state: Received;
}

interface SentChunk {
  file: number;
  index: number;
  bytes: number;
  at: number;
}

/** Sends one reader the files of a note, one after the other, as fast as this reader takes them. */
export class FileSender {
  readonly #find: (id: number) => NoteFile | undefined;
  readonly #now: () => number;
  readonly #flow: FlowControl;
  /** In the order in which the reader named them: none is sent before. */
  readonly #positions = new Map<number, Position>();
  /** What is on the way, in the order in which it was sent. */
  #sent: SentChunk[] = [];
  #channel: FilesChannel | null = null;
  /** The reader has said where it is, over this channel. */
  #isTold = false;
  #isSending = false;

  /** @param find a file of the note; undefined when it was withdrawn */
  constructor(find: (id: number) => NoteFile | undefined, now: () => number) {
    this.#find = find;
    this.#now = now;
    this.#flow = new FlowControl(now);
  }

  /** Goes on over another channel, once the reader has said over it where it is; null while there is none. */
  use(channel: FilesChannel | null): void {
    if (this.#channel !== channel) this.#channel?.close();
    this.#channel = channel;
    this.#isTold = false;
    this.#startAnew();
  }

  /** How much of a file the reader has, from 0 to 1, and what became of it. */
  progressOf({ id, count }: NoteFile): { share: number; state: Received } {
    const position = this.#positions.get(id);
    if (position === undefined) return { share: 0, state: 'arriving' };
    return { share: position.acknowledged / count, state: position.state };
  }

  /** The reader says how far it is. */
  take({ files, again }: Progress): void {
    if (again) {
      this.#isTold = true;
      this.#startAnew();
    }
    for (const { id, next, state } of files) this.#acknowledge(id, next, state, again);
    void this.proceed();
  }

  /** Sends what may be sent; to be called whenever more may. */
  async proceed(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (;;) {
        const [channel, chunk] = [this.#channel, this.#nextChunk()];
        if (channel === null || chunk === null) return;
        const { file, index, position } = chunk;
        const sealed = await file.seal(index);
        // Withdrawn meanwhile, or the reader has said that it is elsewhere.
        if (channel !== this.#channel || position.next !== index || this.#find(file.id) === undefined) continue;
        const frame = encodeChunkFrame({ file: file.id, index, sealed });
        position.next += 1;
        this.#flow.sent(frame.length);
        this.#sent.push({ file: file.id, index, bytes: frame.length, at: this.#now() });
        channel.send(frame);
      }
    } catch {
      // A file that was withdrawn while it was sealed; the next call goes on with the others.
    } finally {
      this.#isSending = false;
    }
  }

  stop(): void {
    this.use(null);
    this.#positions.clear();
  }

  #nextChunk(): { file: NoteFile; index: number; position: Position } | null {
    const channel = this.#channel;
    if (channel === null || !this.#isTold || channel.bufferedBytes > BUFFERED_MAX_BYTES) return null;
    for (const [id, position] of this.#positions) {
      const file = this.#find(id);
      if (file === undefined) this.#positions.delete(id);
      else if (position.state === 'arriving' && position.next < file.count) {
        const bytes = Math.min(file.bytes, CHUNK_BYTES);
        return this.#flow.mayKeepGoing(bytes) ? { file, index: position.next, position } : null;
      }
    }
    return null;
  }

  #acknowledge(id: number, next: number, state: Received, again: boolean): void {
    const file = this.#find(id);
    if (file === undefined || next > file.count) return;
    const position = this.#positions.get(id) ?? { next: 0, acknowledged: 0, state };
    this.#positions.set(id, position);
    if (again) position.next = next;
    // It cannot have what was never sent.
    if (next > position.next) return;
    position.acknowledged = next;
    position.state = state;
    const arrived = this.#sent.filter((chunk) => chunk.file === id && chunk.index < next);
    const last = arrived.at(-1);
    if (last === undefined) return;
    this.#sent = this.#sent.filter((chunk) => chunk.file !== id || chunk.index >= next);
    this.#flow.acknowledged(
      arrived.reduce((sum, { bytes }) => sum + bytes, 0),
      last.at,
    );
  }

  /** Nothing is on the way any more. */
  #startAnew(): void {
    this.#sent = [];
    this.#flow.forget();
    for (const position of this.#positions.values()) position.next = position.acknowledged;
  }
}
