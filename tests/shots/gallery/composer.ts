/** The composer's page in the state that the address names; `show` and `calls` are there for tests. */
import type { ComposerActions } from '../../../web-composer/session/state.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createView } from '../../../web-composer/ui/view.ts';
import { createLanguage, servedStrings } from '../../../web-shared/i18n/page-language.ts';
import { composerLists, composerStates } from './composer-states.ts';
import { NOTE } from './samples.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no place for the view.');
const calls: string[] = [];
const actions: ComposerActions = {
  write: (text) => void calls.push(`write ${text.length}`),
  setMedicines: (medicines) => void calls.push(`list ${medicines.length}`),
  choosePolicy: (policy) => void calls.push(`choose ${JSON.stringify(policy)}`),
  chooseOptions: (chosen) => void calls.push(`options ${JSON.stringify(chosen)}`),
  addFiles: (files) => void calls.push(`files ${files.map(({ name }) => name).join(' ')}`),
  withdrawFile: (id) => void calls.push(`withdraw ${id}`),
  letFilesBeSaved: (maySave) => void calls.push(`save ${maySave}`),
  setPin: (pin) => void calls.push(`pin ${pin}`),
  proposePin: () => void calls.push('propose'),
  share: () => void calls.push('share'),
  admit: (readerId) => void calls.push(`admit ${readerId}`),
  refuse: (readerId) => void calls.push(`refuse ${readerId}`),
  letMoreAsk: () => void calls.push('let more ask'),
  nameReader: (readerId, name) => void calls.push(`name ${readerId} ${name}`),
  markAnswered: (readerId) => void calls.push(`answered ${readerId}`),
  extend: (seconds) => void calls.push(`extend ${seconds}`),
  restrict: (admission) => void calls.push(`restrict ${admission}`),
  sendToAnother: (where) => void calls.push(`another ${where}`),
  destroy: () => void calls.push('destroy'),
  wipe: () => void calls.push('wipe'),
  openAgain: () => void calls.push('open again'),
};
const view = createView(root, actions, createLanguage<ComposerKey>('composer', servedStrings(), navigator.languages));

function show(name: string): void {
  const state = composerStates[name];
  if (state === undefined) throw new Error(`The gallery has no state ${name}.`);
  if (state.name === 'open') write(name, state.noteBytes);
  view.render(state);
  if (state.name === 'writing') write(name, state.noteBytes);
  view.render(state);
}

/** Puts a sample note of `length` characters, and the list of the state `name`, where the doctor would write them. */
function write(name: string, length: number): void {
  const writing = composerStates['writing'];
  if (document.querySelector('textarea') === null && writing !== undefined) view.render(writing);
  const text = NOTE.repeat(Math.ceil(length / NOTE.length)).slice(0, length);
  view.setNote({ text, medicines: composerLists[name] ?? [] });
}

show(location.search.slice(1));
Object.assign(window, { show, calls });
