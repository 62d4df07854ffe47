import * as z from 'zod/mini';
import { parseNoteLink } from '../src/protocol/link.ts';
import { browserClock } from '../web-shared/clock.ts';
import { createLanguage, servedWords } from '../web-shared/language.ts';
import { takeEarlySocket } from '../web-shared/stay-connected.ts';
import { canConnect, warmUp } from '../web-shared/transport.ts';
import { createWakeLock } from '../web-shared/wake-lock.ts';
import { ReceiverSession } from './session.ts';
import { createView } from './view.ts';
import type { ReceiverKey } from './words.ts';

// zod's compiled parsers need `eval`, which the page's policy forbids.
z.config({ jitless: true });

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the note');

const language = createLanguage<ReceiverKey>('receiver', servedWords(), navigator.languages);
const link = parseNoteLink(location.pathname, location.hash);

if (link === null || !canConnect()) {
  takeEarlySocket()?.close();
  const nothing = () => undefined;
  const sheet = { seen: nothing, reachedEnd: nothing, understood: nothing, point: nothing };
  const reason = link === null ? 'incomplete-link' : 'no-webrtc';
  createView(root, { open: nothing, retry: nothing, sheet }, language).render({
    name: 'gone',
    reason,
    who: null,
    phone: null,
    at: null,
  });
} else {
  const { origin } = location;
  const awake = createWakeLock();
  const session = new ReceiverSession(link, {
    origin,
    language: language.words.language,
    clock: browserClock,
    onState: (state) => {
      view.render(state);
      awake.want(state.name === 'reading' || state.name === 'waiting');
    },
  });
  // The socket connects and WebRTC wakes up while the page is drawn.
  session.start();
  warmUp();
  const view = createView(root, session, language);
  const seen = () => {
    session.sheet.seen(!document.hidden);
    // Covered in the same turn, before the device takes its picture for the list of open apps.
    document.documentElement.classList.toggle('covered', document.hidden);
  };
  document.addEventListener('visibilitychange', seen);
  seen();
  addEventListener('pagehide', () => session.leave());
  // A page that comes back from the browser's page cache has forgotten everything: it starts anew.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  // Another note link pasted into the same tab.
  addEventListener('hashchange', () => location.reload());
  view.render({ name: 'loading' });
}
