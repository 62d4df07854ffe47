/** The note link: to select, to copy, or to scan as a QR code. */

import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { check, code, copy, icon } from '../../../web-shared/ui/icons.ts';
import { qrCode } from '../../../web-shared/ui/qr-code.ts';
import type { ComposerStrings } from '../strings.ts';

const COPIED_MS = 2500;

export interface NoteLinkField {
  readonly element: HTMLElement;
  focus(): void;
  update(link: string): void;
}

/** A read-only textbox that selects itself on focus, with "Copy" and a QR code that shows on demand. */
export function createNoteLinkField(announcer: Announcer, strings: ComposerStrings): NoteLinkField {
  const labels = createLabels(strings);
  const field = el('input', {
    id: 'note-link',
    class: 'input',
    type: 'text',
    dir: 'ltr',
    readonly: '',
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-describedby': 'note-link-hint',
  });
  field.addEventListener('focus', () => {
    field.select();
    field.scrollLeft = 0;
  });

  let copied = false;
  const copyLabel = el('span', {});
  const copyIcon = icon(copy);
  const copiedIcon = icon(check);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const showCopied = (now: boolean): void => {
    copied = now;
    setText(copyLabel, strings.t(copied ? 'copied' : 'copy'));
    (copied ? copyIcon : copiedIcon).replaceWith(copied ? copiedIcon : copyIcon);
  };
  const copyLink = async (): Promise<void> => {
    const done = await writeClipboard(field);
    announcer.say(strings.t(done ? 'copied' : 'copyByHand'));
    if (!done) return;
    showCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => {
      showCopied(false);
      announcer.say('');
    }, COPIED_MS);
  };

  const qr = el('div', { class: 'qr-box', id: 'qr', hidden: '' });
  const toggleLabel = el('span', {});
  const toggle = button('button-quiet', [icon(code), toggleLabel], () => {
    const show = qr.hasAttribute('hidden');
    qr.replaceChildren(...(show ? [qrCode(field.value, strings.t('qr'))] : []));
    setShown(qr, show);
    setAttribute(toggle, 'aria-expanded', String(show));
    drawStrings();
  });
  const drawStrings = (): void => {
    labels.draw();
    setText(copyLabel, strings.t(copied ? 'copied' : 'copy'));
    setText(toggleLabel, strings.t(qr.hidden ? 'showQr' : 'hideQr'));
    if (qr.firstElementChild !== null) setAttribute(qr.firstElementChild, 'aria-label', strings.t('qr'));
  };
  setAttribute(toggle, 'aria-expanded', 'false');
  setAttribute(toggle, 'aria-controls', 'qr');

  const element = el(
    'div',
    { class: 'field' },
    el('label', { class: 'label', for: 'note-link' }, labels.text('link')),
    el(
      'div',
      { class: 'link-row' },
      field,
      button('button-primary', [copyIcon, copyLabel], () => void copyLink()),
    ),
    el('p', { class: 'hint', id: 'note-link-hint' }, labels.text('linkHint')),
    toggle,
    qr,
  );
  return {
    element,
    focus: () => field.focus(),
    update(link) {
      drawStrings();
      if (field.value !== link) field.value = link;
    },
  };
}

async function writeClipboard(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand('copy');
  }
}
