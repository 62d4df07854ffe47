/** The end of the note: an edge without words that says when it comes into sight. */
import { el } from '../../web-shared/ui/dom.ts';

export interface End {
  readonly element: HTMLElement;
  /** Looks again: the words above it are others now. */
  anew(): void;
  leave(): void;
}

/** `reached` is called whenever the end comes into sight, and at once where it is in sight already. */
export function createEnd(reached: () => void): End {
  const element = el('div', { class: 'note-end', 'aria-hidden': 'true' });
  const observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) reached();
  });
  observer.observe(element);
  return {
    element,
    anew() {
      observer.unobserve(element);
      observer.observe(element);
    },
    leave: () => observer.disconnect(),
  };
}
