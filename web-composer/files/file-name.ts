import { FILE_NAME_MAX } from '../../src/protocol/files/file-list.ts';
import { endingOf } from './file-type.ts';

/** Controls, line breaks, and marks that turn the words around them or cannot be seen. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]+/gu;
/** What separates folders, or means something to a system. */
const PATH = /[/\\:*?"<>|]+/g;
/** Names that Windows keeps for its devices, whatever their ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** A file's name as it is shown and saved: one line, no folder, nothing that hides how it ends. */
export function cleanName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(PATH, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|[\s.]+$/g, '')
    .replace(DEVICE, '_$&');
  if (plain === '') return 'file';
  const characters = [...plain];
  if (characters.length <= FILE_NAME_MAX && plain.length <= FILE_NAME_MAX) return plain;
  const ending = endingOf(plain);
  const kept = ending === '' ? '' : `.${ending}`;
  let short = '';
  for (const character of characters) {
    if (short.length + character.length + kept.length + 1 > FILE_NAME_MAX) break;
    short += character;
  }
  return `${short.trimEnd()}…${kept}`;
}
