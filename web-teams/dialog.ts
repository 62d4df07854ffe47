/** The composer inside a Teams dialog. */
import { parseComposeLink } from '../src/protocol/link.ts';
import { sendDraft } from '../web-composer/session/draft-handover.ts';
import { type Composer, startComposer } from '../web-composer/session/start.ts';
import type { ComposerKey, ComposerStrings } from '../web-composer/ui/strings.ts';
import { browserClock } from '../web-shared/clock.ts';
import { el } from '../web-shared/ui/dom.ts';
import { createDialogBar } from './dialog-bar.ts';
import { onLanguageChange, showCard, type TeamsPage } from './page.ts';
import { applyTheme, connectToTeams, notifyReady, onThemeChange } from './teams-client.ts';

const CONTINUE_PATH = '/teams/continue';

export async function openDialog({ bar: barRoot, root, language }: TeamsPage): Promise<void> {
  const { strings } = language;
  const ticket = parseComposeLink(location.hash);
  // Out of the address bar the ticket, which is single-use, is not copied by mistake.
  history.replaceState(null, '', location.pathname);

  const teams = await connectToTeams(browserClock);
  if (teams === null) return showOutsideTeams(root, strings, ticket);
  applyTheme(teams.theme);
  onThemeChange(applyTheme);

  let composer: Composer | null = null;
  const move = async (): Promise<void> => {
    if (composer === null) return;
    const { session } = composer;
    bar.showOpening();
    // What is typed from here on would stay behind.
    root.inert = true;
    const isSent = await sendDraft(CONTINUE_PATH, session, browserClock);
    root.inert = false;
    if (!isSent) return bar.showNotMoved();
    showCard(root, strings.t('teams.moved'), strings.t('teams.moved.why'), strings.t('teams.moved.next'));
  };
  const bar = createDialogBar(barRoot, strings, {
    move: teams.inBrowser ? () => void move() : null,
    copy: () => copyText(composer),
  });
  onLanguageChange(() => bar.draw());
  composer = startComposer(root, language, ticket === null ? { fault: 'cut' } : { ticket }, (state) =>
    bar.update(state),
  );
  notifyReady();
}

/** Whoever opens the page in a browser, or in a Teams that does not answer, can still use the link that led here. */
function showOutsideTeams(root: HTMLElement, strings: ComposerStrings, ticket: string | null): void {
  const heading = strings.t('teams.outside');
  if (ticket === null) return showCard(root, heading, strings.t('teams.outside.why'), strings.t('teams.outside.next'));
  const link = el('a', { class: 'button button-primary', rel: 'noopener' }, strings.t('teams.outside.write'));
  link.href = `/compose#${ticket}`;
  // The page that it leads to shows in no frame.
  if (parent !== self) link.target = '_blank';
  showCard(root, heading, strings.t('teams.outside.unused'), link);
}

async function copyText(composer: Composer | null): Promise<ComposerKey> {
  const { text, medicines } = composer?.session.draft ?? { text: '', medicines: [] };
  if (text === '') return 'teams.nothingToCopy';
  const copied = medicines.length === 0 ? 'teams.copied' : 'teams.copied.textOnly';
  try {
    await navigator.clipboard.writeText(text);
    return copied;
  } catch {
    composer?.view.focusNote();
    document.execCommand('selectAll');
    return document.execCommand('copy') ? copied : 'teams.copyByHand';
  }
}
