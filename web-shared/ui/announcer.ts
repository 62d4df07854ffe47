/** Says things to people who use a screen reader, politely and once. */
import { el, setText } from './dom.ts';

export interface Announcer {
  readonly element: HTMLElement;
  /** What is said in one turn is said together. Nothing takes back what was said last. */
  say(text: string): void;
}

/** The live region; it has to be in the page before anything is said. */
export function createAnnouncer(): Announcer {
  const element = el('p', { class: 'unseen', role: 'status' });
  const said = new Set<string>();
  return {
    element,
    say(text) {
      if (text === '') said.clear();
      else if (said.size === 0) setTimeout(() => said.clear());
      if (text !== '') said.add(text);
      setText(element, [...said].join(' '));
    },
  };
}
