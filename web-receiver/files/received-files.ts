/** All that receiving and showing files takes: loaded when the first one comes. */
import type { Bytes } from '../../src/protocol/bytes.ts';
import { decodeFileList } from '../../src/protocol/files/file-list.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import type { ReaderSignalling } from '../../web-shared/net/signalling-client.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import { FilesConnectionKeeper } from './connection-keeper.ts';
import { createFilesView } from './files-view.ts';
import { IncomingFiles } from './incoming-files.ts';

export interface ReceivedFiles {
  take(list: Bytes, signalling: ReaderSignalling): void;
  disconnect(): void;
  /** The note is gone: nothing of a file stays in this page. */
  wipe(): void;
  update(copy: boolean): void;
  leave(): void;
}

interface FilesOptions {
  place: HTMLElement;
  strings: ReceiverStrings;
  clock: PageClock;
}

export function receiveFiles({ place, strings, clock }: FilesOptions): ReceivedFiles {
  const incoming = new IncomingFiles({ clock, changed: () => view.update(incoming.files) });
  const keeper = new FilesConnectionKeeper(incoming, clock);
  const view = createFilesView(place, strings);
  return {
    take(list, signalling) {
      const { replyKey, files } = decodeFileList(list);
      void incoming.take(replyKey, files).then(() => keeper.use(signalling));
    },
    disconnect: () => keeper.drop(),
    wipe() {
      keeper.drop();
      view.leave();
      incoming.wipe();
    },
    update(copy) {
      view.update(incoming.files, copy);
    },
    leave: () => view.leave(),
  };
}
