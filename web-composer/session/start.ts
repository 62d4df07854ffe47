/** Starts the composer in a page: the one at `/compose`, or one of those for Microsoft Teams. */
import * as z from 'zod/mini';
import type { LinkFault } from '../../src/protocol/link.ts';
import { browserClock } from '../../web-shared/clock.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import { canConnect } from '../../web-shared/net/webrtc-transport.ts';
import type { ComposerKey } from '../ui/strings.ts';
import { type ComposerView, createView } from '../ui/view.ts';
import { ComposerSession } from './composer-session.ts';
import type { Draft } from './draft.ts';
import type { ComposerActions, ComposerState, RefusedCode } from './state.ts';

// zod's compiled parsers need `eval`, which the page's policy forbids.
z.config({ jitless: true });

/** The ticket of a compose link, a draft that another window hands over, or a link that leads nowhere. */
export type Start = { ticket: string } | { draft: Draft } | { fault: LinkFault };

export interface Composer {
  session: ComposerSession;
  view: ComposerView;
}

/**
 * Draws the composer into `root` and connects it. `onState` is called with every state after it is drawn. With a link
 * that leads nowhere, or in a browser that cannot connect, the page says so and the result is null.
 */
export function startComposer(
  root: HTMLElement,
  language: PageLanguage<ComposerKey>,
  start: Start,
  onState: (state: ComposerState) => void = () => undefined,
): Composer | null {
  if ('fault' in start || !canConnect()) {
    const state: ComposerState = { name: 'refused', code: 'fault' in start ? codeOf(start.fault) : 'no-webrtc' };
    createView(root, IDLE, language).render(state);
    onState(state);
    return null;
  }
  let draft = 'draft' in start ? start.draft : null;
  const show = (state: ComposerState): void => {
    view.render(state);
    onState(state);
    if (draft === null || state.name !== 'writing') return;
    const taken = draft;
    draft = null;
    view.setNote(taken);
    restore(session, taken);
  };
  const entry = 'draft' in start ? { ownerToken: start.draft.ownerToken } : start;
  const session = new ComposerSession(entry, { origin: location.origin, clock: browserClock, onState: show });
  const view = createView(root, session, language);
  addEventListener('beforeunload', (event) => {
    if (session.hasNoteToLose) event.preventDefault();
  });
  addEventListener('pagehide', () => session.leave());
  show({ name: 'loading' });
  session.start();
  return { session, view };
}

/** A reloaded page has no link any more: its ticket was taken out of the address bar. */
function codeOf(fault: LinkFault): RefusedCode {
  if (fault === 'changed') return 'unknown-ticket';
  if (fault === 'cut') return 'incomplete-link';
  const [navigation] = performance.getEntriesByType('navigation');
  const isSecondTime = navigation instanceof PerformanceNavigationTiming && navigation.type !== 'navigate';
  return isSecondTime ? 'reloaded' : 'no-secret';
}

function restore(actions: ComposerActions, { policy, pin, options, text, medicines }: Draft): void {
  actions.choosePolicy(policy);
  actions.setPin(pin);
  actions.chooseOptions(options);
  actions.write(text);
  actions.setMedicines(medicines);
}

const nothing = () => undefined;
const IDLE: ComposerActions = {
  write: nothing,
  setMedicines: nothing,
  choosePolicy: nothing,
  chooseOptions: nothing,
  setPin: nothing,
  proposePin: nothing,
  share: nothing,
  admit: nothing,
  refuse: nothing,
  markAnswered: nothing,
  extend: nothing,
  destroy: nothing,
};
