import { readComposeLink } from '../src/protocol/link.ts';
import { createLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { startComposer } from './session/start.ts';
import type { ComposerKey } from './ui/strings.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the composer');

const language = createLanguage<ComposerKey>('composer', servedStrings(), navigator.languages);
const link = readComposeLink(location);
// The ticket is single-use; out of the address bar it is not copied by mistake instead of the note link.
history.replaceState(null, '', '/compose');
startComposer(root, language, typeof link === 'string' ? { fault: link } : link);
