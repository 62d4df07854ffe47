/** Before "Share": who gets in, for how long, how many, and what they may do. */
import type { Admission } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createMoreChoices } from './more-choices.ts';
import { createPinField } from './pin-field.ts';
import type { ComposerWords } from './strings.ts';

const EXPIRY_MINUTES = [1, 5, 15, 30, 60, 120, 240, 480, 1440];
const READERS = [1, 2, 3, 5, 10, 20];
/** The recommended one first. */
const ORDER: readonly Admission[] = ['ask', 'pin', 'link'];

export interface PolicyPanel {
  readonly element: HTMLElement;
  /** Does what "Share" does. */
  press(): void;
  /** `problem` is the finished sentence beside "Share", or an empty one. */
  update(state: ComposerState & { name: 'writing' }, problem: string): void;
}

/** The panel; `share` is called on "Share" and nothing else. */
export function createPolicyPanel(
  actions: ComposerActions,
  announcer: Announcer,
  words: ComposerWords,
  time: TimeFormat,
  share: () => void,
): PolicyPanel {
  const labels = createLabels(words);
  const pin = createPinField(actions, announcer, words);
  const choices = ORDER.map((admission) => createChoice(admission, actions, words));
  const expiry = createSelect('expiry', words, (seconds) => actions.choose({ expirySeconds: seconds }));
  const readers = createSelect('readers', words, (limit) => actions.choose({ maxReaders: limit }));
  const more = createMoreChoices(actions, words);
  const problem = el('p', { class: 'problem', id: 'policy-problem', role: 'alert' });
  let pressed = false;
  const press = (): void => {
    pressed = true;
    share();
    pressed = false;
  };
  const shareButton = button('button-primary', [], press);
  setAttribute(shareButton, 'aria-keyshortcuts', 'Control+Enter Meta+Enter');
  const form = el(
    'fieldset',
    { class: 'policy' },
    el(
      'div',
      { class: 'choices', role: 'radiogroup', 'aria-labelledby': 'admission' },
      el('h2', { id: 'admission' }, labels.text('admission')),
      ...choices.flatMap((choice) => (choice.admission === 'pin' ? [choice.element, pin.element] : [choice.element])),
    ),
    el('div', { class: 'pair' }, expiry.element, readers.element),
    more.element,
  );
  const element = el('section', { class: 'panel sheet' }, form, problem, shareButton);

  return {
    element,
    press: () => shareButton.click(),
    update(state, said) {
      const { policy, limits, sharing } = state;
      labels.draw();
      if (form.disabled !== sharing) form.disabled = sharing;
      for (const choice of choices) choice.update(policy.admission, limits.admissions);
      const badPin = state.problem === 'bad-pin';
      setShown(pin.element, policy.admission === 'pin');
      pin.update(state.pin, badPin);
      expiry.update(
        withOther(
          EXPIRY_MINUTES.map((minutes) => minutes * 60).filter((seconds) => seconds <= limits.expiryMaxSeconds),
          policy.expirySeconds,
        ),
        policy.expirySeconds,
        (seconds) => time.duration(seconds * 1000),
      );
      const possible = READERS.filter((count) => count <= limits.maxReaders);
      readers.update(withOther(possible, policy.maxReaders), policy.maxReaders, words.number);
      more.update(state);
      setText(problem, said);
      setText(shareButton, words.t(sharing ? 'sharing' : 'share'));
      setAttribute(shareButton, 'aria-disabled', sharing ? 'true' : null);
      if (pressed && badPin) pin.focus();
    },
  };
}

function withOther(usual: readonly number[], chosen: number): number[] {
  return usual.includes(chosen) ? [...usual] : [...usual, chosen].sort((a, b) => a - b);
}

function createChoice(admission: Admission, actions: ComposerActions, words: ComposerWords) {
  const labels = createLabels(words);
  const title = `admission-${admission}`;
  const hint = `${title}-hint`;
  const input = el('input', {
    type: 'radio',
    name: 'admission',
    value: admission,
    'aria-labelledby': title,
    'aria-describedby': hint,
  });
  input.addEventListener('change', () => actions.choose({ admission }));
  const element = el(
    'label',
    { class: 'choice' },
    input,
    el('span', { class: 'label', id: title }, labels.text(`admission.${admission}`)),
    el('span', { class: 'hint', id: hint }, labels.text(`admission.${admission}.hint`)),
  );
  return {
    admission,
    element,
    update(chosen: Admission, allowed: readonly Admission[]) {
      labels.draw();
      setShown(element, allowed.includes(admission));
      if (input.checked !== (chosen === admission)) input.checked = chosen === admission;
    },
  };
}

function createSelect(id: 'expiry' | 'readers', words: ComposerWords, choose: (value: number) => void) {
  const labels = createLabels(words);
  const select = el('select', { class: 'input', id });
  select.addEventListener('change', () => choose(Number(select.value)));
  const element = el(
    'div',
    { class: 'field' },
    el('label', { class: 'label', for: id }, labels.text(id)),
    el('span', { class: 'select' }, select),
  );
  let drawn = '';
  return {
    element,
    update(values: readonly number[], chosen: number, word: (value: number) => string) {
      labels.draw();
      const wanted = `${values.join()} ${words.language}`;
      if (drawn !== wanted) {
        drawn = wanted;
        select.replaceChildren(...values.map((value) => el('option', { value: String(value) }, word(value))));
      }
      if (select.value !== String(chosen)) select.value = String(chosen);
    },
  };
}
