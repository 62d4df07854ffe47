/** Starts the composer in a page: the one at `/compose`, or one of those for Microsoft Teams. */
import * as z from 'zod/mini';
import type { LinkFault } from '../../src/protocol/link.ts';
import { browserClock } from '../../web-shared/clock.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import { isUnencrypted } from '../../web-shared/net/connection-failure.ts';
import { reportFailure } from '../../web-shared/net/failure-report.ts';
import { canConnect } from '../../web-shared/net/webrtc-transport.ts';
import { chosenAgain } from '../files/note-files.ts';
import type { ComposerKey } from '../ui/strings.ts';
import { type ComposerView, createView } from '../ui/view.ts';
import { ComposerSession } from './composer-session.ts';
import type { Draft, Entry } from './draft.ts';
import { sendDraft } from './draft-handover.ts';
import type { ComposerActions, ComposerState, RefusedCode } from './state.ts';

// zod's compiled parsers need `eval`, which the page's policy forbids.
z.config({ jitless: true });

/** How soon after a press on a link the browser acts on it. */
const HANDED_OVER_MS = 1_000;

/** The ticket of a compose link, a draft that another window hands over, or a link that leads nowhere. */
export type Start = { ticket: string } | { draft: Draft } | { fault: LinkFault };

export interface Composer {
  /** The session of the moment. */
  readonly session: ComposerSession;
  readonly view: ComposerView;
  /**
   * Opens another room in this page, with the note that is kept of the one before. False, and nothing happens, while that
   * one is not over.
   */
  openAgain(entry: Entry): boolean;
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
    const code = isUnencrypted() ? 'not-encrypted' : 'fault' in start ? codeOf(start.fault) : 'no-webrtc';
    const state: ComposerState = { name: 'refused', code, kept: null, again: null };
    createView(root, IDLE, language).render(state);
    onState(state);
    if (!('fault' in start)) void reportFailure(location.origin, { side: 'composer', code: 'no-webrtc' });
    return null;
  }
  let restored: RestoredNote | null = 'draft' in start ? start.draft : null;
  const show = (state: ComposerState): void => {
    view.render(state);
    onState(state);
    if (restored === null || state.name !== 'writing') return;
    const taken = restored;
    restored = null;
    view.setNote(taken);
    restore(session, taken);
  };
  const begin = (entry: Entry): ComposerSession =>
    new ComposerSession(entry, {
      origin: location.origin,
      clock: browserClock,
      onState: show,
      onTicket: (ticket) => openAgain({ ticket }),
      openTab: (draft) => sendDraft('/compose', { draft, release: () => undefined }, browserClock),
    });
  let session = begin('draft' in start ? start.draft.entry : start);
  const view = createView(
    root,
    delegate(() => session),
    language,
  );
  // After the field's own listener. A script of a program that looks into the page is nobody who writes.
  root.addEventListener('input', ({ isTrusted, target }) => {
    if (isTrusted && target instanceof Element && target.closest('.note-pane') !== null) session.begin();
  });
  let handedOverAt = Number.NEGATIVE_INFINITY;
  addEventListener('click', ({ target, timeStamp }) => {
    if (target instanceof HTMLAnchorElement && !target.protocol.startsWith('http')) handedOverAt = timeStamp;
  });
  addEventListener('beforeunload', (event) => {
    // A link into another program, such as the mail's, asks to leave the page and does not do it.
    if (event.timeStamp - handedOverAt < HANDED_OVER_MS) return;
    if (session.hasNoteToLose) event.preventDefault();
  });
  const tellVisible = () => session.setVisible(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', tellVisible);
  addEventListener('pagehide', () => session.leave());
  // A page that comes back from the browser's page cache has forgotten the note: it starts anew, and says so.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  show({ name: 'loading' });
  tellVisible();
  session.start(restored !== null);
  return {
    get session() {
      return session;
    },
    view,
    openAgain,
  };

  function openAgain(entry: Entry): boolean {
    const { kept } = session;
    if (!session.isOver) return false;
    if (kept !== null) restored = { ...kept, options: { format: kept.format, copy: kept.copy, print: kept.print } };
    session.wipe();
    session = begin(entry);
    tellVisible();
    show({ name: 'loading' });
    session.start(restored !== null);
    return true;
  }
}

/** A reloaded page has no link any more: its ticket was taken out of the address bar. */
function codeOf(fault: LinkFault): RefusedCode {
  if (fault === 'changed') return 'unknown-ticket';
  if (fault === 'cut') return 'incomplete-link';
  const [navigation] = performance.getEntriesByType('navigation');
  const isSecondTime = navigation instanceof PerformanceNavigationTiming && navigation.type !== 'navigate';
  return isSecondTime ? 'reloaded' : 'no-secret';
}

/** What goes from one room into the next: all of a draft, or the note alone. */
type RestoredNote = Pick<Draft, 'options' | 'text' | 'medicines'> & Partial<Pick<Draft, 'policy' | 'pin' | 'files'>>;

function restore(actions: ComposerActions, { policy, pin, options, text, medicines, files }: RestoredNote): void {
  if (policy !== undefined) actions.choosePolicy(policy);
  if (pin !== undefined) actions.setPin(pin);
  actions.chooseOptions(options);
  actions.write(text);
  actions.setMedicines(medicines);
  if (files !== undefined) actions.addFiles(files.map(chosenAgain));
}

/** The page is drawn once, and its buttons act on the session of the moment. */
function delegate(session: () => ComposerActions): ComposerActions {
  return {
    write: (text) => session().write(text),
    setMedicines: (medicines) => session().setMedicines(medicines),
    choosePolicy: (policy) => session().choosePolicy(policy),
    chooseOptions: (options) => session().chooseOptions(options),
    addFiles: (files) => session().addFiles(files),
    withdrawFile: (id) => session().withdrawFile(id),
    letFilesBeSaved: (maySave) => session().letFilesBeSaved(maySave),
    setPin: (pin) => session().setPin(pin),
    proposePin: () => session().proposePin(),
    share: () => session().share(),
    admit: (readerId) => session().admit(readerId),
    refuse: (readerId) => session().refuse(readerId),
    letMoreAsk: () => session().letMoreAsk(),
    nameReader: (readerId, name) => session().nameReader(readerId, name),
    markAnswered: (readerId) => session().markAnswered(readerId),
    extend: (seconds) => session().extend(seconds),
    restrict: (admission) => session().restrict(admission),
    sendToAnother: (where) => session().sendToAnother(where),
    destroy: () => session().destroy(),
    wipe: () => session().wipe(),
    openAgain: () => session().openAgain(),
  };
}

const nothing = () => undefined;
const IDLE: ComposerActions = {
  write: nothing,
  setMedicines: nothing,
  choosePolicy: nothing,
  chooseOptions: nothing,
  addFiles: nothing,
  withdrawFile: nothing,
  letFilesBeSaved: nothing,
  setPin: nothing,
  proposePin: nothing,
  share: nothing,
  admit: nothing,
  refuse: nothing,
  letMoreAsk: nothing,
  nameReader: nothing,
  markAnswered: nothing,
  extend: nothing,
  restrict: nothing,
  sendToAnother: nothing,
  destroy: nothing,
  wipe: nothing,
  openAgain: nothing,
};
