/** Keeps elements that say the same in place, so that a correction moves nobody's focus or reading position. */

export interface Drawn {
  /** Unique among its siblings. */
  readonly key: string;
  /** Everything that the element says; it is made anew when this differs. */
  readonly says: string;
  make(): HTMLElement;
  /** Draws what is inside, also when the element stays. */
  inside?(element: Element): void;
}

const kept = new WeakMap<Element, Drawn>();

/** Makes the children of `parent` the ones drawn, in their order. */
export function keep(parent: Element, drawn: readonly Drawn[]): void {
  const there = new Map([...parent.children].map((child) => [kept.get(child)?.key, child]));
  const elements = drawn.map((each) => {
    const old = there.get(each.key);
    const stays = old !== undefined && kept.get(old)?.says === each.says;
    const element = stays ? old : each.make();
    kept.set(element, each);
    each.inside?.(element);
    return element;
  });
  const staying = new Set<Element>(elements);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  for (const [place, element] of elements.entries()) {
    const child = parent.children[place];
    if (child !== element) parent.insertBefore(element, child ?? null);
  }
}
