/** Light Markdown as elements: headings, lists, bold, italics, and links that show where they go. Never HTML. */
import { el } from '../ui/dom.ts';
import { type Block, type ListBlock, type ListItem, readBlocks } from './blocks.ts';
import type { Inline } from './inline.ts';

/** One block on the page and the line of the text it begins at, from 0. */
export interface RenderedBlock {
  readonly element: HTMLElement;
  readonly line: number;
}

/**
 * The blocks of a text. `#` becomes h2, `##` h3, deeper ones h4, since the page has its own h1. Items of lists carry their
 * own line as `data-line`. Tables, code, quotes, images and HTML are shown as they were typed.
 */
export function renderMarkdown(text: string): RenderedBlock[] {
  return readBlocks(text).map((block) => ({ element: elementOf(block), line: block.line }));
}

function elementOf(block: Block): HTMLElement {
  const place = { dir: 'auto', 'data-line': String(block.line) };
  switch (block.kind) {
    case 'heading':
      return el(`h${block.level}`, place, ...nodes(block.content));
    case 'paragraph':
      return el('p', place, ...nodes(block.content));
    case 'list': {
      const list = listOf(block);
      list.dir = 'auto';
      return list;
    }
  }
}

function listOf({ ordered, items, line }: ListBlock): HTMLElement {
  return el(ordered ? 'ol' : 'ul', { 'data-line': String(line) }, ...items.map(itemOf));
}

function itemOf({ number, content, lists, line }: ListItem): HTMLLIElement {
  const value = number === null ? undefined : String(number);
  return el('li', { value, 'data-line': String(line) }, ...nodes(content), ...lists.map(listOf));
}

function nodes(content: readonly Inline[]): Node[] {
  return content.flatMap((part) => {
    if (part.kind === 'text') return lines(part.text);
    if (part.kind !== 'link') return [el(part.kind, {}, ...nodes(part.content))];
    const { href, shown } = part;
    return [el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow', dir: 'ltr' }, shown)];
  });
}

function lines(text: string): Node[] {
  return text.split('\n').flatMap((line, place) => [...(place === 0 ? [] : [el('br')]), document.createTextNode(line)]);
}
