/** The popover under one place of the note: "I don't understand this", and the way to the next place. */
import type { Place } from '../../src/protocol/sealed.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';

/** What a reader without a mouse can do in a popover. */
export type Step = 'above' | 'below' | 'first' | 'last' | 'close';

const KEYS: Readonly<Record<string, Step>> = {
  ArrowUp: 'above',
  ArrowDown: 'below',
  Home: 'first',
  End: 'last',
  Escape: 'close',
};

interface PopoverState {
  asked: boolean;
  active: boolean;
  /** The reader goes from place to place, and needs to see how. */
  stepping: boolean;
  /** The id of the place, which describes the button. */
  describedBy: string;
}

export interface Popover {
  readonly element: HTMLElement;
  /** A correction may move it. */
  place: Place;
  /** Index of the element it lies under, where a medicine is mentioned several times. */
  mention: number;
  update(state: PopoverState): void;
  focus(): void;
}

export function createPopover(
  at: { place: Place; mention: number },
  strings: ReceiverStrings,
  actions: { press(popover: Popover, on: boolean): void; step(popover: Popover, step: Step): void },
): Popover {
  let state: PopoverState | null = null;
  const seen = el('p', { class: 'popover-seen' });
  const press = button('popover-button', [], () => actions.press(popover, state?.asked !== true));
  const steps = (['above', 'below', 'close'] as const).map((step) => ({
    step,
    element: button('button-quiet', [], () => actions.step(popover, step)),
  }));
  const row = el('div', { class: 'popover-steps' }, ...steps.map(({ element }) => element));
  const element = el('div', { class: 'popover' }, seen, press, row);
  element.addEventListener('keydown', (event) => {
    const step = KEYS[event.key];
    if (step === undefined || state?.active !== true) return;
    event.preventDefault();
    actions.step(popover, step);
  });
  const popover: Popover = {
    element,
    ...at,
    update(now) {
      state = now;
      setText(press, strings.t(now.asked ? 'point.back' : 'point'));
      setAttribute(press, 'aria-describedby', now.describedBy);
      setText(seen, strings.t('point.seen'));
      setShown(seen, now.asked);
      setShown(row, now.active && now.stepping);
      for (const { step, element: one } of steps) setText(one, strings.t(`point.${step}`));
      element.classList.toggle('asked', now.asked);
    },
    focus: () => press.focus({ preventScroll: true }),
  };
  return popover;
}

interface PopoverLayout {
  /** Puts each popover under its line, and makes room for it there; nothing is put into the note itself. */
  update(all: readonly { popover: HTMLElement; anchor: Element | null }[]): void;
}

/** `layer` lies over the note, at its upper edge and as wide. */
export function createPopoverLayout(layer: HTMLElement): PopoverLayout {
  let open = new Map<HTMLElement, string>();
  return {
    update(all) {
      const holders = all.map(({ popover, anchor }) => ({
        popover,
        height: `${popover.offsetHeight}px`,
        ...holderOf(anchor),
      }));
      const next = new Map(holders.flatMap(({ holder, side }) => (holder === null ? [] : [[holder, side]])));
      for (const [holder, side] of open) {
        if (next.get(holder) === side) continue;
        holder.classList.remove(side);
        holder.style.removeProperty('--gap');
      }
      for (const { holder, side, height } of holders) {
        holder?.classList.add(side);
        holder?.style.setProperty('--gap', height);
      }
      open = next;
      const edge = layer.getBoundingClientRect().top;
      const tops = holders.map(({ holder, side, popover }) => {
        if (holder === null) return 0;
        const { top, bottom } = holder.getBoundingClientRect();
        return (side === 'gap-after' ? bottom : top - popover.offsetHeight) - edge;
      });
      for (const [place, { popover, holder }] of holders.entries()) {
        popover.hidden = holder === null;
        popover.style.setProperty('top', `${tops[place] ?? 0}px`);
      }
    },
  };
}

/** A list inside an item follows the item's own text, so there the room is made before the list. */
function holderOf(anchor: Element | null): { holder: HTMLElement | null; side: 'gap-after' | 'gap-before' } {
  const inner = anchor?.querySelector(':scope > ul, :scope > ol');
  if (inner instanceof HTMLElement) return { holder: inner, side: 'gap-before' };
  return { holder: anchor instanceof HTMLElement ? anchor : null, side: 'gap-after' };
}
