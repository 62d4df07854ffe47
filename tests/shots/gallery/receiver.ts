/** The receiver's page in the state that the address names; `show` and `calls` are there for tests. */
import { createView } from '../../../web-receiver/view.ts';
import { receiverStates } from './receiver-states.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no place for the view.');
const calls: string[] = [];
const view = createView(root, { open: () => void calls.push('open'), retry: () => void calls.push('retry') });

function show(name: string): void {
  const state = receiverStates[name];
  if (state === undefined) throw new Error(`The gallery has no state ${name}.`);
  view.render(state);
}

show(location.search.slice(1));
Object.assign(window, { show, calls });
