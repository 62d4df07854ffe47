/** Markers behind lines of a textarea. They scroll with its text, and follow where the browser wraps it. */
import { el, setAttribute } from '../../../web-shared/ui/dom.ts';

export interface LineMarkers {
  readonly element: HTMLElement;
  /** Marks these lines (from 0) and no others. */
  mark(lines: readonly number[]): void;
  /** Puts the cursor at a line's end and brings the line into sight. */
  goToLine(line: number): void;
}

interface LineBox {
  top: number;
  height: number;
}

export function createLineMarkers(area: HTMLTextAreaElement): LineMarkers {
  const marks = el('div', { class: 'note-marks' });
  // As wide as the text and in the same type; it holds the text only while it is measured.
  const mirror = el('div', { class: 'note-mirror' });
  const behind = el('div', { class: 'note-behind', 'aria-hidden': 'true' }, marks, mirror);
  const element = el('div', { class: 'note-frame' }, behind, area);
  let lines: readonly number[] = [];
  let drawn = '';

  const measure = (wanted: readonly number[]): LineBox[] => {
    const text = document.createTextNode(`${area.value}\u200b`);
    mirror.style.setProperty('width', `${area.clientWidth}px`);
    mirror.replaceChildren(text);
    const origin = mirror.getBoundingClientRect().top;
    const row = Number.parseFloat(getComputedStyle(mirror).lineHeight);
    const range = document.createRange();
    const boxes = wanted.map((line) => {
      const { start, end } = spanOf(area.value, line);
      range.setStart(text, start);
      // A line without letters is as high as its break.
      range.setEnd(text, Math.max(end, start + 1));
      const { top, bottom } = range.getBoundingClientRect();
      // Letters are less high than their row: the mark is as high as its rows.
      const height = Math.max(1, Math.round((bottom - top) / row)) * row;
      return { top: (top + bottom - height) / 2 - origin, height };
    });
    mirror.replaceChildren();
    return boxes;
  };
  const scroll = (): void => marks.style.setProperty('transform', `translateY(${-area.scrollTop}px)`);
  const draw = (): void => {
    const now = lines.length === 0 ? '' : `${lines.join()} ${area.clientWidth} ${area.value}`;
    if (now === drawn) return;
    drawn = now;
    const boxes = lines.length === 0 ? [] : measure(lines);
    marks.replaceChildren(
      ...boxes.map(({ top, height }) => {
        const mark = el('div', { class: 'note-mark' });
        mark.style.setProperty('top', `${top}px`);
        mark.style.setProperty('height', `${height}px`);
        return mark;
      }),
    );
    // The margin is on the side where the text begins, whatever the page's direction is.
    setAttribute(behind, 'dir', lines.length === 0 ? null : getComputedStyle(area).direction);
    scroll();
  };
  area.addEventListener('scroll', scroll);
  area.addEventListener('input', draw);
  new ResizeObserver(draw).observe(area);

  return {
    element,
    mark(wanted) {
      lines = wanted;
      draw();
    },
    goToLine(line) {
      const { end } = spanOf(area.value, line);
      const [box] = measure([line]);
      area.focus({ preventScroll: true });
      area.setSelectionRange(end, end);
      if (box === undefined) return;
      area.scrollTop = Math.max(0, box.top - (area.clientHeight - box.height) / 3);
      element.scrollIntoView({ block: 'nearest' });
    },
  };
}

/** Where a line begins and ends, without its break; the end of the text when there is no such line. */
function spanOf(text: string, line: number): { start: number; end: number } {
  let start = 0;
  for (let at = 0; at < line; at += 1) {
    const next = text.indexOf('\n', start);
    if (next === -1) return { start: text.length, end: text.length };
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return { start, end: end === -1 ? text.length : end };
}
