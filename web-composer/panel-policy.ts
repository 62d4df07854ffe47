/** Before "Share": who gets in, for how long, how many, and under which name. */
import type { Admission } from '../src/protocol/terms.ts';
import { button, el, setAttribute, setShown, setText } from '../web-shared/dom.ts';
import type { TimeWords } from '../web-shared/time.ts';
import type { ComposerActions, ComposerState } from './state.ts';
import { words } from './words.ts';

const EXPIRY_MINUTES = [1, 5, 15, 30, 60, 120, 240, 480, 1440];
const READERS = [1, 2, 3, 5, 10, 20];
/** The recommended one first. */
const ORDER: readonly Admission[] = ['ask', 'link'];

export interface PolicyPanel {
  readonly element: HTMLElement;
  /** `problem` is the finished sentence beside "Share", or an empty one. */
  update(state: ComposerState & { name: 'writing' }, problem: string): void;
}

/** The panel; `share` is pressed on "Share" and nothing else. */
export function createPolicyPanel(actions: ComposerActions, time: TimeWords, share: () => void): PolicyPanel {
  const choices = ORDER.map((admission) => createChoice(admission, actions));
  const expiry = createSelect('expiry', words.expiry, (seconds) => actions.choose({ expirySeconds: seconds }));
  const readers = createSelect('readers', words.readers, (limit) => actions.choose({ maxReaders: limit }));
  const showName = el('input', {
    type: 'checkbox',
    role: 'switch',
    'aria-labelledby': 'show-name',
    'aria-describedby': 'shown-as',
  });
  showName.addEventListener('change', () => actions.choose({ showName: showName.checked }));
  const shownAs = el('span', { class: 'hint', id: 'shown-as' });
  const problem = el('p', { class: 'problem', role: 'alert' });
  const press = button('button-primary', [], share);
  const form = el(
    'fieldset',
    { class: 'policy' },
    el(
      'div',
      { class: 'choices', role: 'radiogroup', 'aria-labelledby': 'admission' },
      el('h2', { id: 'admission' }, words.admission),
      ...choices.map((choice) => choice.element),
    ),
    el('div', { class: 'pair' }, expiry.element, readers.element),
    el(
      'label',
      { class: 'switch' },
      el('span', { class: 'label', id: 'show-name' }, words.showName),
      showName,
      shownAs,
    ),
  );
  const element = el('section', { class: 'panel sheet' }, form, problem, press);

  return {
    element,
    update({ policy, limits, displayName, sharing }, said) {
      if (form.disabled !== sharing) form.disabled = sharing;
      for (const choice of choices) choice.update(policy.admission, limits.admissions);
      expiry.update(
        withOther(
          EXPIRY_MINUTES.map((minutes) => minutes * 60).filter((seconds) => seconds <= limits.expiryMaxSeconds),
          policy.expirySeconds,
        ),
        policy.expirySeconds,
        (seconds) => time.duration(seconds * 1000),
      );
      const possible = READERS.filter((count) => count <= limits.maxReaders);
      readers.update(withOther(possible, policy.maxReaders), policy.maxReaders, String);
      if (showName.checked !== policy.showName) showName.checked = policy.showName;
      setText(shownAs, policy.showName ? words.shownAs(displayName) : words.shownAsDoctor);
      setText(problem, said);
      setText(press, sharing ? words.sharing : words.share);
      setAttribute(press, 'aria-disabled', sharing ? 'true' : null);
    },
  };
}

function withOther(usual: readonly number[], chosen: number): number[] {
  return usual.includes(chosen) ? [...usual] : [...usual, chosen].sort((a, b) => a - b);
}

function createChoice(admission: Admission, actions: ComposerActions) {
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
    el('span', { class: 'label', id: title }, words.admissionTitle[admission]),
    el('span', { class: 'hint', id: hint }, words.admissionHint[admission]),
  );
  return {
    element,
    update(chosen: Admission, allowed: readonly Admission[]) {
      setShown(element, allowed.includes(admission));
      if (input.checked !== (chosen === admission)) input.checked = chosen === admission;
    },
  };
}

function createSelect(id: string, label: string, choose: (value: number) => void) {
  const select = el('select', { class: 'input', id });
  select.addEventListener('change', () => choose(Number(select.value)));
  const element = el(
    'div',
    { class: 'field' },
    el('label', { class: 'label', for: id }, label),
    el('span', { class: 'select' }, select),
  );
  let drawn = '';
  return {
    element,
    update(values: readonly number[], chosen: number, word: (value: number) => string) {
      if (drawn !== values.join()) {
        drawn = values.join();
        select.replaceChildren(...values.map((value) => el('option', { value: String(value) }, word(value))));
      }
      if (select.value !== String(chosen)) select.value = String(chosen);
    },
  };
}
