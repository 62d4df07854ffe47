import type { LinkFault } from '../src/protocol/link.ts';
import { browserClock } from '../web-shared/clock.ts';
import { createLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { takeEarlySocket } from '../web-shared/net/reconnect.ts';
import { inTurn } from '../web-shared/ui/tasks.ts';
import { createWakeLock } from '../web-shared/ui/wake-lock.ts';
import { readyToDraw } from './note/markdown-script.ts';
import { takeEarlyJoin } from './session/early-join.ts';
import { FilesLoader } from './session/files-loader.ts';
import { keepToken, keptToken, takeNoteLink, wholeLink } from './session/note-address.ts';
import { ReceiverSession } from './session/receiver-session.ts';
import type { GoneReason, ReceiverState } from './session/state.ts';
import type { ReceiverKey } from './ui/strings.ts';
import { createView } from './ui/view.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the note');

const language = createLanguage<ReceiverKey>('receiver', servedStrings(), navigator.languages);
const link = takeNoteLink();

/** What the patient reads about a link that leads nowhere. */
const FAULTS: Readonly<Record<LinkFault, GoneReason>> = {
  'no-secret': 'no-secret',
  cut: 'incomplete-link',
  changed: 'wrong-key',
};

if (typeof link === 'string' || globalThis.crypto?.subtle === undefined) {
  takeEarlySocket()?.close();
  takeEarlyJoin()?.giveUp();
  const nothing = () => undefined;
  const actions = { open: nothing, retry: nothing, reachEnd: nothing, confirmUnderstood: nothing, point: nothing };
  const [reason, copyable] = typeof link === 'string' ? [FAULTS[link]] : ['no-webrtc' as const, wholeLink(link)];
  createView(root, actions, language).render({
    name: 'gone',
    reason,
    who: null,
    phone: null,
    at: null,
    ...(copyable === undefined ? {} : { link: copyable }),
  });
} else {
  const { origin } = location;
  const awake = createWakeLock();
  const files = new FilesLoader(language, browserClock);
  let view: ReturnType<typeof createView> | undefined;
  const draw = (state: ReceiverState) => {
    view ??= createView(root, session, language, files);
    view.render(state);
  };
  const session = new ReceiverSession(link, {
    origin,
    language: language.strings.language,
    clock: browserClock,
    keptToken: keptToken(link),
    keepToken,
    files,
    readyToDraw,
    onState: (state) => {
      draw(state);
      awake.want(state.name === 'reading' || state.name === 'waiting');
    },
  });
  const onVisibility = () => {
    session.setVisible(!document.hidden);
    // Covered in the same task, before the device takes its picture for the list of open apps.
    document.documentElement.classList.toggle('covered', document.hidden);
  };
  document.addEventListener('visibilitychange', onVisibility);
  onVisibility();
  addEventListener('pagehide', () => session.leave());
  // A page that comes back from the browser's page cache has forgotten everything: it starts anew.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  // Another note link pasted into the same tab.
  addEventListener('hashchange', () => location.reload());
  // The socket connects while the page is drawn, WebRTC and the time format get ready meanwhile.
  session.start();
  inTurn([
    () => {
      if (view === undefined) draw({ name: 'loading' });
    },
    () => session.prepare(),
    () => language.time.clock(browserClock.now()),
  ]);
}
