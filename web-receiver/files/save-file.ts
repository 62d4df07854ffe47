import type { FileKind, OfferedFile } from '../../src/protocol/files/file-list.ts';
import { el } from '../../web-shared/ui/dom.ts';

/** How long the browser has to take a file over. */
const TAKEN_MS = 10_000;

/** What the browser is told that a file is: never anything that it would run. */
const TYPES: Readonly<Record<FileKind, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  text: 'text/plain',
  other: 'application/octet-stream',
};

/** Has the browser write a file to the device; that is the patient's own act. */
export function saveFile({ name, kind }: OfferedFile, content: Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([content], { type: TYPES[kind] }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), TAKEN_MS);
}
