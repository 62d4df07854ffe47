/** The list "Files" below the note. */
import { formatPercent, formatSize } from '../../web-shared/i18n/size-format.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import css from './files.css?inline';
import type { IncomingFile } from './incoming-files.ts';
import { saveFile } from './save-file.ts';
import { createViewer, type Viewer } from './viewer.ts';

interface FilesView {
  /** @param copy whether the doctor allows copying; as before where it is not said */
  update(files: readonly IncomingFile[], copy?: boolean): void;
  /** Nothing of a file stays in sight. */
  leave(): void;
}

interface Row {
  readonly element: HTMLElement;
  update(file: IncomingFile): void;
  leave(): void;
}

export function createFilesView(place: HTMLElement, strings: ReceiverStrings): FilesView {
  adoptStyle();
  const labels = createLabels(strings);
  const heading = el('h2', { id: 'files-heading' }, labels.text('files'));
  const rows = el('ul', { class: 'files', role: 'list', 'aria-labelledby': 'files-heading' });
  const hint = el('p', { class: 'quiet small', id: 'files-hint' });
  const said = el('p', { class: 'unseen', role: 'status' });
  const element = el('section', { class: 'files-section', hidden: '' }, heading, rows, hint, said);
  const shown = new Map<number, Row>();
  /** How many there were when the last one came; that is announced. */
  let announced = 0;
  place.replaceChildren(element);

  function drawRows(files: readonly IncomingFile[]): void {
    const there = new Set(files.map(({ offer }) => offer.id));
    for (const [id, row] of shown) {
      if (there.has(id)) continue;
      row.leave();
      row.element.remove();
      shown.delete(id);
    }
    for (const file of files) {
      const row = shown.get(file.offer.id) ?? createRow(file, strings);
      if (!shown.has(file.offer.id)) rows.append(row.element);
      shown.set(file.offer.id, row);
      row.update(file);
    }
  }

  return {
    update(files, copy) {
      labels.draw();
      const isNew = files.length > shown.size;
      drawRows(files);
      if (copy !== undefined) element.classList.toggle('uncopyable', !copy);
      setShown(element, files.length > 0);
      const maySave = files.some(({ offer }) => offer.save);
      setText(hint, files.length === 0 ? '' : strings.t(maySave ? 'files.save.hint' : 'files.noSave'));
      if (isNew) announced = files.length;
      setText(said, announced === 0 ? '' : strings.t('files.added', { count: announced }));
    },
    leave() {
      for (const row of shown.values()) row.leave();
      announced = 0;
      setText(said, '');
    },
  };
}

/** The page's own style sheet has nothing of files. A sheet made by a script needs no hash in the page's policy. */
function adoptStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function createRow({ offer }: IncomingFile, strings: ReceiverStrings): Row {
  const id = `file-${offer.id}`;
  const labels = createLabels(strings);
  const name = el('bdi', { class: 'file-name', id, lang: '', translate: 'no' }, offer.name);
  const facts = el('p', { class: 'file-facts small' });
  const bar = el('progress', { max: '1', 'aria-labelledby': id });
  let last: IncomingFile | null = null;
  let viewer: Viewer | null = null;
  const open = button('', [], () => {
    if (viewer !== null) close();
    else if (last?.content != null) show(last, last.content);
  });
  const save = button('button-quiet', [labels.text('files.save')], () => {
    if (last?.content != null && last.offer.save) saveFile(last.offer, last.content);
  });
  for (const each of [open, save]) setAttribute(each, 'aria-describedby', `${id} files-hint`);
  const buttons = el('div', { class: 'file-buttons' }, open, save);
  const element = el('li', { class: 'file' }, name, facts, bar, buttons);

  function show(file: IncomingFile, content: Uint8Array<ArrayBuffer>): void {
    viewer = createViewer(file.offer, content, strings);
    element.append(viewer.element);
    draw(file);
  }
  function close(): void {
    viewer?.close();
    viewer = null;
    if (last !== null) draw(last);
  }
  function draw(file: IncomingFile): void {
    const { kind, bytes, save: maySave } = file.offer;
    const isWhole = file.state === 'whole';
    const what = strings.t(`files.kind.${kind === 'png' || kind === 'gif' || kind === 'webp' ? 'picture' : kind}`);
    const percent = formatPercent(file.share, strings.locale);
    const status = file.state === 'arriving' ? [strings.t('files.arriving', { percent })] : [];
    const size = formatSize(bytes, strings.locale);
    setText(facts, file.state === 'damaged' ? strings.t('files.damaged') : strings.list([what, size, ...status]));
    element.classList.toggle('bad', file.state === 'damaged');
    setShown(bar, file.state === 'arriving');
    bar.value = file.share;
    setShown(buttons, isWhole);
    setShown(open, kind !== 'other');
    setText(open, strings.t(viewer === null ? 'files.open' : 'files.close'));
    setAttribute(open, 'aria-expanded', String(viewer !== null));
    setShown(save, maySave);
  }

  return {
    element,
    update(file) {
      labels.draw();
      last = file;
      viewer?.update();
      draw(file);
    },
    leave: close,
  };
}
