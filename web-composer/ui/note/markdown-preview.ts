/** "What the patient sees": the text with its headings, lists and bold, while the doctor has that on. */
import type { TextFormat } from '../../../src/protocol/note.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import { renderMarkdown } from '../../../web-shared/markdown/markdown.ts';
import { el, setShown } from '../../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../strings.ts';

export interface MarkdownPreview {
  readonly element: HTMLElement;
  update(format: TextFormat): void;
  wipe(): void;
}

/** Folded until it is wanted; drawn at most once a frame, and only while it is unfolded. */
export function createMarkdownPreview(strings: ComposerStrings, text: () => string): MarkdownPreview {
  const labels = createLabels(strings);
  const preview = el('div', { class: 'note preview-note', dir: 'auto', translate: 'no' });
  const element = el(
    'details',
    { class: 'more preview', hidden: '' },
    el('summary', {}, el('span', { class: 'label' }, labels.text('preview'))),
    preview,
  );
  let drawn: string | null = null;
  let frame: number | null = null;
  const draw = (): void => {
    frame = null;
    const now = element.open && !element.hidden ? text() : '';
    if (now === drawn) return;
    drawn = now;
    preview.replaceChildren(...renderMarkdown(now).map((block) => block.element));
  };
  const drawSoon = (): void => {
    frame ??= requestAnimationFrame(draw);
  };
  element.addEventListener('toggle', drawSoon);
  return {
    element,
    update(format) {
      labels.draw();
      setShown(element, format === 'markdown');
      if (element.open) drawSoon();
    },
    wipe() {
      if (frame !== null) cancelAnimationFrame(frame);
      preview.replaceChildren();
    },
  };
}
