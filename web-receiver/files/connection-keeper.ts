import type { PageClock, Timer } from '../../web-shared/clock.ts';
import { type FilesConnection, openFilesConnection } from '../../web-shared/net/files-connection.ts';
import type { ReaderSignalling } from '../../web-shared/net/signalling-client.ts';
import type { IncomingFiles } from './incoming-files.ts';

/** The reader's channel is the first stream of its connection. */
const STREAM = 0;
/** How long after a connection was lost, or could not be made, another one is tried. */
const RETRY_MS = [500, 2_000, 5_000];

/** Keeps this page connected for files, for as long as some are still to come. */
export class FilesConnectionKeeper {
  readonly #incoming: IncomingFiles;
  readonly #clock: PageClock;
  #signalling: ReaderSignalling | null = null;
  #connection: FilesConnection | null = null;
  #isConnecting = false;
  #retry: Timer | null = null;
  #tries = 0;

  constructor(incoming: IncomingFiles, clock: PageClock) {
    this.#incoming = incoming;
    this.#clock = clock;
  }

  /** Connects where that is needed, by the page's signalling of now. */
  use(signalling: ReaderSignalling): void {
    if (signalling !== this.#signalling) this.drop();
    this.#signalling = signalling;
    void this.#connect();
  }

  drop(): void {
    this.#signalling = null;
    this.#retry?.cancel();
    this.#retry = null;
    this.#tries = 0;
    this.#close();
  }

  async #connect(): Promise<void> {
    const signalling = this.#signalling;
    const isNeeded = this.#incoming.isWaiting && this.#connection === null;
    if (signalling === null || !isNeeded || this.#isConnecting || this.#retry !== null) return;
    this.#isConnecting = true;
    const isCurrent = () => signalling === this.#signalling;
    const lost = (): void => {
      if (!isCurrent()) return;
      this.#close();
      this.#connectLater();
    };
    try {
      const connection = await openFilesConnection(signalling, this.#clock, lost);
      if (!isCurrent()) return connection.close();
      this.#connection = connection;
      const channel = connection.channel(STREAM, {
        opened: () => {
          this.#tries = 0;
          if (isCurrent()) this.#incoming.use((frame) => channel.send(frame));
        },
        frame: (frame) => isCurrent() && this.#incoming.onFrame(frame),
        drained: () => undefined,
        closed: lost,
      });
    } catch (error) {
      // The composer may not be connected for files yet; everything else passes as well, or the note ends.
      if (isCurrent() && !isForbidden(error)) this.#connectLater();
    } finally {
      this.#isConnecting = false;
      // Another connection of the note was made meanwhile.
      if (!isCurrent()) void this.#connect();
    }
  }

  #connectLater(): void {
    const ms = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)] ?? 0;
    this.#tries += 1;
    this.#retry ??= this.#clock.after(ms, () => {
      this.#retry = null;
      void this.#connect();
    });
  }

  #close(): void {
    this.#incoming.use(null);
    this.#connection?.close();
    this.#connection = null;
  }
}

/** The page that this script is loaded by has a class of refusals of its own. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-allowed';
}
