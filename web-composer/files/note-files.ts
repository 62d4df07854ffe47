import { type Bytes, randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import {
  type ChunkSealer,
  chunkCount,
  createChunkSealer,
  FILE_KEY_BYTES,
  fileHash,
} from '../../src/protocol/files/chunks.ts';
import { FILES_COUNT_MAX, type OfferedFile } from '../../src/protocol/files/file-list.ts';
import type { FilesLimits } from '../../src/protocol/messages.ts';
import { cleanName } from './file-name.ts';
import { type FileRefusal, typeOf, withEnding } from './file-type.ts';
import { withoutCameraData } from './picture-data.ts';

/** What the page needs of a file that the doctor chose. */
export type ChosenFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

/** A file that was not taken, and why. */
export interface RefusedFile {
  name: string;
  why: FileRefusal;
}

/** A file that belongs to the note. */
export interface NoteFile extends OfferedFile {
  readonly count: number;
  /** The sealed chunk of this number, the same bytes for each reader. */
  seal(index: number): Promise<Bytes>;
}

/** Sealed chunks that are kept, because several readers want them at about the same time. */
const SEALED_KEPT = 48;

interface Kept {
  file: NoteFile;
  sealer: ChunkSealer;
  content: Uint8Array<ArrayBuffer>;
}

/** The files of the note as it is being written, and while it is open: in this page's memory and nowhere else. */
export class NoteFiles {
  readonly #changed: () => void;
  #limits: FilesLimits = { fileBytes: 0, totalBytes: 0 };
  #files: Kept[] = [];
  readonly #sealed = new Map<string, Promise<Bytes>>();
  #refused: RefusedFile[] = [];
  #reading = 0;
  #lastId = 0;
  #maySave = true;
  /** Counts up when everything is wiped: what was being read then is not taken. */
  #life = 0;

  /** @param changed the list of files is another one */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get limits(): FilesLimits {
    return this.#limits;
  }

  set limits(limits: FilesLimits) {
    this.#limits = limits;
  }

  get files(): readonly NoteFile[] {
    return this.#files.map(({ file }) => ({ ...file, save: this.#maySave }));
  }

  /** The files as they would be sent, for another window of the same browser. */
  get contents(): readonly { name: string; content: Uint8Array<ArrayBuffer> }[] {
    return this.#files.map(({ file: { name }, content }) => ({ name, content }));
  }

  /** What was not taken of the files that were chosen last. */
  get refused(): readonly RefusedFile[] {
    return this.#refused;
  }

  /** How many are being read. */
  get reading(): number {
    return this.#reading;
  }

  /** Whether readers may save the files. */
  get maySave(): boolean {
    return this.#maySave;
  }

  set maySave(maySave: boolean) {
    if (this.#maySave === maySave) return;
    this.#maySave = maySave;
    this.#changed();
  }

  get totalBytes(): number {
    return this.#files.reduce((sum, { file }) => sum + file.bytes, 0);
  }

  /** Takes the files that can be taken, one after the other, and remembers why the others are not. */
  async add(chosen: readonly ChosenFile[]): Promise<void> {
    if (this.#limits.fileBytes === 0 || chosen.length === 0) return;
    const life = this.#life;
    this.#refused = [];
    this.#reading += chosen.length;
    this.#changed();
    for (const one of chosen) {
      const name = cleanName(one.name);
      const why = await this.#take(one, name, life).catch(() => 'unreadable' as const);
      if (life !== this.#life) return;
      this.#reading -= 1;
      if (why !== null) this.#refused = [...this.#refused, { name, why }];
      this.#changed();
    }
  }

  withdraw(id: number): void {
    const gone = this.#files.find(({ file }) => file.id === id);
    if (gone === undefined) return;
    this.#files = this.#files.filter((kept) => kept !== gone);
    gone.sealer.wipe();
    this.#changed();
  }

  find(id: number): NoteFile | undefined {
    return this.#files.find(({ file }) => file.id === id)?.file;
  }

  wipe(): void {
    this.#life += 1;
    for (const { sealer } of this.#files) sealer.wipe();
    this.#sealed.clear();
    this.#files = [];
    this.#refused = [];
    this.#reading = 0;
    this.#changed();
  }

  /** Why it is not taken; null when it is. */
  async #take(chosen: ChosenFile, name: string, life: number): Promise<FileRefusal | null> {
    const tooMuch = this.#tooMuch(chosen.size);
    if (tooMuch !== null) return tooMuch;
    const read = new Uint8Array(await chosen.arrayBuffer());
    const kind = typeOf(name, read);
    if (isRefusal(kind)) return kind;
    const content = cleaned(kind, read);
    if (content === null) return 'damaged';
    const kept = await this.#keep(withEnding(name, kind), kind, content);
    if (life === this.#life) this.#files = [...this.#files, kept];
    else kept.sealer.wipe();
    return null;
  }

  #tooMuch(bytes: number): FileRefusal | null {
    if (bytes > this.#limits.fileBytes) return 'too-large';
    if (this.#files.length >= FILES_COUNT_MAX) return 'too-many';
    return this.totalBytes + bytes > this.#limits.totalBytes ? 'too-much' : null;
  }

  async #keep(name: string, kind: NoteFile['kind'], content: Uint8Array<ArrayBuffer>): Promise<Kept> {
    const key = randomBytes(FILE_KEY_BYTES);
    const hash = toBase64Url(await fileHash(content));
    const sealer = await createChunkSealer(key, content);
    this.#lastId += 1;
    const id = this.#lastId;
    const count = chunkCount(content.length);
    const seal = (index: number) => this.#sealOnce(id, index, sealer);
    const file = { id, name, kind, bytes: content.length, key: toBase64Url(key), hash, save: true, count, seal };
    return { file, sealer, content };
  }

  /** Each chunk is sealed once for all readers who want it at about the same time. */
  #sealOnce(id: number, index: number, sealer: ChunkSealer): Promise<Bytes> {
    const place = `${id}/${index}`;
    const sealed = this.#sealed.get(place) ?? sealer.seal(index);
    this.#sealed.set(place, sealed);
    for (const oldest of this.#sealed.keys()) {
      if (this.#sealed.size <= SEALED_KEPT) break;
      this.#sealed.delete(oldest);
    }
    return sealed;
  }
}

function isRefusal(kind: NoteFile['kind'] | FileRefusal): kind is FileRefusal {
  return ['runs', 'pretends', 'heic'].includes(kind);
}

/** A file from another window, as if the doctor had chosen it here. */
export function chosenAgain({ name, content }: { name: string; content: Uint8Array<ArrayBuffer> }): ChosenFile {
  return { name, size: content.length, arrayBuffer: async () => content.slice().buffer };
}

/** Null when the picture cannot be one. */
function cleaned(kind: NoteFile['kind'], content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  try {
    return withoutCameraData(kind, content);
  } catch {
    return null;
  }
}
