/** The PIN that the patient will be asked for: a proposal, or the doctor's own. */

import { plainDigits } from '../../web-shared/i18n/digits.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute } from '../../web-shared/ui/dom.ts';
import type { ComposerActions } from '../session/state.ts';
import type { ComposerWords } from './strings.ts';

/** As many characters as a PIN with gaps can have. */
const TYPED_MAX = 24;

export interface PinField {
  readonly element: HTMLElement;
  focus(): void;
  /** `bad` when this PIN cannot be shared. */
  update(pin: string, bad: boolean): void;
}

/** The field with "Another one". It holds digits only, in one piece, so that each can be changed as it stands. */
export function createPinField(
  actions: Pick<ComposerActions, 'setPin' | 'proposePin'>,
  announcer: Announcer,
  words: ComposerWords,
): PinField {
  const labels = createLabels(words);
  const input = el('input', {
    id: 'pin',
    class: 'input pin-input',
    type: 'text',
    dir: 'ltr',
    inputmode: 'numeric',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    maxlength: String(TYPED_MAX),
    'aria-describedby': 'pin-hint',
  });
  let proposing = false;
  const another = button('pin-another', [labels.text('pin.another')], () => {
    proposing = true;
    actions.proposePin();
    proposing = false;
  });
  const element = el(
    'div',
    { class: 'field pin-field' },
    el('label', { class: 'label', for: 'pin' }, labels.text('pin')),
    el('div', { class: 'pin-row' }, input, another),
    el('p', { class: 'hint', id: 'pin-hint' }, labels.text('pin.hint')),
  );
  input.addEventListener('input', () => {
    const plain = plainDigits(input.value);
    if (plain !== input.value) {
      const caret = plainDigits(input.value.slice(0, input.selectionStart ?? undefined)).length;
      input.value = plain;
      input.setSelectionRange(caret, caret);
    }
    actions.setPin(plain);
  });

  return {
    element,
    focus() {
      input.focus();
      input.select();
    },
    update(pin, bad) {
      labels.draw();
      if (input.value !== pin) input.value = pin;
      setAttribute(input, 'aria-invalid', bad ? 'true' : null);
      setAttribute(input, 'aria-describedby', bad ? 'policy-problem pin-hint' : 'pin-hint');
      if (proposing) announcer.say(words.t('pin.proposed', { digits: [...pin].join(' ') }));
    },
  };
}
