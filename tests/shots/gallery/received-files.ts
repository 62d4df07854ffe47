import type { OfferedFile } from '../../../src/protocol/files/file-list.ts';
import type { IncomingFile } from '../../../web-receiver/files/incoming-files.ts';

const content = new TextEncoder().encode('Haemoglobin  13.9 g/dl\nFerritin  48 µg/l\n');

function offer(id: number, name: string, kind: OfferedFile['kind'], bytes: number): OfferedFile {
  return { id, name, kind, bytes, key: 'A'.repeat(22), hash: 'A'.repeat(43), save: id !== 3 };
}

/** One of each state: here, on its way, damaged. */
export const receivedFiles: IncomingFile[] = [
  { offer: offer(1, 'values.txt', 'text', content.length), state: 'whole', share: 1, content },
  { offer: offer(2, 'Laboratory report.pdf', 'pdf', 1_240_000), state: 'arriving', share: 0.42, content: null },
  { offer: offer(3, 'تقرير الأشعة.jpg', 'jpeg', 4_800_000), state: 'damaged', share: 0, content: null },
];
