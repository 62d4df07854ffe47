/**
 * Light Markdown as a tree: headings, lists, bold, italics and links. Everything else is literal text, so that nothing
 * the doctor wrote disappears. The work grows with the length of the text, whatever is in it.
 */
import { type Inline, readInline } from './inline.ts';

/** `line`: where it begins in the text, from 0. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3 | 4; readonly content: readonly Inline[]; readonly line: number }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[]; readonly line: number }
  | ListBlock;

export interface ListBlock {
  readonly kind: 'list';
  readonly ordered: boolean;
  readonly items: readonly ListItem[];
  readonly line: number;
}

export interface ListItem {
  readonly number: number | null;
  readonly content: readonly Inline[];
  readonly lists: readonly ListBlock[];
  readonly line: number;
}

const HEADING = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/;
const ITEM = /^([ \t]*)(?:([-*+])|(\d{1,9})[.)])[ \t]+(\S.*)$/;
const FENCE = /^ {0,3}(```|~~~)/;
/** Lists inside lists, at most. */
const DEPTH_MAX = 6;
/** Spaces by which an item is inside the one before it. */
const INSIDE = 2;

/** A line that begins a list's item, with the lines that go on with it. */
interface Entry {
  readonly indent: number;
  readonly number: number | null;
  readonly lines: string[];
  readonly line: number;
}

/** Lines that belong together. A literal part is never looked into. */
type Part =
  | { readonly kind: 'heading'; readonly marks: string; readonly said: string; readonly line: number }
  | { readonly kind: 'text' | 'literal'; readonly lines: string[]; readonly line: number }
  | { readonly kind: 'list'; readonly entries: Entry[]; readonly line: number };

export function readBlocks(text: string): Block[] {
  return partsOf(text.replace(/\r\n?/g, '\n').split('\n')).flatMap(blocksOf);
}

function blocksOf(part: Part): Block[] {
  const { line } = part;
  switch (part.kind) {
    case 'heading': {
      const level = part.marks.length === 1 ? 2 : part.marks.length === 2 ? 3 : 4;
      return [{ kind: 'heading', level, content: readInline(part.said), line }];
    }
    case 'text':
      return [{ kind: 'paragraph', content: readInline(part.lines.join('\n')), line }];
    case 'literal':
      return [{ kind: 'paragraph', content: [{ kind: 'text', text: part.lines.join('\n') }], line }];
    case 'list':
      return listsOf(part.entries, 1);
  }
}

function partsOf(lines: readonly string[]): Part[] {
  const parts: Part[] = [];
  let fence: string | null = null;
  let blankBefore = true;
  for (const [line, said] of lines.entries()) {
    const last = parts.at(-1);
    const [, mark] = FENCE.exec(said) ?? [];
    if (fence !== null && last?.kind === 'literal') {
      last.lines.push(said);
      if (mark === fence) fence = null;
      blankBefore = true;
      continue;
    }
    if (mark !== undefined) {
      parts.push({ kind: 'literal', lines: [said], line });
      fence = mark;
      continue;
    }
    const blank = said.trim() === '';
    const part = blank ? undefined : takeLine(said, line, openPart(last, blankBefore), blankBefore);
    if (part !== undefined) parts.push(part);
    blankBefore = blank;
  }
  return parts;
}

/** The part that a line may go on with: after a blank line only a list. */
function openPart(last: Part | undefined, blankBefore: boolean): Part | undefined {
  return blankBefore && last?.kind !== 'list' ? undefined : last;
}

/** Takes a line into the part that is open, or gives the part that it begins. */
function takeLine(said: string, line: number, open: Part | undefined, blankBefore: boolean): Part | undefined {
  const [, marks, words = ''] = HEADING.exec(said) ?? [];
  if (marks !== undefined) return { kind: 'heading', marks, said: words.trimEnd().replace(/[ \t]#{1,6}$/, ''), line };
  const entry = entryOf(said, line);
  // A number other than 1 begins no list in the middle of a paragraph: "… on\n5. May".
  if (entry !== null && (open?.kind !== 'text' || (entry.number ?? 1) === 1)) {
    if (open?.kind !== 'list') return { kind: 'list', entries: [entry], line };
    open.entries.push(entry);
    return undefined;
  }
  if (open?.kind === 'list' && (!blankBefore || /^[ \t]/.test(said))) {
    open.entries.at(-1)?.lines.push(said.trim());
    return undefined;
  }
  if (open?.kind !== 'text') return { kind: 'text', lines: [said], line };
  open.lines.push(said);
  return undefined;
}

function entryOf(said: string, line: number): Entry | null {
  const [found, spaces = '', , number, words = ''] = ITEM.exec(said) ?? [];
  if (found === undefined) return null;
  const indent = spaces.replaceAll('\t', '    ').length;
  return { indent, number: number === undefined ? null : Number(number), lines: [words.trimEnd()], line };
}

/** Lists of one depth: an item that is further in belongs to the one before it; another kind begins another list. */
function listsOf(entries: readonly Entry[], depth: number): ListBlock[] {
  const groups: { own: Entry; inner: Entry[] }[] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    const inside = last !== undefined && depth < DEPTH_MAX && entry.indent >= last.own.indent + INSIDE;
    if (inside) last.inner.push(entry);
    else groups.push({ own: entry, inner: [] });
  }
  const lists: { kind: 'list'; ordered: boolean; items: ListItem[]; line: number }[] = [];
  for (const { own, inner } of groups) {
    const ordered = own.number !== null;
    let list = lists.at(-1);
    if (list?.ordered !== ordered) {
      list = { kind: 'list', ordered, items: [], line: own.line };
      lists.push(list);
    }
    const content = readInline(own.lines.join('\n'));
    list.items.push({ number: own.number, content, lists: listsOf(inner, depth + 1), line: own.line });
  }
  return lists;
}
