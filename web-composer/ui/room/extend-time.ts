/** More time for an open note: two steps that can be added, and a question when little is left. */

import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

const MINUTE_MS = 60_000;
const STEPS_MS = [15 * MINUTE_MS, 60 * MINUTE_MS] as const;
/** From here on the doctor is asked; a short note asks when a fifth of it is left. */
const ASK_FROM_MS = 5 * MINUTE_MS;

export interface ExtendTime {
  readonly element: HTMLElement;
  update(state: ComposerState & { name: 'open' }): void;
}

export function createExtendTime(
  actions: ComposerActions,
  announcer: Announcer,
  strings: ComposerStrings,
  time: TimeFormat,
): ExtendTime {
  const labels = createLabels(strings);
  const question = el('p', { class: 'more-time-ask' });
  const longest = el('p', { class: 'hint' }, labels.text('moreTime.longest'));
  let extendableMs = 0;
  const steps = STEPS_MS.map((ms) => {
    const step = button('', [], () => actions.extend(Math.floor(Math.min(ms, extendableMs) / 1000)));
    return { ms, step };
  });
  const buttons = el('div', { class: 'more-time-steps' }, ...steps.map(({ step }) => step));
  const element = el('div', { class: 'more-time' }, question, buttons, longest);
  let asked = false;

  return {
    element,
    update({ leftMs, totalMs, extendableMs: extendable }) {
      labels.draw();
      extendableMs = extendable;
      const short = leftMs <= Math.min(ASK_FROM_MS, totalMs / 5);
      const possible = extendable >= MINUTE_MS;
      const asks = short && possible;
      element.classList.toggle('asks', asks);
      setText(question, asks ? strings.t('moreTime.ask') : '');
      setShown(buttons, possible);
      setShown(longest, short && !possible);
      for (const [index, { ms, step }] of steps.entries()) {
        const added = Math.min(ms, extendable);
        setText(step, strings.t('moreTime.add', { duration: time.duration(added) }));
        // No second step that would add as much as the first.
        setShown(step, index === 0 || extendable > (steps[index - 1]?.ms ?? 0));
      }
      if (asks && !asked) announcer.say(strings.t('moreTime.ask'));
      asked = asks;
    },
  };
}
