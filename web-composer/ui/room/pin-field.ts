/** The PIN that the patient will be asked for: GLIR's proposal, or the doctor's own. */

import { plainDigits } from '../../../web-shared/i18n/digits.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setAttribute } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

/** As many characters as a PIN with spaces between the digits can have. */
const TYPED_MAX = 24;

export interface PinField {
  readonly element: HTMLElement;
  focus(): void;
  /** @param bad whether this PIN cannot be shared */
  update(pin: string, bad: boolean): void;
}

/** The field with "Another one". It holds digits only, without gaps, so that each can be changed in place. */
export function createPinField(
  actions: Pick<ComposerActions, 'setPin' | 'proposePin'>,
  announcer: Announcer,
  strings: ComposerStrings,
): PinField {
  const labels = createLabels(strings);
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
    const digits = plainDigits(input.value);
    if (digits !== input.value) {
      const caret = plainDigits(input.value.slice(0, input.selectionStart ?? undefined)).length;
      input.value = digits;
      input.setSelectionRange(caret, caret);
    }
    actions.setPin(digits);
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
      if (proposing) announcer.say(strings.t('pin.proposed', { digits: [...pin].join(' ') }));
    },
  };
}
