import { type Pattern, patternSearch } from './pattern-search.ts';

/** One way in which a text or a key could stand in a memory, a log or on a wire. */
export interface Spelling {
  name: string;
  bytes: Buffer;
}

/**
 * The ways in which a text could be spelled: as characters, in base64, hex, URLs, JSON and HTML; each of those in one-byte
 * characters and in UTF-16. Spellings that come out alike are given once.
 */
export function spellingsOf(text: string): Spelling[] {
  const utf8 = Buffer.from(text);
  const json = JSON.stringify(text).slice(1, -1);
  const percent = encodeURIComponent(text);
  return distinct([
    { name: 'UTF-8', bytes: utf8 },
    ...wide('', text),
    ...written('base64 of UTF-16LE', inBase64(Buffer.from(text, 'utf16le'))),
    ...encodings(utf8),
    ...written('percent', [percent, percent.toLowerCase(), everyBytePercent(utf8)]),
    ...written('form', [new URLSearchParams({ text }).toString().slice('text='.length)]),
    ...written('JSON', [json, asciiJson(json), asciiJson(json).toUpperCase().replaceAll('\\U', '\\u')]),
    ...written('HTML', [
      text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ]),
  ]);
}

/**
 * The ways in which bytes that are no text, such as a key, could be spelled: as they are, each half of them alone (what
 * frees a memory often overwrites its beginning), in base64, hex and as a list of numbers.
 */
export function spellingsOfBytes(bytes: Uint8Array): Spelling[] {
  const raw = Buffer.from(bytes);
  const middle = Math.floor(raw.length / 2);
  return distinct([
    { name: 'raw', bytes: raw },
    ...(raw.length < 32
      ? []
      : [
          { name: 'raw, first half', bytes: raw.subarray(0, middle) },
          { name: 'raw, second half', bytes: raw.subarray(middle) },
        ]),
    ...encodings(raw),
    ...written('numbers', [[...raw].join(','), [...raw].join(', ')]),
  ]);
}

/** Whether `text` is anywhere in `places`, in any spelling. */
export function findsIn(places: readonly (Buffer | string)[], text: string): boolean {
  const patterns = spellingsOf(text).map(({ name, bytes }): Pattern => ({ marker: text, spelling: name, bytes }));
  return places.some((place) => {
    const search = patternSearch(patterns);
    search.feed(Buffer.from(place));
    return search.hits().length > 0;
  });
}

function encodings(bytes: Buffer): Spelling[] {
  const hex = bytes.toString('hex');
  return [...written('base64', inBase64(bytes)), ...written('hex', [hex, hex.toUpperCase()])];
}

/** Base64 depends on where in a group of three bytes the text begins; the letters at its edges mix with the neighbours. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const base64 = padded.toString('base64').replaceAll('=', '');
    const own = base64.slice(shift === 0 ? 0 : shift + 1, padded.length % 3 === 0 ? base64.length : -1);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function everyBytePercent(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/../g, (pair) => `%${pair.toUpperCase()}`);
}

function asciiJson(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function written(name: string, texts: string[]): Spelling[] {
  return texts.flatMap((text) => [{ name, bytes: Buffer.from(text) }, ...wide(`${name} in `, text)]);
}

function wide(name: string, text: string): Spelling[] {
  const little = Buffer.from(text, 'utf16le');
  return [
    { name: `${name}UTF-16LE`, bytes: little },
    { name: `${name}UTF-16BE`, bytes: Buffer.from(little).swap16() },
  ];
}

function distinct(all: readonly Spelling[]): Spelling[] {
  const seen = new Map<string, Spelling>();
  for (const spelling of all) {
    const key = spelling.bytes.toString('latin1');
    if (!seen.has(key)) seen.set(key, spelling);
  }
  return [...seen.values()];
}
