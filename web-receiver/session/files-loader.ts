import type { Bytes } from '../../src/protocol/bytes.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import type { ReaderSignalling } from '../../web-shared/net/signalling-client.ts';
import type { ReceivedFiles } from '../files/received-files.ts';
import type { ReceiverKey } from '../ui/strings.ts';

/** After so long a script that did not load is tried again. */
const RETRY_MS = 3_000;

/** Where the reading screen shows the files; it stays empty until there are any. */
export interface FilesPlace {
  readonly element: HTMLElement;
  /** The screen was drawn; `copy` when the doctor allows copying. */
  update(copy: boolean): void;
  /** The screen is left: nothing of a file stays in sight. */
  leave(): void;
}

/** The files of the note. What it takes to receive and to show them is loaded when the doctor's page names the first. */
export class FilesLoader implements FilesPlace {
  readonly element = document.createElement('div');
  readonly #language: PageLanguage<ReceiverKey>;
  readonly #clock: PageClock;
  /** The list that came last, and the connection that it came with. */
  #last: { list: Bytes; signalling: ReaderSignalling } | null = null;
  #files: ReceivedFiles | null = null;
  #isLoading = false;

  constructor(language: PageLanguage<ReceiverKey>, clock: PageClock) {
    this.#language = language;
    this.#clock = clock;
  }

  /** The doctor's page says which files there are. */
  take(list: Bytes, signalling: ReaderSignalling): void {
    this.#last = { list, signalling };
    if (this.#files === null) void this.#load();
    else this.#files.take(list, signalling);
  }

  /** The connection is lost; what has arrived stays for as long as the note does. */
  disconnect(): void {
    this.#last = null;
    this.#files?.disconnect();
  }

  wipe(): void {
    this.#last = null;
    this.#files?.wipe();
  }

  update(copy: boolean): void {
    this.#files?.update(copy);
  }

  leave(): void {
    this.#files?.leave();
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const [{ receiveFiles }] = await Promise.all([import('../files/received-files.ts'), this.#language.complete()]);
      this.#files = receiveFiles({ place: this.element, strings: this.#language.strings, clock: this.#clock });
    } catch {
      this.#clock.after(RETRY_MS, () => this.#last !== null && void this.#load());
    } finally {
      this.#isLoading = false;
    }
    if (this.#last !== null) this.#files?.take(this.#last.list, this.#last.signalling);
  }
}
