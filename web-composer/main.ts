import { type LinkFault, readComposeLink } from '../src/protocol/link.ts';
import { browserClock } from '../web-shared/clock.ts';
import { createLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { receiveDraft } from './session/draft-handover.ts';
import { type Composer, type Start, startComposer } from './session/start.ts';
import type { ComposerKey } from './ui/strings.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the composer');
const place = root;

const language = createLanguage<ComposerKey>('composer', servedStrings(), navigator.languages);
/** Reads the link and takes it out of the address bar: its ticket is single-use, and is not to be copied by mistake. */
function takeLink(): ReturnType<typeof readComposeLink> {
  const link = readComposeLink(location);
  history.replaceState(null, '', '/compose');
  return link;
}

/** The page that opened this tab hands over what it holds; without one the link leads nowhere. */
async function withoutTicket(fault: LinkFault): Promise<Start> {
  const draft = await receiveDraft(browserClock);
  return draft === null ? { fault } : { draft };
}

const link = takeLink();
let composer: Composer | null = null;
const begin = (start: Start): void => {
  composer = startComposer(place, language, start);
};
if (typeof link === 'string') void withoutTicket(link).then(begin);
else begin(link);
// Another compose link in the same tab: it takes over what is kept here of a note that is over.
addEventListener('hashchange', () => {
  const next = takeLink();
  if (typeof next === 'string') return;
  if (composer === null) begin(next);
  else composer.openAgain(next);
});
