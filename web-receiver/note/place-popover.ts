/** What can be done at one place of the note: say that it is not clear, and take that back. */
import type { Place } from '../../src/protocol/sealed.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';

/** Ways from one place to another. */
export type Step = 'above' | 'below' | 'first' | 'last' | 'close';

const KEYS: Readonly<Record<string, Step>> = {
  ArrowUp: 'above',
  ArrowDown: 'below',
  Home: 'first',
  End: 'last',
  Escape: 'close',
};

export interface SlipState {
  /** The reader asked about this place. */
  asked: boolean;
  /** The place that the reader is at. */
  active: boolean;
  /** The reader goes from place to place, and needs to see how. */
  stepping: boolean;
  /** The id of the place, which describes the button. */
  describedBy: string;
}

export interface Slip {
  readonly element: HTMLElement;
  /** Where it belongs; a correction may move it. */
  place: Place;
  /** Which of the place's elements it lies under. */
  mention: number;
  update(state: SlipState): void;
  focus(): void;
}

export function createSlip(
  at: { place: Place; mention: number },
  strings: ReceiverStrings,
  act: { press(slip: Slip, on: boolean): void; step(slip: Slip, step: Step): void },
): Slip {
  let state: SlipState | null = null;
  const seen = el('p', { class: 'slip-seen' });
  const press = button('slip-button', [], () => act.press(slip, state?.asked !== true));
  const steps = (['above', 'below', 'close'] as const).map((step) => ({
    step,
    element: button('button-quiet', [], () => act.step(slip, step)),
  }));
  const row = el('div', { class: 'slip-steps' }, ...steps.map(({ element }) => element));
  const element = el('div', { class: 'slip' }, seen, press, row);
  element.addEventListener('keydown', (event) => {
    const step = KEYS[event.key];
    if (step === undefined || state?.active !== true) return;
    event.preventDefault();
    act.step(slip, step);
  });
  const slip: Slip = {
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
  return slip;
}
