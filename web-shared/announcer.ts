/** Says things to people who use a screen reader, politely and once. */
import { el, setText } from './dom.ts';

export interface Announcer {
  readonly element: HTMLElement;
  say(text: string): void;
}

/** The live region; it has to be in the page before anything is said. */
export function createAnnouncer(): Announcer {
  const element = el('p', { class: 'unseen', role: 'status' });
  return { element, say: (text) => setText(element, text) };
}
