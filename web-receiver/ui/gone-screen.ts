/** No note (any more): what happened, and what to do next. */
import { CONNECTION_FAILURES } from '../../src/protocol/connection-failures.ts';
import { END_REASONS } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { goneLetter, icon } from '../../web-shared/ui/icons.ts';
import { mayBeLockedDown } from '../../web-shared/ui/lockdown.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { GoneReason, ReceiverActions, ReceiverState } from '../session/state.ts';
import { createPhoneCall } from './phone-call.ts';
import { goneStrings, type ReceiverStrings, silentStrings } from './strings.ts';

/** The reasons that say that there was a note. */
const ENDED: readonly GoneReason[] = END_REASONS;
/** Those that another network, or another browser, may not have. */
const RETRIED: readonly GoneReason[] = [...CONNECTION_FAILURES, 'unreachable'];

export function createGoneScreen(
  actions: ReceiverActions,
  strings: ReceiverStrings,
  time: TimeFormat,
): Screen<ReceiverState & { name: 'gone' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const mark = icon(goneLetter, 'mark');
  const why = el('p', { class: 'lead' });
  const next = el('p');
  const lockdown = el('p');
  const call = createPhoneCall();
  const wholeLink = createWholeLink(strings);
  const retry = el(
    'div',
    { class: 'thumb' },
    button('button-primary', [labels.text('retry')], () => actions.retry()),
  );
  const element = el(
    'section',
    { class: 'card' },
    mark,
    heading,
    why,
    lockdown,
    next,
    wholeLink.element,
    call.element,
    retry,
  );
  return {
    element,
    heading,
    update({ reason, who, phone, at, link, silent }) {
      labels.draw();
      const said =
        silent === true
          ? silentStrings(strings, who)
          : goneStrings(strings, reason, who, at === null ? null : time.clock(at));
      setAttribute(mark, 'class', `icon mark ${ENDED.includes(reason) ? 'mark-gone' : 'mark-quiet'}`);
      setText(heading, said.heading);
      setText(why, said.why);
      setText(next, said.next);
      call.update(phone);
      wholeLink.update(link);
      setText(lockdown, strings.t('lockdown'));
      setShown(lockdown, reason === 'no-webrtc' && mayBeLockedDown());
      setShown(retry, RETRIED.includes(reason));
    },
  };
}

/** The link to copy: the address bar has only a part of it. */
function createWholeLink(strings: ReceiverStrings): { element: HTMLElement; update(link: string | undefined): void } {
  const labels = createLabels(strings);
  const field = el('input', { class: 'input', type: 'text', dir: 'ltr', readonly: '', autocomplete: 'off' });
  labels.attribute(field, 'aria-label', 'wholeLink');
  field.addEventListener('focus', () => field.select());
  const said = el('p', { role: 'status' });
  const copy = button('', [labels.text('wholeLink.copy')], () => {
    navigator.clipboard.writeText(field.value).then(
      () => setText(said, strings.t('wholeLink.copied')),
      () => field.focus(),
    );
  });
  const element = el('div', { class: 'whole-link' }, field, copy, said);
  return {
    element,
    update(link) {
      labels.draw();
      setShown(element, link !== undefined);
      field.value = link ?? '';
    },
  };
}
