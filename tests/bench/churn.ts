import { parseComposeLink, parseNoteLink } from '../../src/protocol/link.ts';
import { ComposerSession } from '../../web-composer/session.ts';
import type { ComposerState } from '../../web-composer/state.ts';
import { ReceiverSession } from '../../web-receiver/session.ts';
import type { ReceiverState } from '../../web-receiver/state.ts';
import { browserClock } from '../../web-shared/clock.ts';
import type { Figure } from './figures.ts';
import { plainNote } from './journey.ts';
import type { Server } from './server.ts';
import { actAsBrowser } from './wrtc.ts';

const AT_ONCE = 4;
const ROOMS = 100;
const NOTE = plainNote(800);

/** Whole lives of rooms, several at a time, with the pages' own sessions in this process. */
export async function measureChurn(server: Server, progress: (text: string) => void): Promise<Figure[]> {
  actAsBrowser(server.url);
  for (let warmUp = 0; warmUp < AT_ONCE; warmUp++) await liveOnce(server);
  let started = 0;
  let done = 0;
  const from = performance.now();
  const one = async () => {
    while (started < ROOMS) {
      started += 1;
      await liveOnce(server);
      done += 1;
      if (done % 20 === 0) progress(`rooms: ${done} of ${ROOMS}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const seconds = (performance.now() - from) / 1000;
  return [
    {
      name: 'room_churn_per_s',
      value: Math.round((ROOMS / seconds) * 10) / 10,
      unit: 'rooms/s',
      rooms: ROOMS,
      atOnce: AT_ONCE,
      what: `Rooms opened, read by one reader (800 characters) and revoked, ${AT_ONCE} at a time; the clients share the machine with the server.`,
    },
  ];
}

async function liveOnce(server: Server): Promise<void> {
  const composer = composerOf(await server.composeLink());
  await composer.reaches('writing');
  composer.session.choose({ admission: 'link' });
  composer.session.write(NOTE);
  void composer.session.share();
  const { link } = await composer.reaches('open');

  const receiver = receiverOf(link);
  await receiver.reaches('closed');
  receiver.session.open();
  const { note } = await receiver.reaches('reading');
  if (note.text !== NOTE) throw new Error('the reader got another note');

  composer.session.destroy();
  const [{ reason }] = await Promise.all([receiver.reaches('gone'), composer.reaches('over')]);
  if (reason !== 'revoked') throw new Error(`the reader's note ended with ${reason}`);
}

function composerOf(composeLink: string) {
  const { origin, hash } = new URL(composeLink);
  const ticket = parseComposeLink(hash);
  if (ticket === null) throw new Error('the compose link has no ticket');
  const states = watcher<ComposerState>((state) => state.name === 'over' || state.name === 'refused');
  const session = new ComposerSession({ ticket }, { origin, clock: browserClock, onState: states.onState });
  session.start();
  return { session, reaches: states.reaches };
}

function receiverOf(noteLink: string) {
  const { origin, pathname, hash } = new URL(noteLink);
  const link = parseNoteLink(pathname, hash);
  if (link === null) throw new Error('the note link is not complete');
  const states = watcher<ReceiverState>((state) => state.name === 'gone');
  const surroundings = { origin, language: 'en', clock: browserClock, onState: states.onState };
  const session = new ReceiverSession(link, surroundings);
  session.start();
  return { session, reaches: states.reaches };
}

/** Waits for a session's states; rejects when it reaches its last one instead. */
function watcher<State extends { name: string }>(isLast: (state: State) => boolean) {
  let now: State | null = null;
  let check: (() => void) | null = null;
  return {
    onState(state: State) {
      now = state;
      check?.();
    },
    reaches<Wanted extends State['name']>(name: Wanted): Promise<Extract<State, { name: Wanted }>> {
      return new Promise((resolve, reject) => {
        check = () => {
          if (now === null) return;
          if (isNamed<State, Wanted>(now, name)) resolve(now);
          else if (isLast(now)) reject(new Error(`ended as ${JSON.stringify(now)} before it was ${name}`));
        };
        check();
      });
    },
  };
}

function isNamed<State extends { name: string }, Wanted extends State['name']>(
  state: State,
  name: Wanted,
): state is Extract<State, { name: Wanted }> {
  return state.name === name;
}
