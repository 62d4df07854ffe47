/** After "Share": time left, the link, the PIN, who waits and who reads, and "Destroy now". */

import type { PageLanguage } from '../../../web-shared/i18n/page-language.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { createTimeBar } from '../../../web-shared/ui/time-bar.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import { alertText, type ComposerKey, type ComposerStrings } from '../strings.ts';
import { createAdmissionLine } from './admission-line.ts';
import { createExtendTime } from './extend-time.ts';
import { createNoteLinkField } from './note-link.ts';
import { createReaderRows } from './reader-rows.ts';
import { createSendAnother } from './send-another.ts';
import { createSendLink } from './send-link.ts';
import { createWaitingAlert } from './waiting-alert.ts';

type Open = ComposerState & { name: 'open' };

/** Narrower windows show the panel below the note. */
const BELOW_THE_NOTE = '(max-width: 55.999rem)';

export interface RoomPanel {
  readonly element: HTMLElement;
  focusLink(): void;
  update(state: Open): void;
  stop(): void;
}

export function createRoomPanel(
  actions: ComposerActions,
  announcer: Announcer,
  language: PageLanguage<ComposerKey>,
): RoomPanel {
  const { strings, time } = language;
  const timeLine = createTimeBar();
  const extendTime = createExtendTime(actions, announcer, strings, time);
  const link = createNoteLinkField(announcer, strings);
  const send = createSendLink(language);
  const another = createSendAnother(actions, strings);
  const admission = createAdmissionLine(actions, strings);
  const pin = createPinDisplay(strings);
  const alert = el('p', { class: 'room-alert', role: 'status' });
  const letMoreAsk = button('button-quiet', [strings.t('letMoreAsk')], () => actions.letMoreAsk());
  const readers = createReaderRows(actions, announcer, strings, time);
  const waiting = createWaitingAlert(strings, () => {
    // Beside the note the panel is in sight; below it, on a phone, somebody would wait unseen.
    if (matchMedia(BELOW_THE_NOTE).matches) readers.element.scrollIntoView({ block: 'center' });
  });
  const destroy = createDestroyButton(strings, () => actions.destroy());
  const element = el(
    'section',
    { class: 'panel sheet' },
    el('div', { class: 'time-box' }, timeLine.element, extendTime.element),
    link.element,
    send.element,
    admission.element,
    pin.element,
    readers.element,
    waiting.element,
    alert,
    letMoreAsk,
    another.element,
    destroy.element,
  );
  return {
    element,
    focusLink: () => link.focus(),
    stop: () => waiting.stop(),
    update(state) {
      const { day, time: at } = time.until(state.until, state.leftMs);
      timeLine.update({
        left: strings.t('left', { duration: time.duration(state.leftMs) }),
        until: strings.t(`until.${day}`, { time: at }),
        leftMs: state.leftMs,
        totalMs: state.totalMs,
      });
      extendTime.update(state);
      link.update(state.link);
      const who = state.policy.showName && state.displayName !== '' ? state.displayName : null;
      send.update(state.link, who, state.readers.length > 0);
      another.update(state);
      admission.update(state);
      pin.update(state.pin);
      readers.update(state.readers, state.contentRev);
      waiting.update(state.readers);
      setText(alert, alertText(strings, state));
      setShown(alert, state.alert !== null);
      setText(letMoreAsk, strings.t('letMoreAsk'));
      setShown(letMoreAsk, state.alert === 'many-codes');
      destroy.update(state.readers.filter((reader) => reader.state === 'reading').length);
    },
  };
}

/** The PIN of an open note, to be told by phone, and how many tries are left. */
function createPinDisplay(strings: ComposerStrings): { element: HTMLElement; update(pin: Open['pin']): void } {
  const labels = createLabels(strings);
  const digits = el('span', { class: 'code', dir: 'ltr', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen', dir: 'ltr' });
  const tries = el('p', { class: 'hint' });
  const element = el(
    'section',
    { class: 'pin-line' },
    el('p', { class: 'label' }, labels.text('pinLine')),
    el('p', { class: 'pin-digits' }, digits, spelled),
    tries,
  );
  return {
    element,
    update(pin) {
      labels.draw();
      setShown(element, pin !== null);
      setText(digits, grouped(pin?.pin ?? ''));
      setText(spelled, [...(pin?.pin ?? '')].join(' '));
      setText(tries, pin === null ? '' : strings.t('pinLine.hint', { count: pin.triesLeft }));
    },
  };
}

function grouped(pin: string): string {
  return pin.replace(/(\d{3})(?=\d{2})/g, '$1 ');
}

/** "Destroy now": at once while nobody reads, after a confirmation while somebody does. */
function createDestroyButton(
  strings: ComposerStrings,
  destroy: () => void,
): { element: HTMLElement; update(readingCount: number): void } {
  const labels = createLabels(strings);
  let readingCount = 0;
  const question = el('h2', { id: 'destroy-ask' });
  const keep = button('', [labels.text('keepOpen')], () => ask(false));
  const confirmation = el(
    'div',
    { class: 'confirm', role: 'group', 'aria-labelledby': 'destroy-ask', 'aria-describedby': 'destroy-what' },
    question,
    el('p', { id: 'destroy-what' }, labels.text('destroyWhat')),
    el('div', { class: 'confirm-buttons' }, keep, button('button-final', [labels.text('destroy')], destroy)),
  );
  const destroyNow = button('button-danger', [labels.text('destroy')], () => {
    if (readingCount === 0) destroy();
    else ask(true);
  });
  destroyNow.setAttribute('aria-describedby', 'destroy-hint');
  const row = el('div', {}, destroyNow, el('p', { class: 'hint', id: 'destroy-hint' }, labels.text('destroyHint')));

  // The confirmation takes the button's place, so that a double click lands on text and not on its own button.
  function ask(asking: boolean): void {
    const focused = row.contains(document.activeElement) || confirmation.contains(document.activeElement);
    setShown(confirmation, asking);
    setShown(row, !asking);
    if (focused) (asking ? keep : destroyNow).focus();
  }
  confirmation.hidden = true;
  confirmation.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') ask(false);
  });

  return {
    element: el('div', { class: 'destroy' }, row, confirmation),
    update(now) {
      labels.draw();
      readingCount = now;
      setText(question, now > 0 ? strings.t('destroyAsk', { count: now }) : '');
      if (now === 0 && !confirmation.hidden) ask(false);
    },
  };
}
