import type { Way } from './gallery.ts';

/** WCAG 1.4.12: as much space between lines, paragraphs, letters and words as a reader may ask for. */
const SPACED = `* {
  line-height: 1.5 !important;
  letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }`;

/** The windows that the pages are looked at in, in CSS px: a phone; one of 1280 by 1024 at four times its size. */
const WINDOWS = {
  phone: { width: 320, height: 640 },
  enlarged: { width: 320, height: 256 },
  desktop: { width: 1440, height: 900 },
} as const;

/** A look at a screen through a window that is all of these looks. */
export function through(window: keyof typeof WINDOWS, ...looks: readonly Way['look'][]): Way {
  return {
    name: window,
    enter: (page) => page.setViewportSize(WINDOWS[window]),
    look: `async () => [${looks.map((look) => `...(await (${look})())`).join(', ')}]`,
  };
}

/** Like `layoutFindings`, with as much space in the page's text as a reader may ask for. */
export const spacedLayoutFindings = `() => {
  const added = new CSSStyleSheet();
  added.replaceSync(${JSON.stringify(SPACED)});
  document.adoptedStyleSheets.push(added);
  const found = (${layoutFindings})();
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== added);
  return found;
}`;

/** In the page: what is wrong with how it lies in its window, one sentence each; none is good. */
export function layoutFindings(): string[] {
  const { clientWidth: width, scrollWidth } = document.documentElement;
  const described = (element: Element): string =>
    `${element.localName}.${element.getAttribute('class') ?? ''} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
  const shown = [...document.body.querySelectorAll<HTMLElement>('*')]
    .filter((element) => element.closest('svg') === null && element.checkVisibility({ visibilityProperty: true }))
    .map((element) => ({ element, style: getComputedStyle(element), box: element.getBoundingClientRect() }));
  // What only a screen reader should find is clipped away.
  const unseen = shown.filter(({ style }) => style.clipPath === 'inset(50%)');
  const seen = shown.filter(({ element }) => !unseen.some((one) => one.element.contains(element)));
  // What is being typed scrolls in its own field.
  const still = seen.filter(({ element }) => !element.matches('input, textarea, select'));

  const wider = ({ scrollWidth: all, clientWidth: part }: Element) => all > part + 1;
  const higher = ({ scrollHeight: all, clientHeight: part }: Element) => all > part + 1;
  const sideways = still.filter(({ element, style }) => /auto|scroll/.test(style.overflowX) && wider(element));
  const cut = still.filter(
    ({ element, style: { overflowX, overflowY } }) =>
      element.textContent !== '' && /hidden|clip/.test(overflowX + overflowY) && (wider(element) || higher(element)),
  );
  const out = seen.filter(({ box }) => box.width > 0 && (box.right > width + 1 || box.left < -1));
  // Something sticks within its own container: it covers what comes later there, above or below it. Beside a column of its
  // own, as the note's on a wide screen, nothing is covered.
  const containerOf = (element: Element): Element | null => {
    const parent = element.parentElement;
    return parent !== null && getComputedStyle(parent).display === 'contents' ? containerOf(parent) : parent;
  };
  const covers = ({ element, style, box }: (typeof seen)[number]): boolean =>
    style.position === 'fixed' ||
    seen.some(
      (other) =>
        (element.compareDocumentPosition(other.element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 &&
        !element.contains(other.element) &&
        containerOf(element)?.contains(other.element) === true &&
        other.box.height > 0 &&
        other.box.left < box.right &&
        other.box.right > box.left,
    );
  const stuck = seen
    .filter(({ style, box }) => /sticky|fixed/.test(style.position) && box.bottom > 0 && box.top < innerHeight)
    .filter(covers)
    .reduce((sum, { box }) => sum + box.height, 0);
  return [
    ...(scrollWidth > width ? [`the page is ${scrollWidth - width} px too wide`] : []),
    ...sideways.map(({ element }) => `scrolls sideways: ${described(element)}`),
    ...cut.map(({ element }) => `cut off: ${described(element)}`),
    ...out.map(({ element }) => `sticks out: ${described(element)}`),
    ...(stuck > innerHeight / 2 ? [`what sticks takes ${Math.round(stuck)} of ${innerHeight} px`] : []),
  ];
}

/**
 * In the page: what can be pressed and is less than 44 CSS px high or wide, with its size. A link inside a sentence is as high as
 * its line (WCAG 2.5.8, "Inline").
 */
export function smallTargets(): string[] {
  // WCAG 2.2 AA asks for 24 px, the hands of an old patient for more.
  const size = 44;
  const all = 'a[href], button, input, select, textarea, summary, [role="button"], [tabindex="0"]';
  const inSentence = (element: Element) =>
    getComputedStyle(element).display === 'inline' && element.parentElement?.textContent !== element.textContent;
  return [...document.querySelectorAll(all)]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !inSentence(element))
    .map((element) => {
      // A press on the words of a choice is a press on the choice.
      const boxes = [element, element.closest('label') ?? element].map((each) => each.getBoundingClientRect());
      const width = Math.max(...boxes.map((box) => box.width));
      const height = Math.max(...boxes.map((box) => box.height));
      return { element, width, height };
    })
    .filter(({ width, height }) => Math.min(width, height) < size - 0.5)
    .map(({ element, width, height }) => {
      const name = `${element.localName}.${element.getAttribute('class') ?? ''} "${element.textContent ?? ''}"`;
      return `${name.slice(0, 80)} is ${Math.round(width)} x ${Math.round(height)} px`;
    });
}

/** In the page: words in letters of less than 16 px, one sentence each. */
export function smallWords(): string[] {
  const words = (element: Element) =>
    [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ textContent }) => textContent);
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && words(element).join('').trim() !== '')
    .map((element) => ({ element, size: Number.parseFloat(getComputedStyle(element).fontSize) }))
    .filter(({ size }) => size < 16)
    .map(
      ({ element, size }) => `${size} px: ${element.localName} "${(element.textContent ?? '').trim().slice(0, 40)}"`,
    );
}
