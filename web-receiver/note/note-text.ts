/** The note's text. What is the same in two versions stays the same element, so that nobody loses their place. */
import type { Note } from '../../src/protocol/note.ts';
import { linesOf } from '../../web-shared/note-positions.ts';
import { el, setAttribute } from '../../web-shared/ui/dom.ts';
import { markdownRenderer } from './markdown-script.ts';
import { type Direction, directionOfLine, directionOfText, isolated, isolateInside } from './text-direction.ts';

/** Texts with more lines than this are drawn in blocks of lines. */
const LINES_MAX = 2000;
const BLOCK_LINES_MAX = 12;

export interface NoteText {
  readonly element: HTMLElement;
  update(note: Note): void;
  clear(): void;
}

interface Piece {
  /** All that its element depends on. */
  readonly content: string;
  /** Its first line, from 0. */
  readonly line: number;
  element: HTMLElement;
}
type NewPiece = Omit<Piece, 'element'> & { make(): HTMLElement };

/**
 * Draws plain text line by line, character for character, or light Markdown block by block; as it was typed where the script
 * for that is not there.
 */
export function createNoteText(): NoteText {
  const element = el('div', { class: 'note-text' });
  let pieces: Piece[] = [];
  let shown: { text: string; format: Note['format'] } | null = null;
  return {
    element,
    update(note) {
      const { text } = note;
      const render = note.format === 'markdown' ? markdownRenderer() : null;
      const format = render === null ? 'plain' : 'markdown';
      if (shown?.text === text && shown.format === format) return;
      if (shown?.format !== format) pieces = redraw(element, pieces, []);
      shown = { text, format };
      const direction = directionOfText(text);
      setAttribute(element, 'dir', direction);
      element.classList.toggle('plain', format === 'plain');
      const drawn = render === null ? plainPieces(note, direction) : markdownPieces(note, direction, render);
      pieces = redraw(element, pieces, drawn);
    },
    clear() {
      element.replaceChildren();
      pieces = [];
      shown = null;
    },
  };
}

function plainPieces(note: Note, direction: Direction | null): NewPiece[] {
  const lines = linesOf(note);
  const withBreaks = lines.map((text, line) => (line < lines.length - 1 ? `${text}\n` : text));
  if (lines.length > LINES_MAX) return coarsePieces(withBreaks);
  return withBreaks.map((content, line) => {
    const make = (): HTMLElement => {
      const own = directionOfLine(content, direction);
      const dir = own === null || own === direction ? undefined : own;
      const kind = content.trim() === '' ? 'line blank' : 'line';
      return el('div', { class: kind, dir, 'data-line': String(line) }, ...isolated(content));
    };
    // The direction of the whole text decides which lines have one of their own.
    return { content: `${direction} ${content}`, line, make };
  });
}

/** Thousands of lines are drawn in paragraphs; the browser finds the direction of each line by itself. */
function coarsePieces(lines: readonly string[]): NewPiece[] {
  const pieces: NewPiece[] = [];
  for (let from = 0; from < lines.length; ) {
    let to = from + 1;
    while (to < lines.length && to - from < BLOCK_LINES_MAX && !endsParagraph(lines[to - 1], lines[to])) to += 1;
    const [line, content] = [from, lines.slice(from, to).join('')];
    const kind = content.trim() === '' ? 'line blank' : 'lines';
    const make = (): HTMLElement => el('div', { class: kind, 'data-line': String(line) }, ...isolated(content));
    pieces.push({ content, line, make });
    from = to;
  }
  return pieces;
}

function endsParagraph(line = '', next = ''): boolean {
  return line.trim() === '' && next.trim() !== '';
}

function markdownPieces(
  note: Note,
  direction: Direction | null,
  render: NonNullable<ReturnType<typeof markdownRenderer>>,
): NewPiece[] {
  const lines = linesOf(note);
  const blocks = render(note.text);
  return blocks.map(({ element, line }, place) => {
    const source = lines
      .slice(line, blocks[place + 1]?.line)
      .join('\n')
      .trimEnd();
    const make = (): HTMLElement => {
      for (const each of [element, ...element.querySelectorAll<HTMLElement>('[dir="auto"]')]) {
        each.dir = directionOfLine(each.textContent ?? '', direction) ?? 'auto';
      }
      isolateInside(element);
      return element;
    };
    return { content: `${direction} ${element.tagName} ${source}`, line, make };
  });
}

/** Keeps the elements before the first difference and after the last one; the latter get new line numbers. */
function redraw(parent: HTMLElement, was: Piece[], is: readonly NewPiece[]): Piece[] {
  const shorter = Math.min(was.length, is.length);
  let [head, tail] = [0, 0];
  while (head < shorter && was[head]?.content === is[head]?.content) head += 1;
  while (tail < shorter - head && was.at(-1 - tail)?.content === is.at(-1 - tail)?.content) tail += 1;
  const after = was[was.length - tail]?.element ?? null;
  for (const { element } of was.slice(head, was.length - tail)) element.remove();
  const fresh = is.slice(head, is.length - tail).map(({ content, line, make }) => ({ content, line, element: make() }));
  const fragment = document.createDocumentFragment();
  fragment.append(...fresh.map(({ element }) => element));
  parent.insertBefore(fragment, after);
  const rest = was.slice(was.length - tail).map((piece, place) => {
    const line = is[is.length - tail + place]?.line ?? piece.line;
    if (line !== piece.line) renumber(piece.element, line - piece.line);
    return { ...piece, line };
  });
  return [...was.slice(0, head), ...fresh, ...rest];
}

function renumber(element: HTMLElement, by: number): void {
  for (const each of [element, ...element.querySelectorAll('[data-line]')]) {
    each.setAttribute('data-line', String(Number(each.getAttribute('data-line')) + by));
  }
}
