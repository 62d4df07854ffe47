/** The note link: to select, to copy, to scan. */
import type { Announcer } from '../web-shared/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../web-shared/dom.ts';
import { check, code, copy, icon } from '../web-shared/icons.ts';
import { qrCode } from '../web-shared/qr.ts';
import { words } from './words.ts';

/** How long the button says "Copied", in milliseconds. */
const COPIED_MS = 2500;

export interface LinkBox {
  readonly element: HTMLElement;
  focus(): void;
  update(link: string): void;
}

/** A read-only textbox that selects itself on focus, with "Copy" and a QR code that shows on demand. */
export function createLinkBox(announcer: Announcer): LinkBox {
  const field = el('input', {
    id: 'note-link',
    class: 'input',
    type: 'text',
    readonly: '',
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-describedby': 'note-link-hint',
  });
  field.addEventListener('focus', () => {
    field.select();
    field.scrollLeft = 0;
  });

  const copyWord = el('span', {}, words.copy);
  const copyIcon = icon(copy);
  const copiedIcon = icon(check);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const showCopied = (copied: boolean): void => {
    setText(copyWord, copied ? words.copied : words.copy);
    (copied ? copyIcon : copiedIcon).replaceWith(copied ? copiedIcon : copyIcon);
  };
  const copyLink = async (): Promise<void> => {
    const copied = await writeClipboard(field);
    announcer.say(copied ? words.copied : words.copyByHand);
    if (!copied) return;
    showCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => {
      showCopied(false);
      announcer.say('');
    }, COPIED_MS);
  };

  const picture = el('div', { class: 'qr-box', id: 'qr', hidden: '' });
  const toggle = button('button-quiet', [icon(code), el('span', {}, words.showQr)], () => {
    const show = picture.hasAttribute('hidden');
    picture.replaceChildren(...(show ? [qrCode(field.value, words.qr)] : []));
    setShown(picture, show);
    setAttribute(toggle, 'aria-expanded', String(show));
    if (toggle.lastChild !== null) setText(toggle.lastChild, show ? words.hideQr : words.showQr);
  });
  setAttribute(toggle, 'aria-expanded', 'false');
  setAttribute(toggle, 'aria-controls', 'qr');

  const element = el(
    'div',
    { class: 'field' },
    el('label', { class: 'label', for: 'note-link' }, words.link),
    el(
      'div',
      { class: 'link-row' },
      field,
      button('button-primary', [copyIcon, copyWord], () => void copyLink()),
    ),
    el('p', { class: 'hint', id: 'note-link-hint' }, words.linkHint),
    toggle,
    picture,
  );
  return {
    element,
    focus: () => field.focus(),
    update(link) {
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
