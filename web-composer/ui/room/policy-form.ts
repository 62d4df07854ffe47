/** Before "Share": who is admitted, for how long, how many readers, and what they may do. */
import type { Admission } from '../../../src/protocol/constants.ts';
import { safeName } from '../../../web-shared/i18n/safe-name.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import type { ComposerKey, ComposerStrings } from '../strings.ts';
import { createPinField } from './pin-field.ts';

type Writing = ComposerState & { name: 'writing' };

const EXPIRY_MINUTES = [1, 5, 15, 30, 60, 120, 240, 480, 1440];
const MAX_READERS = [1, 2, 3, 5, 10, 20];
/** In the order of the form: the recommended one first. */
const ADMISSIONS: readonly Admission[] = ['ask', 'pin', 'link'];

export interface PolicyForm {
  readonly element: HTMLElement;
  pressShare(): void;
  /** @param problem the finished sentence beside "Share", or an empty one. */
  update(state: Writing, problem: string): void;
}

/** @param share called when "Share" is pressed */
export function createPolicyForm(
  actions: ComposerActions,
  announcer: Announcer,
  strings: ComposerStrings,
  time: TimeFormat,
  share: () => void,
): PolicyForm {
  const labels = createLabels(strings);
  const pin = createPinField(actions, announcer, strings);
  const choices = ADMISSIONS.map((admission) => createAdmissionChoice(admission, actions, strings));
  const expiry = createSelect('expiry', strings, (expirySeconds) => actions.choosePolicy({ expirySeconds }));
  const readers = createSelect('readers', strings, (maxReaders) => actions.choosePolicy({ maxReaders }));
  const more = createMoreChoices(actions, strings);
  const problem = el('p', { class: 'problem', id: 'policy-problem', role: 'alert' });
  let pressed = false;
  const press = (): void => {
    pressed = true;
    share();
    pressed = false;
  };
  const shareButton = button('button-primary', [], (isTrusted) => isTrusted && press());
  setAttribute(shareButton, 'aria-keyshortcuts', 'Control+Enter Meta+Enter');
  const asked = createAskedOnce(
    strings,
    time,
    el(
      'div',
      { class: 'choices', role: 'radiogroup', 'aria-labelledby': 'admission' },
      el('h2', { id: 'admission' }, labels.text('admission')),
      ...choices.flatMap((choice) => (choice.admission === 'pin' ? [choice.element, pin.element] : [choice.element])),
    ),
    el('div', { class: 'policy-selects' }, expiry.element, readers.element),
  );
  const form = el('fieldset', { class: 'policy' }, asked.element, more.element);
  const element = el('section', { class: 'panel sheet' }, form, problem, shareButton);

  return {
    element,
    pressShare() {
      if (shareButton.getAttribute('aria-disabled') !== 'true') press();
    },
    update(state, problemText) {
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
      const allowed = MAX_READERS.filter((count) => count <= limits.maxReaders);
      readers.update(withOther(allowed, policy.maxReaders), policy.maxReaders, strings.number);
      asked.update(state);
      more.update(state);
      setText(problem, problemText);
      setText(shareButton, strings.t(sharing ? 'sharing' : 'share'));
      setAttribute(shareButton, 'aria-disabled', sharing ? 'true' : null);
      if (badPin) asked.unfold();
      if (pressed && badPin) pin.focus();
    },
  };
}

/** The usual values, and the chosen one if it is none of them, as a command may set it. */
function withOther(usual: readonly number[], chosen: number): number[] {
  return usual.includes(chosen) ? [...usual] : [...usual, chosen].sort((a, b) => a - b);
}

function createAdmissionChoice(admission: Admission, actions: ComposerActions, strings: ComposerStrings) {
  const labels = createLabels(strings);
  const title = `admission-${admission}`;
  const hint = `${title}-hint`;
  const input = el('input', {
    type: 'radio',
    name: 'admission',
    value: admission,
    'aria-labelledby': title,
    'aria-describedby': hint,
  });
  input.addEventListener('change', () => actions.choosePolicy({ admission }));
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

function createSelect(id: 'expiry' | 'readers', strings: ComposerStrings, choose: (value: number) => void) {
  const labels = createLabels(strings);
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
    update(values: readonly number[], chosen: number, label: (value: number) => string) {
      labels.draw();
      const wanted = `${values.join()} ${strings.language}`;
      if (drawn !== wanted) {
        drawn = wanted;
        select.replaceChildren(...values.map((value) => el('option', { value: String(value) }, label(value))));
      }
      if (select.value !== String(chosen)) select.value = String(chosen);
    },
  };
}

/** The choices themselves; folded, with what was chosen in a line, where the doctor has been asked for them in the chat. */
function createAskedOnce(strings: ComposerStrings, time: TimeFormat, ...choices: HTMLElement[]) {
  const labels = createLabels(strings);
  const summary = el('span', { class: 'hint' });
  const head = el('summary', {}, el('span', { class: 'label' }, labels.text('chosen')), ' ', summary);
  const fold = el('details', { class: 'more' }, head);
  const all = el('div', { class: 'policy' }, ...choices);
  const element = el('div', {}, all);
  let isDrawn = false;
  return {
    element,
    unfold() {
      fold.open = true;
    },
    update({ policy, isChosen }: Pick<Writing, 'policy' | 'isChosen'>) {
      labels.draw();
      if (!isDrawn && isChosen) {
        element.append(fold);
        fold.append(all);
      }
      isDrawn = true;
      const chosen = [
        strings.t(`admission.${policy.admission}`),
        time.duration(policy.expirySeconds * 1000),
        strings.t('chosen.readers', { count: policy.maxReaders }),
      ];
      setText(summary, chosen.join(' · '));
    },
  };
}

/** "More choices", which most doctors leave as they are. Folded, it says what is not as usual. */
function createMoreChoices(
  actions: Pick<ComposerActions, 'choosePolicy' | 'chooseOptions'>,
  strings: ComposerStrings,
): { element: HTMLElement; update(state: Pick<Writing, 'policy' | 'options' | 'displayName'>): void } {
  const labels = createLabels(strings);
  const shownAs = el('span', { class: 'hint', id: 'shown-as' });
  const name = createSwitch(
    strings,
    { id: 'show-name', key: 'showName', describedBy: shownAs.id, hint: shownAs },
    (on) => actions.choosePolicy({ showName: on }),
  );
  const copy = createSwitch(strings, { id: 'allow-copy', key: 'allowCopy', describedBy: 'allow-hint' }, (on) =>
    actions.chooseOptions({ copy: on }),
  );
  const print = createSwitch(strings, { id: 'allow-print', key: 'allowPrint', describedBy: 'allow-hint' }, (on) =>
    actions.chooseOptions({ print: on }),
  );
  const markdownHint = el('span', { class: 'hint', id: 'markdown-hint' }, labels.text('markdown.hint'));
  const markdown = createSwitch(
    strings,
    { id: 'markdown', key: 'markdown', describedBy: markdownHint.id, hint: markdownHint },
    (on) => actions.chooseOptions({ format: on ? 'markdown' : 'plain' }),
  );
  const summary = el('span', { class: 'hint' });
  const element = el(
    'details',
    { class: 'more' },
    el('summary', {}, el('span', { class: 'label' }, labels.text('more')), ' ', summary),
    el(
      'div',
      { class: 'more-choices' },
      name.element,
      el(
        'div',
        {},
        copy.element,
        print.element,
        el('p', { class: 'hint', id: 'allow-hint' }, labels.text('allow.hint')),
      ),
      markdown.element,
    ),
  );

  return {
    element,
    update({ policy, options, displayName }) {
      labels.draw();
      name.update(policy.showName);
      copy.update(options.copy);
      print.update(options.print);
      markdown.update(options.format === 'markdown');
      const isNamed = policy.showName && displayName !== '';
      setText(shownAs, strings.t(`shownAs.${isNamed ? 'named' : 'unnamed'}`, { name: safeName(displayName) }));
      const changes = [
        ...(policy.showName ? [] : [strings.t('more.noName')]),
        ...(options.copy ? [] : [strings.t('more.noCopy')]),
        ...(options.print ? [] : [strings.t('more.noPrint')]),
        ...(options.format === 'markdown' ? [strings.t('more.markdown')] : []),
      ];
      setText(summary, strings.list(changes));
    },
  };
}

/**
 * A switch with its label, and a line that explains it.
 *
 * @param id unique in the page
 * @param describedBy id of the explanation, when it is elsewhere
 * @param hint the explanation, when it is under the label
 */
function createSwitch(
  strings: ComposerStrings,
  props: { id: string; key: ComposerKey; describedBy: string; hint?: HTMLElement },
  turn: (on: boolean) => void,
): { element: HTMLElement; update(on: boolean): void } {
  const labels = createLabels(strings);
  const { id, key, describedBy, hint } = props;
  const input = el('input', {
    type: 'checkbox',
    role: 'switch',
    'aria-labelledby': id,
    'aria-describedby': describedBy,
  });
  input.addEventListener('change', () => turn(input.checked));
  return {
    element: el(
      'label',
      { class: 'switch' },
      el('span', { class: 'label', id }, labels.text(key)),
      input,
      ...(hint === undefined ? [] : [hint]),
    ),
    update(on) {
      labels.draw();
      if (input.checked !== on) input.checked = on;
    },
  };
}
