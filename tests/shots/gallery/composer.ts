/** The composer's page in the state that the address names; `show` and `calls` are there for tests. */
import type { ComposerActions } from '../../../web-composer/state.ts';
import { createView } from '../../../web-composer/view.ts';
import { composerStates } from './composer-states.ts';
import { NOTE } from './samples.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no place for the view.');
const calls: string[] = [];
const actions: ComposerActions = {
  write: (note) => void calls.push(`write ${note.length}`),
  choose: (policy) => void calls.push(`choose ${JSON.stringify(policy)}`),
  share: () => void calls.push('share'),
  admit: (readerId) => void calls.push(`admit ${readerId}`),
  refuse: (readerId) => void calls.push(`refuse ${readerId}`),
  destroy: () => void calls.push('destroy'),
};
const view = createView(root, actions);

function show(name: string): void {
  const state = composerStates[name];
  if (state === undefined) throw new Error(`The gallery has no state ${name}.`);
  if (state.name === 'open') fill(NOTE.length);
  view.render(state);
  if (state.name === 'writing') fill(state.noteBytes);
  view.render(state);
}

/** Puts a sample note of `length` characters where the doctor would type it. */
function fill(length: number): void {
  const writing = composerStates['writing'];
  if (document.querySelector('textarea') === null && writing !== undefined) view.render(writing);
  const note = document.querySelector('textarea');
  if (note !== null) note.value = NOTE.repeat(Math.ceil(length / NOTE.length)).slice(0, length);
}

show(location.search.slice(1));
Object.assign(window, { show, calls });
