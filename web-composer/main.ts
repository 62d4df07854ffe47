import { readComposeLink } from '../src/protocol/link.ts';
import { createLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { startComposer } from './session/start.ts';
import type { ComposerKey } from './ui/strings.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the composer');

const language = createLanguage<ComposerKey>('composer', servedStrings(), navigator.languages);
/** Reads the link and takes it out of the address bar: its ticket is single-use, and is not to be copied by mistake. */
function takeLink(): ReturnType<typeof readComposeLink> {
  const link = readComposeLink(location);
  history.replaceState(null, '', '/compose');
  return link;
}

const link = takeLink();
const composer = startComposer(root, language, typeof link === 'string' ? { fault: link } : link);
// Another compose link in the same tab: it takes over what is kept here of a note that is over.
addEventListener('hashchange', () => {
  const next = takeLink();
  if (typeof next === 'string') return;
  if (composer === null) startComposer(root, language, next);
  else composer.openAgain(next);
});
