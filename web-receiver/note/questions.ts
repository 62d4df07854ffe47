/** "I don't understand this": the reader points at a line or a medicine, and the doctor sees it there. */
import type { Note } from '../../src/protocol/note.ts';
import type { Place } from '../../src/protocol/sealed.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { movePlaces, samePlace } from '../../web-shared/note-positions.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import { anchorsIn, anchorsOf, keyOf, placeOf } from './anchors.ts';
import { createPopover, createPopoverLayout, type Popover, type Step } from './question-popover.ts';

/** Where they are drawn. */
export interface QuestionPlaces {
  readonly note: HTMLElement;
  /** Lies over the note, after it in the page. */
  readonly layer: HTMLElement;
  /** For the button for readers who do not tap: it leads from place to place. */
  readonly start: HTMLElement;
}

export interface Questions {
  update(points: readonly Place[]): void;
  /** The note shows another version: each popover follows its place. */
  follow(before: Note, after: Note): void;
  leave(): void;
}

/** `point` puts a question at a place (`on`) or takes it back; `update` draws the result. */
export function createQuestions(
  { note, layer, start }: QuestionPlaces,
  strings: ReceiverStrings,
  announcer: Announcer,
  point: (place: Place, on: boolean) => void,
): Questions {
  const labels = createLabels(strings);
  const startButton = button('button-quiet', [labels.text('point.start')], () => startStepping());
  start.append(startButton, el('p', { class: 'quiet small' }, labels.text('point.hint')));
  const layout = createPopoverLayout(layer);
  const resizes = new ResizeObserver(() => placePopovers());
  const popovers = new Map<string, Popover>();
  let points: readonly Place[] = [];
  let highlighted: Element[] = [];
  let active: Popover | null = null;
  let stepping = false;
  let hasPopovers = false;

  const anchorOf = ({ place, mention }: Popover): Element | null => {
    const anchors = anchorsOf(note, place);
    return anchors[mention] ?? anchors[0] ?? null;
  };
  const ordered = (): { popover: Popover; anchor: Element | null }[] =>
    [...popovers.values()]
      .map((popover) => ({ popover, anchor: anchorOf(popover) }))
      .sort(({ anchor: a }, { anchor: b }) =>
        a === null || b === null || a === b ? 0 : a.compareDocumentPosition(b) & 4 ? -1 : 1,
      );

  /** Measuring costs a layout, which a note without popovers does not need. */
  function placePopovers(): void {
    const hadPopovers = hasPopovers;
    hasPopovers = popovers.size > 0;
    if (!layer.isConnected || !(hadPopovers || hasPopovers)) return;
    layout.update(ordered().map(({ popover, anchor }) => ({ popover: popover.element, anchor })));
  }

  function popoverAt(place: Place, mention = 0): Popover {
    const there = popovers.get(keyOf(place));
    const popover = there ?? createPopover({ place, mention }, strings, { press, step });
    popovers.set(keyOf(place), popover);
    return popover;
  }

  function draw(): void {
    const asked = new Set(points.map(keyOf));
    for (const place of points) popoverAt(place);
    keepingFocus(() => {
      for (const [key, popover] of popovers) if (popover !== active && !asked.has(key)) drop(key, popover);
      arrange(asked);
    });
    highlight();
    if (popovers.size > 0) resizes.observe(note);
    placePopovers();
  }

  function drop(key: string, popover: Popover): void {
    popovers.delete(key);
    popover.element.remove();
  }

  function arrange(asked: ReadonlySet<string>): void {
    for (const [at, { popover, anchor }] of ordered().entries()) {
      const describedBy = `note-${keyOf(popover.place)}`;
      if (anchor !== null) setAttribute(anchor, 'id', describedBy);
      popover.update({ asked: asked.has(keyOf(popover.place)), active: popover === active, stepping, describedBy });
      if (layer.children[at] !== popover.element) layer.insertBefore(popover.element, layer.children[at] ?? null);
    }
  }

  /** A reader who was in a popover stays in it, or goes back to the start button. */
  function keepingFocus(change: () => void): void {
    const held = layer.contains(document.activeElement) ? document.activeElement : null;
    change();
    if (!(held instanceof HTMLElement) || document.activeElement === held) return;
    (held.isConnected ? held : startButton).focus({ preventScroll: true });
  }

  function highlight(): void {
    const now = new Set(points.flatMap((place) => anchorsOf(note, place)));
    const here = active === null ? null : anchorOf(active);
    for (const anchor of highlighted) {
      if (!now.has(anchor)) anchor.classList.remove('asked');
      if (anchor !== here) anchor.classList.remove('here');
    }
    for (const anchor of now) anchor.classList.add('asked');
    here?.classList.add('here');
    highlighted = [...now, ...(here === null ? [] : [here])];
  }

  /** `moveFocus` is false for a mouse, which may be about to select a word. */
  function goTo(anchor: Element, moveFocus = true): void {
    const place = placeOf(anchor);
    if (place === null) return;
    const mention = anchorsOf(note, place).indexOf(anchor);
    active = popoverAt(place, mention);
    active.mention = mention;
    draw();
    if (!moveFocus) return;
    active.focus();
    anchor.scrollIntoView({ block: 'nearest' });
    active.element.scrollIntoView({ block: 'nearest' });
  }

  function close(): void {
    const hadFocus = active?.element.contains(document.activeElement) === true;
    active = null;
    stepping = false;
    draw();
    if (hadFocus) startButton.focus({ preventScroll: true });
  }

  function startStepping(): void {
    const all = anchorsIn(note);
    const inSight = all.find((anchor) => anchor.getBoundingClientRect().top >= 0);
    const first = inSight ?? all[0];
    stepping = true;
    if (first !== undefined) goTo(first);
  }

  function press({ place }: Popover, on: boolean): void {
    point(place, on);
    announcer.say(on ? strings.t('point.seen') : '');
  }

  function step(popover: Popover, where: Step): void {
    if (where === 'close') return close();
    stepping = true;
    const all = anchorsIn(note);
    const from = anchorOf(popover);
    const here = from === null ? 0 : all.indexOf(from);
    const other = (anchor: Element): boolean => {
      const place = placeOf(anchor);
      return place !== null && !samePlace(place, popover.place);
    };
    const ways = {
      above: () => all.slice(0, Math.max(0, here)).findLast(other),
      below: () => all.slice(here + 1).find(other),
      first: () => all[0],
      last: () => all.at(-1),
    };
    const to = ways[where]();
    if (to !== undefined) goTo(to);
  }

  note.addEventListener('click', (event) => {
    const { target } = event;
    if (!(target instanceof Element) || target.closest('a') !== null) return;
    const anchor = target.closest('[data-medicine], [data-line]');
    const place = anchor === null ? null : placeOf(anchor);
    const selecting = getSelection()?.isCollapsed === false;
    if (anchor === null || place === null || selecting || (active !== null && samePlace(active.place, place))) {
      return active === null ? undefined : close();
    }
    stepping = false;
    // Assistive technology presses without a pointer.
    const byMouse = event instanceof PointerEvent && event.pointerType === 'mouse' && event.detail > 0;
    goTo(anchor, !byMouse);
  });

  return {
    update(now) {
      labels.draw();
      points = now;
      draw();
    },
    follow(before, after) {
      const all = [...popovers];
      popovers.clear();
      keepingFocus(() => {
        for (const [key, popover] of all) {
          const [place] = movePlaces([popover.place], before, after);
          if (place === undefined) {
            if (popover === active) active = null;
            drop(key, popover);
            continue;
          }
          popover.place = place;
          popovers.set(keyOf(place), popover);
        }
      });
    },
    leave() {
      resizes.disconnect();
      active = null;
      popovers.clear();
      layer.replaceChildren();
    },
  };
}
