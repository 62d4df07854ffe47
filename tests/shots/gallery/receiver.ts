/** The receiver's page in the state that the address names; `show`, `render` and `calls` are there for tests. */

import { createFilesView } from '../../../web-receiver/files/files-view.ts';
import type { IncomingFile } from '../../../web-receiver/files/incoming-files.ts';
import { loadMarkdown } from '../../../web-receiver/note/markdown-script.ts';
import type { ReceiverKey } from '../../../web-receiver/ui/strings.ts';
import { createView } from '../../../web-receiver/ui/view.ts';
import { createLanguage, servedStrings } from '../../../web-shared/i18n/page-language.ts';
import { receivedFiles as sampleFiles } from './received-files.ts';
import { receiverStates } from './receiver-states.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no place for the view.');
const calls: string[] = [];
const language = createLanguage<ReceiverKey>('receiver', servedStrings(), navigator.languages);
const place = document.createElement('div');
const filesView = createFilesView(place, language.strings);
let files: IncomingFile[] = [];
const filesPlace = {
  element: place,
  update: (copy: boolean) => filesView.update(files, copy),
  leave: () => filesView.leave(),
};
const view = createView(
  root,
  {
    open: () => void calls.push('open'),
    retry: () => void calls.push('retry'),
    reachEnd: () => void calls.push('end reached'),
    confirmUnderstood: () => void calls.push('understood'),
    point: ({ part, index }, on) => void calls.push(`point ${part} ${index} ${on}`),
  },
  language,
  filesPlace,
);

function show(name: string): void {
  const state = receiverStates[name];
  if (state === undefined) throw new Error(`The gallery has no state ${name}.`);
  files = name === 'reading-files' ? sampleFiles : [];
  view.render(state);
}

// Several states, one after the other: `receiver?reading,reading-corrected`.
await loadMarkdown();
for (const name of location.search.slice(1).split(',')) show(name);
Object.assign(window, { show, calls, render: view.render });
