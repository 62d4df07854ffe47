import type { LinkFault } from '../src/protocol/link.ts';
import { browserClock } from '../web-shared/clock.ts';
import { createLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { isUnencrypted } from '../web-shared/net/connection-failure.ts';
import { reportFailure } from '../web-shared/net/failure-report.ts';
import { takeEarlySocket } from '../web-shared/net/reconnect.ts';
import { inTurn } from '../web-shared/ui/tasks.ts';
import { createWakeLock } from '../web-shared/ui/wake-lock.ts';
import { readyToDraw } from './note/markdown-script.ts';
import { takeEarlyJoin } from './session/early-join.ts';
import { createFilesLoader } from './session/files-loader.ts';
import { keepReader, keptReader, takeNoteLink, wholeLink } from './session/note-address.ts';
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

if (isUnencrypted()) {
  // So that the log has it: what else the report says is of no use.
  void reportFailure(location.origin, { side: 'reader', code: 'no-webrtc' });
  showNothing('not-encrypted');
} else if (typeof link === 'string') {
  showNothing(FAULTS[link]);
} else if (globalThis.crypto?.subtle === undefined) {
  showNothing('no-webrtc', wholeLink(link));
} else {
  startSession(root, link);
}

/** The page can do nothing but say why. */
function showNothing(reason: GoneReason, copyable?: string): void {
  if (root === null) return;
  takeEarlySocket()?.close();
  takeEarlyJoin()?.giveUp();
  const nothing = () => undefined;
  const actions = { open: nothing, retry: nothing, reachEnd: nothing, confirmUnderstood: nothing, point: nothing };
  createView(root, actions, language).render({
    name: 'gone',
    reason,
    who: null,
    phone: null,
    at: null,
    ...(copyable === undefined ? {} : { link: copyable }),
  });
}

function startSession(place: HTMLElement, link: Exclude<ReturnType<typeof takeNoteLink>, string>): void {
  const { origin } = location;
  const awake = createWakeLock();
  const files = createFilesLoader(language, browserClock);
  let view: ReturnType<typeof createView> | undefined;
  const draw = (state: ReceiverState) => {
    view ??= createView(place, session, language, files);
    view.render(state);
  };
  const session = new ReceiverSession(link, {
    origin,
    language: language.strings.language,
    clock: browserClock,
    keptReader: keptReader(link),
    keepReader,
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
