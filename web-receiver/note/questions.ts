/** "I don't understand this": the reader points at a line or a medicine, and the doctor sees it there. */
import type { Note } from '../../src/protocol/note.ts';
import type { Place } from '../../src/protocol/sealed.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { movePlaces, samePlace } from '../../web-shared/note-positions.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import { anchorsIn, anchorsOf, keyOf, placeOf } from './anchors.ts';
import { createSlip, type Slip, type Step } from './place-popover.ts';
import { createGaps } from './popover-layout.ts';

export interface Pointing {
  /** Lies over the note, after it in the page. */
  readonly layer: HTMLElement;
  /** Where whoever does not tap begins. */
  readonly start: HTMLElement;
  update(points: readonly Place[]): void;
  /** Another version stands in the note. */
  follow(before: Note, after: Note): void;
  leave(): void;
}

/** `point` tells the doctor, or takes it back; what came of it arrives with `update`. */
export function createPointing(
  note: HTMLElement,
  strings: ReceiverStrings,
  announcer: Announcer,
  point: (place: Place, on: boolean) => void,
): Pointing {
  const labels = createLabels(strings);
  const layer = el('div', { class: 'slips' });
  const begin = button('button-quiet', [labels.text('point.start')], () => begins());
  const start = el('div', { class: 'ask' }, begin, el('p', { class: 'quiet small' }, labels.text('point.hint')));
  const gaps = createGaps(layer);
  const watch = new ResizeObserver(() => lay());
  const slips = new Map<string, Slip>();
  let points: readonly Place[] = [];
  let lit: Element[] = [];
  let active: Slip | null = null;
  let stepping = false;
  let laid = false;

  const anchorOf = ({ place, mention }: Slip): Element | null => {
    const anchors = anchorsOf(note, place);
    return anchors[mention] ?? anchors[0] ?? null;
  };
  /** The slips in the order of the note. */
  const ordered = (): { slip: Slip; anchor: Element | null }[] =>
    [...slips.values()]
      .map((slip) => ({ slip, anchor: anchorOf(slip) }))
      .sort(({ anchor: a }, { anchor: b }) =>
        a === null || b === null || a === b ? 0 : a.compareDocumentPosition(b) & 4 ? -1 : 1,
      );

  /** Measuring costs a layout, which a note without slips can do without. */
  function lay(): void {
    const had = laid;
    laid = slips.size > 0;
    if (!layer.isConnected || !(had || laid)) return;
    gaps.lay(ordered().map(({ slip, anchor }) => ({ slip: slip.element, anchor })));
  }

  function slipAt(place: Place, mention = 0): Slip {
    const there = slips.get(keyOf(place));
    const slip = there ?? createSlip({ place, mention }, strings, { press, step });
    slips.set(keyOf(place), slip);
    return slip;
  }

  function draw(): void {
    const asked = new Set(points.map(keyOf));
    for (const place of points) slipAt(place);
    keepingFocus(() => {
      for (const [key, slip] of slips) if (slip !== active && !asked.has(key)) drop(key, slip);
      arrange(asked);
    });
    highlight();
    if (slips.size > 0) watch.observe(note);
    lay();
  }

  function drop(key: string, slip: Slip): void {
    slips.delete(key);
    slip.element.remove();
  }

  function arrange(asked: ReadonlySet<string>): void {
    for (const [at, { slip, anchor }] of ordered().entries()) {
      const describedBy = `note-${keyOf(slip.place)}`;
      if (anchor !== null) setAttribute(anchor, 'id', describedBy);
      slip.update({ asked: asked.has(keyOf(slip.place)), active: slip === active, stepping, describedBy });
      if (layer.children[at] !== slip.element) layer.insertBefore(slip.element, layer.children[at] ?? null);
    }
  }

  /** Whoever was in a slip stays in it, or is led to where all slips begin. */
  function keepingFocus(change: () => void): void {
    const held = layer.contains(document.activeElement) ? document.activeElement : null;
    change();
    if (!(held instanceof HTMLElement) || document.activeElement === held) return;
    (held.isConnected ? held : begin).focus({ preventScroll: true });
  }

  function highlight(): void {
    const now = new Set(points.flatMap((place) => anchorsOf(note, place)));
    const here = active === null ? null : anchorOf(active);
    for (const anchor of lit) {
      if (!now.has(anchor)) anchor.classList.remove('asked');
      if (anchor !== here) anchor.classList.remove('here');
    }
    for (const anchor of now) anchor.classList.add('asked');
    here?.classList.add('here');
    lit = [...now, ...(here === null ? [] : [here])];
  }

  /** `lead` brings the focus along. A mouse needs no leading, and may be about to select a word. */
  function goTo(anchor: Element, lead = true): void {
    const place = placeOf(anchor);
    if (place === null) return;
    const mention = anchorsOf(note, place).indexOf(anchor);
    active = slipAt(place, mention);
    active.mention = mention;
    draw();
    if (!lead) return;
    active.focus();
    anchor.scrollIntoView({ block: 'nearest' });
    active.element.scrollIntoView({ block: 'nearest' });
  }

  function close(): void {
    const had = active?.element.contains(document.activeElement) === true;
    active = null;
    stepping = false;
    draw();
    if (had) begin.focus({ preventScroll: true });
  }

  function begins(): void {
    const all = anchorsIn(note);
    const inSight = all.find((anchor) => anchor.getBoundingClientRect().top >= 0);
    const first = inSight ?? all[0];
    stepping = true;
    if (first !== undefined) goTo(first);
  }

  function press({ place }: Slip, on: boolean): void {
    point(place, on);
    announcer.say(on ? strings.t('point.seen') : '');
  }

  function step(slip: Slip, where: Step): void {
    if (where === 'close') return close();
    stepping = true;
    const all = anchorsIn(note);
    const from = anchorOf(slip);
    const here = from === null ? 0 : all.indexOf(from);
    const other = (anchor: Element): boolean => {
      const place = placeOf(anchor);
      return place !== null && !samePlace(place, slip.place);
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
    layer,
    start,
    update(now) {
      labels.draw();
      points = now;
      draw();
    },
    follow(before, after) {
      const all = [...slips];
      slips.clear();
      keepingFocus(() => {
        for (const [key, slip] of all) {
          const [place] = movePlaces([slip.place], before, after);
          if (place === undefined) {
            if (slip === active) active = null;
            drop(key, slip);
            continue;
          }
          slip.place = place;
          slips.set(keyOf(place), slip);
        }
      });
    },
    leave() {
      watch.disconnect();
      active = null;
      slips.clear();
      layer.replaceChildren();
    },
  };
}
