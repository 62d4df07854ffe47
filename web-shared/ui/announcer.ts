/** Announcements to screen readers: a polite live region. */
import { el, setText } from './dom.ts';

export interface Announcer {
  readonly element: HTMLElement;
  /** Sentences of one task are announced together; an empty one clears the region. */
  say(text: string): void;
}

/** The element has to be in the page before anything is announced. */
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
