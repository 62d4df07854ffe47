/** After the end of a note: what the doctor wrote is still in this tab, until it is wiped or the tab is closed. */
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';
import { createNoteCopies } from './note-copies.ts';
import { recordText } from './record-text.ts';

type Over = ComposerState & { name: 'over' };

export interface KeptNoteBox {
  readonly element: HTMLElement;
  update(state: Over | null): void;
}

export function createKeptNote(
  actions: Pick<ComposerActions, 'wipe' | 'openAgain'>,
  strings: ComposerStrings,
  time: TimeFormat,
): KeptNoteBox {
  const labels = createLabels(strings);
  let state: Over | null = null;
  const area = el('textarea', {
    id: 'kept-note',
    class: 'input kept-text',
    dir: 'auto',
    readonly: '',
    rows: '8',
    spellcheck: 'false',
    autocomplete: 'off',
    translate: 'no',
  });
  const list = el('p', { class: 'hint' });
  const keeping = createNoteCopies(strings, {
    note: () => state?.kept ?? { text: '', format: 'plain', medicines: [] },
    record: () => (state?.kept == null ? '' : recordText(state.kept, { ...state, to: state.at }, strings, time)),
    load: null,
  });
  const again = button('button-primary', [], () => {
    if (state?.again !== 'opening') actions.openAgain();
  });
  const problem = el('p', { class: 'problem', role: 'alert' });
  const element = el(
    'section',
    { class: 'kept-note' },
    el('label', { class: 'label', for: 'kept-note' }, labels.text('kept')),
    area,
    list,
    el('p', { class: 'hint' }, labels.text('kept.hint')),
    again,
    el('p', { class: 'hint' }, labels.text('kept.againHint')),
    problem,
    keeping.element,
    button('button-danger', [labels.text('kept.wipe')], () => actions.wipe()),
  );
  return {
    element,
    update(now) {
      labels.draw();
      state = now;
      const kept = now?.kept ?? null;
      setShown(element, kept !== null);
      const how = now?.again ?? null;
      setText(again, strings.t(how === 'opening' ? 'kept.opening' : 'kept.again'));
      setAttribute(again, 'aria-disabled', how === 'opening' ? 'true' : null);
      setText(problem, how === null || how === 'opening' ? '' : strings.t(`again.${how}`));
      setShown(problem, problem.textContent !== '');
      const text = kept?.text ?? '';
      if (area.value !== text) area.value = text;
      const count = kept?.medicines.length ?? 0;
      setText(list, count === 0 ? '' : strings.t('listed', { count }));
      keeping.update({ empty: kept === null, shared: now?.from != null, loadable: false });
    },
  };
}
