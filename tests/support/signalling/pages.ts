/** A doctor's and a patient's page with everything but their screens: the pages' own sessions, over real WebRTC. */
import { expect } from 'vitest';
import { parseNoteLink } from '../../../src/protocol/link.ts';
import { ComposerSession } from '../../../web-composer/session/composer-session.ts';
import type { ComposerState } from '../../../web-composer/session/state.ts';
import { ReceiverSession } from '../../../web-receiver/session/receiver-session.ts';
import type { ReceiverState } from '../../../web-receiver/session/state.ts';
import { browserClock, type PageClock } from '../../../web-shared/clock.ts';
import { actAsBrowser } from '../../bench/wrtc.ts';
import { SOON } from '../server/soon.ts';
import { ticketFor } from './wrtc.ts';

/** A page's session, with what its screen would show. */
export interface Page<Session, State extends { name: string }> {
  session: Session;
  /** Every state that it showed. */
  states: State[];
  /** Breaks its first socket; the page connects again by itself. */
  cut(): void;
  /** Waits until it shows a state of this name. */
  shows<Name extends State['name']>(name: Name): Promise<Extract<State, { name: Name }>>;
}

const open = new Set<{ start(): void; leave(): void }>();
const sockets: WebSocket[] = [];

/** Gives this process what the sessions expect of a browser. To be called before them. */
export function actAsPages(url: string): void {
  actAsBrowser(url);
  class WatchedSocket extends WebSocket {
    constructor(address: string) {
      super(address);
      sockets.push(this);
    }
  }
  Object.assign(globalThis, { WebSocket: WatchedSocket });
}

/** Closes every page of this test that is still there. */
export function closeAllSessions(): void {
  for (const session of open) session.leave();
  open.clear();
}

/** Opens the composer with a ticket, or with that of a command in the local chat; before anything is written. */
export async function composerPage(
  url: string,
  begun: string | { ticket: string } = '/glir',
): Promise<Page<ComposerSession, ComposerState>> {
  const ticket = typeof begun === 'string' ? await ticketFor(url, begun) : begun.ticket;
  const { states, onState, shows } = screen<ComposerState>();
  const session = new ComposerSession({ ticket }, { origin: url, clock: browserClock, onState });
  const cut = start({ start: () => session.start(true), leave: () => session.leave() });
  await shows('writing');
  return { session, states, cut, shows };
}

/** Follows a note link; connected, and before the tap. */
export function receiverPage(link: string, clock: PageClock = browserClock): Page<ReceiverSession, ReceiverState> {
  const { origin, pathname, hash } = new URL(link);
  const parts = parseNoteLink(pathname, hash);
  if (parts === null) throw new Error('the note link is not complete');
  const { states, onState, shows } = screen<ReceiverState>();
  const session = new ReceiverSession(parts, { origin, language: 'en', clock, onState });
  return { session, states, cut: start(session), shows };
}

/** Gives what breaks the socket that a session opens with. */
function start(session: { start(): void; leave(): void }): () => void {
  open.add(session);
  const number = sockets.length;
  session.start();
  return () => sockets[number]?.close();
}

function screen<State extends { name: string }>() {
  const states: State[] = [];
  return {
    states,
    onState: (state: State) => void states.push(state),
    async shows<Name extends State['name']>(name: Name): Promise<Extract<State, { name: Name }>> {
      await expect.poll(() => states.at(-1)?.name, SOON).toBe(name);
      const state = states.at(-1);
      if (state === undefined || !isNamed<State, Name>(state, name)) throw new Error(`not "${name}" any more`);
      return state;
    },
  };
}

function isNamed<State extends { name: string }, Name extends State['name']>(
  state: State,
  name: Name,
): state is Extract<State, { name: Name }> {
  return state.name === name;
}
