import type { FileKind } from '../../src/protocol/files/file-list.ts';
import type { FilesLimits } from '../../src/protocol/messages.ts';
import type { Delivery } from './file-distribution.ts';
import type { NoteFile, NoteFiles, RefusedFile } from './note-files.ts';

export interface FileRow {
  id: number;
  name: string;
  kind: FileKind;
  bytes: number;
  /** How far it is at the readers who are there. */
  delivery: Delivery;
}

/** What the doctor sees of the note's files. */
export interface FilesState {
  rows: readonly FileRow[];
  /** What was not taken of the files that were chosen last. */
  refused: readonly RefusedFile[];
  /** How many are being read. */
  reading: number;
  maySave: boolean;
  limits: FilesLimits;
}

const NOBODY: Delivery = { readers: 0, whole: 0, damaged: 0, share: 0 };

/** @param deliveryOf how far a file is; absent while there is no room */
export function filesState(files: NoteFiles, deliveryOf: (file: NoteFile) => Delivery = () => NOBODY): FilesState {
  const { refused, reading, maySave, limits } = files;
  const rows = files.files.map((file) => {
    const { id, name, kind, bytes } = file;
    return { id, name, kind, bytes, delivery: deliveryOf(file) };
  });
  return { rows, refused, reading, maySave, limits };
}
