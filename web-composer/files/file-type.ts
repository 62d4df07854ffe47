/** What a file is, by its content: a name says what its sender wants to be believed. */
import type { FileKind } from '../../src/protocol/files/file-list.ts';

/** Why a file is not taken. */
export type FileRefusal =
  | 'runs'
  | 'pretends'
  | 'heic'
  | 'too-large'
  | 'too-much'
  | 'too-many'
  | 'unreadable'
  | 'damaged';

/** What a system would run or obey when somebody opens it, by the end of its name. */
const RUN = new Set(
  `apk app appimage bat bin chm cmd com command cpl deb desktop dll dmg docm dotm exe gadget hta htm html img inf ins iso jar js
  jse lnk mht mhtml mjs msc msi msix msp mst pif pkg potm ppam ppsm pptm ps1 psd1 psm1 py pyw rb reg rgs rpm run scf scr sct sh
  shb shtml svg svgz sys terminal url vb vbe vbs vbscript vhd vhdx wasm webloc workflow ws wsc wsf wsh xhtml xht xlam xlsb xlsm
  xltm xll xml.xsl xsl`.split(/\s+/),
);

/** What a system would run whatever its name is, by its first bytes. */
const RUNNING_BEGINNINGS: readonly (readonly number[])[] = [
  [0x4d, 0x5a], // MZ: Windows
  [0x7f, 0x45, 0x4c, 0x46], // ELF: Linux
  [0xfe, 0xed, 0xfa, 0xce], // Mach-O: macOS, in each byte order, and for several processors
  [0xfe, 0xed, 0xfa, 0xcf],
  [0xce, 0xfa, 0xed, 0xfe],
  [0xcf, 0xfa, 0xed, 0xfe],
  [0xca, 0xfe, 0xba, 0xbe],
  [0x23, 0x21], // #!: a script
  [0x4c, 0x00, 0x00, 0x00, 0x01, 0x14, 0x02, 0x00], // a Windows shortcut
];

/** Ends of names by what they promise; the first one is given to a file whose name has none. */
const ENDINGS: Readonly<Record<Exclude<FileKind, 'other'>, readonly string[]>> = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png'],
  gif: ['gif'],
  webp: ['webp'],
  pdf: ['pdf'],
  text: ['txt', 'text', 'md', 'csv', 'tsv', 'log', 'json', 'xml', 'ics', 'vcf', 'hl7'],
};
const PICTURES: readonly FileKind[] = ['jpeg', 'png', 'gif', 'webp'];
const HEIC_ENDINGS = ['heic', 'heif', 'hif'];
const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1'];

/** The end of a name after its last dot, in small letters; empty when there is none. */
export function endingOf(name: string): string {
  return /[^.]\.([\p{L}\p{N}]{1,10})$/u.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** What a file is, or why it is not taken. */
export function typeOf(name: string, content: Uint8Array): FileKind | FileRefusal {
  const ending = endingOf(name);
  if (RUN.has(ending) || RUNNING_BEGINNINGS.some((bytes) => beginsWith(content, bytes))) return 'runs';
  const found = content.length === 0 ? 'text' : kindOf(content);
  if (found === 'heic') return 'heic';
  const promised = promisedBy(ending);
  // A picture of another format than its name says is shown all the same, and gets its own ending.
  if (promised === found || content.length === 0 || (isPicture(promised) && isPicture(found))) return found;
  if (promised !== null) return 'pretends';
  // Formats that nobody here knows promise nothing that could be checked; they can be saved, not shown.
  return found === 'text' && ending !== '' ? 'other' : found;
}

/** The name with an ending that says what the file is. */
export function withEnding(name: string, kind: FileKind): string {
  if (kind === 'other') return name;
  const ending = endingOf(name);
  if (ENDINGS[kind].includes(ending)) return name;
  const isOther = isPicture(promisedBy(ending));
  return `${isOther ? name.slice(0, -ending.length - 1) : name}.${ENDINGS[kind][0]}`;
}

function promisedBy(ending: string): FileKind | 'heic' | null {
  if (HEIC_ENDINGS.includes(ending)) return 'heic';
  for (const [kind, endings] of Object.entries(ENDINGS)) if (endings.includes(ending)) return kind as FileKind;
  return null;
}

function isPicture(kind: FileKind | 'heic' | null): boolean {
  return kind === 'heic' || PICTURES.some((picture) => picture === kind);
}

function kindOf(content: Uint8Array): FileKind | 'heic' {
  if (beginsWith(content, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (beginsWith(content, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (['GIF87a', 'GIF89a'].includes(latin(content, 0, 6))) return 'gif';
  if (latin(content, 0, 4) === 'RIFF' && latin(content, 8, 12) === 'WEBP') return 'webp';
  if (latin(content, 0, 5) === '%PDF-') return 'pdf';
  if (latin(content, 4, 8) === 'ftyp' && HEIC_BRANDS.includes(latin(content, 8, 12))) return 'heic';
  return isText(content) ? 'text' : 'other';
}

function beginsWith(content: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => content[at] === byte);
}

function latin(content: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...content.subarray(from, to));
}

/** UTF-8 without the controls that no text has. */
function isText(content: Uint8Array): boolean {
  try {
    // Tab, line feed, form feed and carriage return alone are in texts.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    return !/[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/.test(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    return false;
  }
}
