/** The files of the note: what there is, how far it is at the readers, and "Add files". */
import { FILES_COUNT_MAX } from '../../src/protocol/files/file-list.ts';
import { formatPercent, formatSize } from '../../web-shared/i18n/size-format.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerActions } from '../session/state.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import type { FileRow, FilesState } from './files-state.ts';
import type { RefusedFile } from './note-files.ts';

type FilesActions = Pick<ComposerActions, 'addFiles' | 'withdrawFile' | 'letFilesBeSaved'>;

interface FilesPanel {
  readonly element: HTMLElement;
  /** @param isOpen readers may be there, so that a file is withdrawn and not only removed */
  update(files: FilesState, isOpen: boolean): void;
}

export function createFilesPanel(actions: FilesActions, announcer: Announcer, strings: ComposerStrings): FilesPanel {
  const labels = createLabels(strings);
  const heading = el('h2', { id: 'files-heading', tabindex: '-1' }, labels.text('files'));
  const hint = el('p', { class: 'hint', id: 'files-hint' });
  const rows = el('ul', { class: 'file-rows', role: 'list', 'aria-labelledby': 'files-heading' });
  const refused = el('ul', { class: 'files-refused', role: 'list' });
  const reading = el('p', { class: 'hint', role: 'status' });
  const picker = el('input', { type: 'file', multiple: '', hidden: '' });
  const add = button('', [labels.text('files.add')], () => picker.click());
  setAttribute(add, 'aria-describedby', 'files-hint');
  picker.addEventListener('change', () => {
    actions.addFiles([...(picker.files ?? [])]);
    // The same file may be chosen again.
    picker.value = '';
  });
  const saving = el('input', {
    type: 'checkbox',
    role: 'switch',
    'aria-labelledby': 'files-save',
    'aria-describedby': 'files-save-hint',
  });
  saving.addEventListener('change', () => actions.letFilesBeSaved(saving.checked));
  const maySave = el(
    'label',
    { class: 'switch' },
    el('span', { class: 'label', id: 'files-save' }, labels.text('files.maySave')),
    saving,
    el('span', { class: 'hint', id: 'files-save-hint' }, labels.text('files.maySave.hint')),
  );
  const element = el(
    'section',
    { class: 'files-panel', 'aria-labelledby': 'files-heading' },
    heading,
    rows,
    refused,
    reading,
    add,
    picker,
    hint,
    maySave,
  );
  const shown = new Map<number, ReturnType<typeof createRow>>();
  let drawnRefused: readonly RefusedFile[] = [];
  let drawnLanguage = strings.language;

  function withdraw(id: number): void {
    actions.withdrawFile(id);
    // The button that had the focus is gone.
    heading.focus();
  }

  function drawRows(files: readonly FileRow[], isOpen: boolean): void {
    const there = new Set(files.map(({ id }) => id));
    for (const [id, row] of shown) {
      if (there.has(id)) continue;
      row.element.remove();
      shown.delete(id);
    }
    for (const file of files) {
      const row = shown.get(file.id) ?? createRow(file, strings, () => withdraw(file.id));
      if (!shown.has(file.id)) rows.append(row.element);
      shown.set(file.id, row);
      row.update(file, isOpen);
    }
  }

  function drawRefused(files: FilesState): void {
    if (files.refused === drawnRefused && drawnLanguage === strings.language) return;
    const isNew = files.refused.length > drawnRefused.length;
    [drawnRefused, drawnLanguage] = [files.refused, strings.language];
    const sentences = files.refused.map(({ name, why }) => {
      const reason = strings.t(`files.why.${why}`, limitsIn(files));
      return `${strings.t('files.refused', { name: isolated(name) })}. ${reason}`;
    });
    refused.replaceChildren(...sentences.map((sentence) => el('li', {}, sentence)));
    if (isNew) announcer.say(sentences.at(-1) ?? '');
  }

  function limitsIn({ limits }: FilesState) {
    const each = formatSize(limits.fileBytes, strings.locale);
    const all = formatSize(limits.totalBytes, strings.locale);
    return { each, all, max: FILES_COUNT_MAX };
  }

  return {
    element,
    update(files, isOpen) {
      labels.draw();
      setShown(element, files.limits.fileBytes > 0);
      setText(hint, strings.t('files.hint', limitsIn(files)));
      setText(reading, files.reading === 0 ? '' : strings.t('files.reading', { count: files.reading }));
      drawRows(files.rows, isOpen);
      drawRefused(files);
      setShown(rows, files.rows.length > 0);
      setShown(refused, files.refused.length > 0);
      setShown(maySave, files.rows.length > 0);
      if (saving.checked !== files.maySave) saving.checked = files.maySave;
    },
  };
}

function createRow(file: FileRow, strings: ComposerStrings, withdraw: () => void) {
  const id = `file-${file.id}`;
  const name = el('bdi', { class: 'file-name', id, lang: '', translate: 'no' }, file.name);
  const facts = el('p', { class: 'file-facts' });
  const bar = el('progress', { max: '1', 'aria-labelledby': id });
  const gone = button('button-quiet', [], withdraw);
  setAttribute(gone, 'aria-describedby', id);
  const element = el('li', { class: 'file-row' }, name, facts, gone, bar);
  return {
    element,
    update({ kind, bytes, delivery }: FileRow, isOpen: boolean) {
      const isGoing = isOpen && delivery.readers > delivery.whole + delivery.damaged;
      const what = strings.t(`files.kind.${kind === 'png' || kind === 'gif' || kind === 'webp' ? 'picture' : kind}`);
      const status = isOpen ? [statusOf(delivery, isGoing, strings)] : [];
      setText(facts, strings.list([what, formatSize(bytes, strings.locale), ...status]));
      element.classList.toggle('not-whole', isOpen && delivery.damaged > 0);
      setShown(bar, isGoing);
      bar.value = delivery.share;
      setText(gone, strings.t(isOpen ? 'files.withdraw' : 'files.remove'));
    },
  };
}

function statusOf({ readers, whole, damaged, share }: FileRow['delivery'], isGoing: boolean, strings: ComposerStrings) {
  if (readers === 0) return strings.t('files.nobody');
  if (damaged > 0) return strings.t('files.notWhole');
  if (isGoing) return strings.t('files.sending', { percent: formatPercent(share, strings.locale) });
  return strings.t('files.received', { whole, readers });
}

/** A name cannot turn the words around it: U+2068 and U+2069. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
