/** Lays slips under lines: each line gives way as far as its slip is high, and nothing is put into the note itself. */

export interface Laid {
  readonly slip: HTMLElement;
  readonly anchor: Element | null;
}

export interface Gaps {
  lay(all: readonly Laid[]): void;
}

/** `layer` lies over the note, at its upper edge and as wide. */
export function createGaps(layer: HTMLElement): Gaps {
  let open = new Map<HTMLElement, string>();
  return {
    lay(all) {
      const holders = all.map(({ slip, anchor }) => ({ slip, height: `${slip.offsetHeight}px`, ...holderOf(anchor) }));
      const next = new Map(holders.flatMap(({ holder, side }) => (holder === null ? [] : [[holder, side]])));
      for (const [holder, side] of open) {
        if (next.get(holder) === side) continue;
        holder.classList.remove(side);
        holder.style.removeProperty('--gap');
      }
      for (const { holder, side, height } of holders) {
        holder?.classList.add(side);
        holder?.style.setProperty('--gap', height);
      }
      open = next;
      const edge = layer.getBoundingClientRect().top;
      const tops = holders.map(({ holder, side, slip }) => {
        if (holder === null) return 0;
        const { top, bottom } = holder.getBoundingClientRect();
        return (side === 'gap-after' ? bottom : top - slip.offsetHeight) - edge;
      });
      for (const [place, { slip, holder }] of holders.entries()) {
        slip.hidden = holder === null;
        slip.style.setProperty('top', `${tops[place] ?? 0}px`);
      }
    },
  };
}

/** A list inside an item follows the item's own words, so there the room is made before it. */
function holderOf(anchor: Element | null): { holder: HTMLElement | null; side: 'gap-after' | 'gap-before' } {
  const inner = anchor?.querySelector(':scope > ul, :scope > ol');
  if (inner instanceof HTMLElement) return { holder: inner, side: 'gap-before' };
  return { holder: anchor instanceof HTMLElement ? anchor : null, side: 'gap-after' };
}
