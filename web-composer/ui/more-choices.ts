/** "More choices": what most doctors leave as it is. Folded, it says what is not as usual. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { el, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import type { ComposerWords } from './strings.ts';
import { createSwitch } from './switch.ts';

type Writing = ComposerState & { name: 'writing' };

export interface MoreChoices {
  readonly element: HTMLElement;
  update(state: Pick<Writing, 'policy' | 'options' | 'displayName'>): void;
}

export function createMoreChoices(
  actions: Pick<ComposerActions, 'choose' | 'chooseOptions'>,
  words: ComposerWords,
): MoreChoices {
  const labels = createLabels(words);
  const shownAs = el('span', { class: 'hint', id: 'shown-as' });
  const name = createSwitch(words, { id: 'show-name', key: 'showName', describedBy: shownAs.id, hint: shownAs }, (on) =>
    actions.choose({ showName: on }),
  );
  const copy = createSwitch(words, { id: 'allow-copy', key: 'allowCopy', describedBy: 'allow-hint' }, (on) =>
    actions.chooseOptions({ copy: on }),
  );
  const print = createSwitch(words, { id: 'allow-print', key: 'allowPrint', describedBy: 'allow-hint' }, (on) =>
    actions.chooseOptions({ print: on }),
  );
  const how = el('span', { class: 'hint', id: 'markdown-hint' }, labels.text('markdown.hint'));
  const markdown = createSwitch(words, { id: 'markdown', key: 'markdown', describedBy: how.id, hint: how }, (on) =>
    actions.chooseOptions({ format: on ? 'markdown' : 'plain' }),
  );
  const unusual = el('span', { class: 'hint' });
  const element = el(
    'details',
    { class: 'more' },
    el('summary', {}, el('span', { class: 'label' }, labels.text('more')), ' ', unusual),
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
      setText(shownAs, words.t(`shownAs.${policy.showName ? 'named' : 'unnamed'}`, { name: safeName(displayName) }));
      const said = [
        ...(policy.showName ? [] : [words.t('more.noName')]),
        ...(options.copy ? [] : [words.t('more.noCopy')]),
        ...(options.print ? [] : [words.t('more.noPrint')]),
        ...(options.format === 'markdown' ? [words.t('more.markdown')] : []),
      ];
      setText(unusual, words.list(said));
    },
  };
}
