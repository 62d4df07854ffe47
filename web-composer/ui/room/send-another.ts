/** The same text for another patient, under a link of its own: beside this note, or after it. */
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

export interface SendAnother {
  readonly element: HTMLElement;
  update(state: ComposerState & { name: 'open' }): void;
}

export function createSendAnother(
  actions: Pick<ComposerActions, 'sendToAnother'>,
  strings: ComposerStrings,
): SendAnother {
  const labels = createLabels(strings);
  const ways = (['tab', 'here'] as const).map((where) =>
    button('', [labels.text(`sendAnother.${where}`)], () => actions.sendToAnother(where)),
  );
  const problem = el('p', { class: 'problem', role: 'alert' });
  const element = el(
    'details',
    { class: 'more send-another' },
    el('summary', {}, el('span', { class: 'label' }, labels.text('sendAnother'))),
    el('p', { class: 'hint' }, labels.text('sendAnother.hint')),
    el('div', { class: 'send-ways' }, ...ways),
    problem,
  );
  return {
    element,
    update({ another, interrupted }) {
      labels.draw();
      const isBusy = another === 'opening' || interrupted;
      for (const way of ways) setAttribute(way, 'aria-disabled', isBusy ? 'true' : null);
      setText(problem, another === null || another === 'opening' ? '' : strings.t(`again.${another}`));
      setShown(problem, problem.textContent !== '');
    },
  };
}
