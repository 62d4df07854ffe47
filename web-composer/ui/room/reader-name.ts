/** What the doctor calls a reader, such as "daughter": to tell several apart. It stays in this tab. */
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { NAME_MAX } from '../../readers/reader-list.ts';
import type { ReaderRow } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

export interface ReaderName {
  readonly element: HTMLElement;
  update(reader: ReaderRow): void;
}

/** A button that turns into a field; Enter or leaving the field takes the name over, Escape does not. */
export function createReaderName(strings: ComposerStrings, choose: (name: string) => void): ReaderName {
  const labels = createLabels(strings);
  let last: ReaderRow | null = null;
  const field = el('input', {
    class: 'input reader-name-field',
    type: 'text',
    dir: 'auto',
    maxlength: String(NAME_MAX),
    autocomplete: 'off',
    spellcheck: 'false',
    translate: 'no',
    hidden: '',
  });
  labels.attribute(field, 'placeholder', 'reader.name.example');
  const open = button('button-quiet', [], () => show(true));
  const show = (editing: boolean): void => {
    const hadFocus = field === document.activeElement;
    setShown(field, editing);
    setShown(open, !editing);
    if (editing) {
      field.value = last?.name ?? '';
      field.focus();
    } else if (hadFocus) open.focus();
  };
  const take = (): void => {
    if (field.hidden) return;
    const name = field.value;
    show(false);
    choose(name);
  };
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') take();
    if (event.key === 'Escape') show(false);
  });
  field.addEventListener('blur', take);
  return {
    element: el('div', { class: 'reader-name' }, open, field),
    update(reader) {
      labels.draw();
      last = reader;
      const { number, name } = reader;
      setText(open, strings.t(name === '' ? 'reader.name' : 'reader.rename'));
      setAttribute(field, 'aria-label', strings.t('reader.name.field', { number }));
    },
  };
}
