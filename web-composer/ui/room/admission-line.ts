/** After "Share": how readers get in, and the stricter ways that the doctor may still choose. */
import type { Admission } from '../../../src/protocol/constants.ts';
import { isStricter, STRICTEST_FIRST } from '../../../src/protocol/policy.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

export interface AdmissionLine {
  readonly element: HTMLElement;
  update(state: ComposerState & { name: 'open' }): void;
}

export function createAdmissionLine(
  actions: Pick<ComposerActions, 'restrict'>,
  strings: ComposerStrings,
): AdmissionLine {
  const labels = createLabels(strings);
  const now = el('p');
  const choices = STRICTEST_FIRST.map((admission) => ({
    admission,
    button: button('', [], () => actions.restrict(admission)),
  }));
  const buttons = el('div', { class: 'admission-choices' }, ...choices.map((choice) => choice.button));
  const element = el(
    'section',
    { class: 'admission-line' },
    el('p', { class: 'label' }, labels.text('admission')),
    now,
    buttons,
  );
  return {
    element,
    update({ policy, admissions }) {
      labels.draw();
      setText(now, strings.t(`admission.${policy.admission}`));
      const offered = (admission: Admission): boolean =>
        admissions.includes(admission) && isStricter(admission, policy.admission);
      for (const choice of choices) {
        const isOffered = offered(choice.admission);
        setText(
          choice.button,
          isOffered ? strings.t('restrict', { choice: strings.t(`admission.${choice.admission}`) }) : '',
        );
        setShown(choice.button, isOffered);
      }
      setShown(
        buttons,
        choices.some(({ admission }) => offered(admission)),
      );
    },
  };
}
