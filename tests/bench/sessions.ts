/** Pages without their screens: the pages' own sessions, in this process. Call `actAsBrowser` first. */
import { parseComposeLink, parseNoteLink } from '../../src/protocol/link.ts';
import { ComposerSession } from '../../web-composer/session/composer-session.ts';
import type { ComposerState } from '../../web-composer/session/state.ts';
import { ReceiverSession } from '../../web-receiver/session/receiver-session.ts';
import type { ReceiverState } from '../../web-receiver/session/state.ts';
import { browserClock } from '../../web-shared/clock.ts';

/** The doctor's page at a compose link; `reaches` waits for one of its states. */
export function composerOf(composeLink: string) {
  const { origin, hash } = new URL(composeLink);
  const ticket = parseComposeLink(hash);
  if (ticket === null) throw new Error('the compose link has no ticket');
  const states = watcher<ComposerState>((state) => state.name === 'over' || state.name === 'refused');
  const session = new ComposerSession({ ticket }, { origin, clock: browserClock, onState: states.onState });
  session.start();
  return { session, reaches: states.reaches };
}

/** The patient's page at a note link. */
export function receiverOf(noteLink: string) {
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
