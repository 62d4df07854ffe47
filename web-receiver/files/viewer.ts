/** Shows a file in the page: pictures, text and PDF. Nothing of it is left in the page when it is closed. */
import type { OfferedFile } from '../../src/protocol/files/file-list.ts';
import { button, el, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverKey, ReceiverStrings } from '../ui/strings.ts';
import { drawPicture } from './picture.ts';
import type { Shown } from './shown.ts';

export interface Viewer {
  readonly element: HTMLElement;
  /** The language may have changed. */
  update(): void;
  close(): void;
}

/** Bytes of text that are drawn at once. */
const TEXT_STEP = 200 * 1024;

export function createViewer(file: OfferedFile, content: Uint8Array<ArrayBuffer>, strings: ReceiverStrings): Viewer {
  const place = el('div', { class: 'file-content', lang: '', translate: 'no' });
  const trouble = el('p', { class: 'quiet', role: 'status' });
  const element = el('div', { class: 'file-viewer' }, trouble, place);
  let said: ReceiverKey | null = null;
  let shown: Shown | null = null;
  let isClosed = false;
  const say = (key: ReceiverKey | null): void => {
    said = key;
    setText(trouble, key === null ? '' : strings.t(key));
  };

  async function show(): Promise<void> {
    try {
      say('loading');
      const made = await shownAs(file, content, place, strings);
      if (isClosed) return made?.close();
      shown = made;
      say(made === null ? 'files.empty' : null);
    } catch {
      place.replaceChildren();
      if (!isClosed) say('files.notShown');
    }
  }
  void show();

  return {
    element,
    update() {
      say(said);
      shown?.update?.();
    },
    close() {
      isClosed = true;
      shown?.close();
      place.replaceChildren();
      element.remove();
    },
  };
}

/** Null when there is nothing in it. */
async function shownAs(
  { kind, name }: OfferedFile,
  content: Uint8Array<ArrayBuffer>,
  place: HTMLElement,
  strings: ReceiverStrings,
): Promise<Shown | null> {
  if (content.length === 0) return null;
  switch (kind) {
    case 'text':
      return showText(content, place, strings);
    case 'jpeg':
    case 'png':
    case 'gif':
    case 'webp':
      return await drawPicture(content, `image/${kind}`, name, place);
    case 'pdf':
      return await (await import('./pdf/pdf-pages.ts')).showPdf(content, place, strings);
    default:
      throw new Error('nothing here shows such a file');
  }
}

function showText(content: Uint8Array<ArrayBuffer>, place: HTMLElement, strings: ReceiverStrings): Shown {
  const decoder = new TextDecoder();
  const text = el('pre', { class: 'file-text', dir: 'auto', tabindex: '0' });
  const more = button('', [], () => step());
  let at = 0;
  const update = (): void => setText(more, strings.t('files.more'));
  const step = (): void => {
    text.append(decoder.decode(content.subarray(at, at + TEXT_STEP), { stream: true }));
    at += TEXT_STEP;
    if (at >= content.length) more.remove();
  };
  update();
  place.append(text, more);
  step();
  return { update, close: () => text.replaceChildren() };
}
