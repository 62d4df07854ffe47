/** What the doctor passes on to whoever looks after their network, and the notice that it stands in. */
import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { Blocked } from '../session/room-connection.ts';
import type { ComposerStrings } from './strings.ts';

interface Part {
  readonly element: HTMLElement;
  /** Null when nothing is in the way: nothing shows then. */
  update(blocked: Blocked | null): void;
}

/** A text for the help desk, with a button that copies it. */
export function createHelpDesk(strings: ComposerStrings): Part {
  const labels = createLabels(strings);
  const text = el('p', { dir: 'auto' });
  const said = el('span', { role: 'status' });
  const copy = button('', [labels.text('helpDesk.copy')], () => {
    const select = () => getSelection()?.selectAllChildren(text);
    navigator.clipboard
      .writeText(text.textContent ?? '')
      .then(() => setText(said, strings.t('helpDesk.copied')), select);
  });
  const label = el('strong', {}, labels.text('helpDesk'));
  const element = el('div', { class: 'help-desk' }, label, text, copy, said);
  return {
    element,
    update(blocked) {
      labels.draw();
      setShown(element, blocked !== null);
      const words = blocked === null ? '' : helpDeskText(strings, blocked);
      if (text.textContent !== words) setText(said, '');
      setText(text, words);
    },
  };
}

/** Says what is in the way, what the doctor can do, and what the help desk can. */
export function createBlockedNotice(strings: ComposerStrings): Part {
  const why = el('p', { class: 'bad' });
  const next = el('p');
  const helpDesk = createHelpDesk(strings);
  const element = el('section', { class: 'blocked-notice', role: 'alert' }, why, next, helpDesk.element);
  return {
    element,
    update(blocked) {
      setShown(element, blocked !== null);
      setText(why, blocked === null ? '' : blockedWhy(strings, blocked));
      setText(next, blocked === null ? '' : strings.t('blocked.next'));
      helpDesk.update(blocked);
    },
  };
}

function blockedWhy(strings: ComposerStrings, { failure, seconds }: Blocked): string {
  return failure === 'socket-cut'
    ? strings.t('socket-cut.why', { seconds: seconds ?? 0 })
    : strings.t(`${failure}.why`);
}

function helpDeskText(strings: ComposerStrings, { failure, addresses, seconds }: Blocked): string {
  const values = { site: location.host, addresses: addresses.join(', '), seconds: seconds ?? 0 };
  return strings.t(`helpDesk.${failure satisfies ConnectionFailure}`, values);
}
