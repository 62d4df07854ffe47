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

export interface FilesLoader extends FilesPlace {
  /** The doctor's page says which files there are. */
  take(list: Bytes, signalling: ReaderSignalling): void;
  /** The connection is lost; what has arrived stays for as long as the note does. */
  disconnect(): void;
  wipe(): void;
}

/** The files of the note. What it takes to receive and to show them is loaded when the doctor's page names the first. */
export function createFilesLoader(language: PageLanguage<ReceiverKey>, clock: PageClock): FilesLoader {
  const element = document.createElement('div');
  let files: ReceivedFiles | null = null;
  /** The list that came last, with the connection that it came with. */
  let last: [Bytes, ReaderSignalling] | null = null;
  let isLoading = false;

  async function load(): Promise<void> {
    try {
      const [{ receiveFiles }] = await Promise.all([import('../files/received-files.ts'), language.complete()]);
      files = receiveFiles({ place: element, strings: language.strings, clock });
      if (last !== null) files.take(...last);
    } catch {
      clock.after(RETRY_MS, () => void load());
    }
  }

  return {
    element,
    take(...offered) {
      last = offered;
      files?.take(...offered);
      if (!isLoading) void load();
      isLoading = true;
    },
    disconnect() {
      last = null;
      files?.disconnect();
    },
    wipe() {
      last = null;
      files?.wipe();
    },
    update: (copy) => files?.update(copy),
    leave: () => files?.leave(),
  };
}
