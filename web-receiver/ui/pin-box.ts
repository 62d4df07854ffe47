/** The field for the PIN, and what was wrong with the last try. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import { el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { PinPrompt } from '../session/state.ts';
import type { ReceiverStrings } from './strings.ts';

/** The longest PIN with gaps between its digits. */
const TYPED_MAX = 24;

export interface PinBox {
  readonly element: HTMLElement;
  typed(): string;
  /** @param prompt null while no PIN is asked for */
  update(prompt: PinPrompt | null): void;
}

export function createPinBox(strings: ReceiverStrings, onEnter: () => void): PinBox {
  const labels = createLabels(strings);
  const input = el('input', {
    id: 'pin',
    class: 'input pin-input code',
    type: 'text',
    dir: 'ltr',
    inputmode: 'numeric',
    // "one-time-code" would have Chromium write the PIN into its session files.
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'go',
    maxlength: String(TYPED_MAX),
    'aria-describedby': 'pin-hint',
  });
  const hint = el('p', { class: 'hint', id: 'pin-hint' }, labels.text('pin.hint'));
  const problem = el('p', { class: 'problem', role: 'alert' });
  const element = el(
    'div',
    { class: 'field pin-box' },
    el('label', { class: 'label', for: 'pin' }, labels.text('pin')),
    input,
    hint,
    problem,
  );
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    onEnter();
  });
  let last: PinPrompt | null = null;

  function sentenceOf({ problem: what, triesLeft }: PinPrompt): string {
    if (what === null) return '';
    return what === 'missing' ? strings.t('pin.missing') : strings.t('pin.wrong', { count: triesLeft ?? 0 });
  }

  return {
    element,
    typed: () => input.value,
    update(prompt) {
      labels.draw();
      setShown(element, prompt !== null);
      if (prompt === null) return setText(problem, '');
      setText(problem, sentenceOf(prompt));
      setAttribute(input, 'aria-invalid', prompt.problem === null ? null : 'true');
      if (last === prompt) return;
      last = prompt;
      if (prompt.problem === null) return;
      if (prompt.problem === 'wrong') input.value = '';
      input.focus();
    },
  };
}
