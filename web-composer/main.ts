import * as z from 'zod/mini';
import { parseComposeLink } from '../src/protocol/link.ts';
import { browserClock } from '../web-shared/clock.ts';
import { canConnect } from '../web-shared/transport.ts';
import { ComposerSession } from './session.ts';
import type { ComposerActions } from './state.ts';
import { createView } from './view.ts';

// zod's compiled parsers need `eval`, which the page's policy forbids.
z.config({ jitless: true });

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the composer');

const ticket = parseComposeLink(location.hash);
// The ticket is single-use; out of the address bar it is not copied by mistake instead of the note link.
history.replaceState(null, '', location.pathname);

if (ticket === null || !canConnect()) {
  const nothing = () => undefined;
  const idle: ComposerActions = {
    write: nothing,
    choose: nothing,
    share: nothing,
    admit: nothing,
    refuse: nothing,
    destroy: nothing,
  };
  createView(root, idle).render({ name: 'refused', code: ticket === null ? 'incomplete-link' : 'no-webrtc' });
} else {
  const session = new ComposerSession(ticket, {
    origin: location.origin,
    clock: browserClock,
    onState: (state) => view.render(state),
  });
  const view = createView(root, session);
  addEventListener('beforeunload', (event) => {
    if (session.wouldLose) event.preventDefault();
  });
  addEventListener('pagehide', () => session.leave());
  view.render({ name: 'loading' });
  session.start();
}
