/**
 * After the end of a note, or where none could be begun: what the doctor wrote is still in this tab, until it is wiped or the tab
 * is closed; and another note can be begun.
 */
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { type ComposerActions, type ComposerState, isUsedElsewhere, type KeptNote } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';
import { createNoteCopies } from './note-copies.ts';
import { type RecordFacts, recordText } from './record-text.ts';

type Final = ComposerState & { name: 'over' | 'refused' };

export interface KeptNoteBox {
  readonly element: HTMLElement;
  update(state: Final | null): void;
}

export function createKeptNote(
  actions: Pick<ComposerActions, 'wipe' | 'openAgain'>,
  strings: ComposerStrings,
  time: TimeFormat,
): KeptNoteBox {
  const labels = createLabels(strings);
  let state: Final | null = null;
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
    record: () => (state?.kept == null ? '' : recordText(state.kept, recordFacts(state), strings, time)),
    load: null,
  });
  const again = button('button-primary', [], () => {
    if (state?.again !== 'opening') actions.openAgain();
  });
  const againHint = el('p', { class: 'hint' });
  const problem = el('p', { class: 'problem', role: 'alert' });
  const text = el(
    'div',
    { class: 'kept-words' },
    el('label', { class: 'label', for: 'kept-note' }, labels.text('kept')),
    area,
    list,
    el('p', { class: 'hint' }, labels.text('kept.hint')),
  );
  const wipe = button('button-danger', [labels.text('kept.wipe')], () => actions.wipe());
  const element = el('section', { class: 'kept-note' }, text, again, againHint, problem, keeping.element, wipe);

  function drawText(kept: KeptNote | null): void {
    for (const each of [text, wipe]) setShown(each, kept !== null);
    const words = kept?.text ?? '';
    if (area.value !== words) area.value = words;
    const count = kept?.medicines.length ?? 0;
    setText(list, count === 0 ? '' : strings.t('listed', { count }));
  }

  function drawAgain(now: Final | null, mayBegin: boolean): void {
    for (const each of [again, againHint]) setShown(each, mayBegin);
    const isOpening = now?.again === 'opening';
    const label = now?.kept == null ? 'elsewhere.begin' : 'kept.again';
    setText(again, strings.t(isOpening ? 'kept.opening' : label));
    setAttribute(again, 'aria-disabled', isOpening ? 'true' : null);
    setText(againHint, strings.t(now?.name === 'refused' ? 'elsewhere.hint' : 'kept.againHint'));
    setText(problem, problemOf(now, strings));
    setShown(problem, problem.textContent !== '');
  }

  return {
    element,
    update(now) {
      labels.draw();
      state = now;
      const kept = now?.kept ?? null;
      const mayBegin = now !== null && mayOpenAnother(now);
      setShown(element, kept !== null || mayBegin);
      drawText(kept);
      drawAgain(now, mayBegin);
      keeping.update({ empty: kept === null, shared: now?.name === 'over' && now.from !== null, loadable: false });
    },
  };
}

/** Whether another note can be begun from here: for the text that is kept, or behind a link that another browser used. */
function mayOpenAnother(state: Final): boolean {
  return state.name === 'over' ? state.kept !== null : isUsedElsewhere(state.code);
}

function problemOf(state: Final | null, strings: ComposerStrings): string {
  const how = state?.again ?? null;
  if (how === null || how === 'opening') return '';
  // There is no text that could be spoken of.
  return strings.t(state?.kept === null && how !== 'limited' ? `elsewhere.${how}` : `again.${how}`);
}

function recordFacts(state: Final): RecordFacts {
  if (state.name === 'refused') return { from: null, to: null, readBy: 0 };
  return { from: state.from, to: state.at, readBy: state.readBy };
}
