import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** More stops than any of the pages has. */
const STOPS_MAX = 80;
const LONG = { timeout: 10_000 };

/** Somebody who uses a page with the keyboard alone, and sees where they are at every stop. */
export class Keyboard {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Presses Tab (or Shift and Tab, to go `back`) until `target` has the focus. Fails at a stop that cannot be seen. */
  async goTo(target: Locator, { back = false } = {}): Promise<void> {
    await target.waitFor();
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
      expect(await this.page.evaluate(stopFindings)).toEqual([]);
    }
    throw new Error(`The keyboard does not reach ${target}.`);
  }

  /** Goes to `target` and presses a key there; afterwards the focus is on something. */
  async presses(target: Locator, key = 'Enter', way = {}): Promise<void> {
    await this.goTo(target, way);
    await this.page.keyboard.press(key);
    await this.isSomewhere();
  }

  /** The focus is on something, now and when what was pressed has been drawn. */
  async isSomewhere(): Promise<void> {
    await expect.poll(() => this.page.evaluate(() => document.activeElement?.localName), LONG).not.toBe('body');
  }

  async isAt(target: Locator): Promise<void> {
    await expect.poll(() => target.evaluate((element) => element === document.activeElement), LONG).toBe(true);
  }

  async types(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }
}

/** What keeps somebody from seeing where the focus is; nothing at the end of a page, where the browser itself follows. */
function stopFindings(): string[] {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return [];
  const frames = [focused, focused.closest('label') ?? focused];
  const ringed = frames.some((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  });
  const inSight = frames.some((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const middle = [(left + right) / 2, (top + bottom) / 2] as const;
    const points = [
      middle,
      [middle[0], top + 2],
      [middle[0], bottom - 2],
      [left + 2, middle[1]],
      [right - 2, middle[1]],
    ];
    return points.some(([x = 0, y = 0]) => frames.some((frame) => frame.contains(document.elementFromPoint(x, y))));
  });
  const name = `${focused.localName} "${(focused.getAttribute('aria-label') ?? focused.textContent ?? '').slice(0, 60)}"`;
  return [...(ringed ? [] : [`no ring around ${name}`]), ...(inSight ? [] : [`cannot be seen: ${name}`])];
}
