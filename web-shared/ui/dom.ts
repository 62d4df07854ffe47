/** Typed helpers for the DOM. Text becomes text nodes; no markup is ever parsed. */

export type Child = Node | string;

type Attributes = { readonly [name: string]: string | undefined } & { readonly style?: never };

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** An HTML element with attributes (undefined ones are left out) and children; strings become text nodes. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** A push button that calls `press`. While `aria-disabled` is set it keeps its focus and does nothing. */
export function button(className: string, children: Child[], press: (isTrusted: boolean) => void): HTMLButtonElement {
  const element = el('button', { type: 'button', class: `button ${className}`.trim() }, ...children);
  element.addEventListener('click', ({ isTrusted }) => {
    if (element.getAttribute('aria-disabled') !== 'true') press(isTrusted);
  });
  return element;
}

/** Writes text only when it differs, so that nothing flickers and nothing is announced twice. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute only when it differs; null removes it. */
export function setAttribute(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

export function setShown(element: HTMLElement, shown: boolean): void {
  if (element.hidden === shown) element.hidden = !shown;
}
