import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';

/** Milliseconds since the Unix epoch, on the clock that the watched pages use too: one that is never set. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** What the patient's screen came to. `shown` is whether any of the page's text holds the note. */
export interface Sighting {
  at: number;
  shown: boolean;
  heading: string;
}

declare global {
  interface Window {
    glirSightings: Sighting[];
  }
}

const ASK_MS = 25;
/** A page that answers later than this is frozen, crashed or far away; it is asked again. */
const ANSWER_MS = 2_000;

/** Writes down, inside the page, each time that the note comes to its screen or leaves it. */
export class Watch {
  readonly page: Page;
  #known: Sighting[] = [];

  /** Call it before the page is opened. `words` are some that stand in the note and nowhere else. */
  static async over(page: Page, words: string): Promise<Watch> {
    await page.addInitScript(installWatch, words);
    return new Watch(page);
  }

  private constructor(page: Page) {
    this.page = page;
  }

  /** The first moment at or after `since` at which the note stood in the page; null when that took too long. */
  appears(since: number, patienceMs: number): Promise<number | null> {
    return this.#becomes(true, since, patienceMs);
  }

  /** The first moment at or after `since` at which nothing of the note was in the page; null when that took too long. */
  vanishes(since: number, patienceMs: number): Promise<number | null> {
    return this.#becomes(false, since, patienceMs);
  }

  /** Whether the note stood in the page at any moment from `since` until now. */
  async shownSince(since: number): Promise<boolean> {
    const sightings = await this.sightings();
    return stateAt(sightings, since) || sightings.some(({ at, shown }) => at > since && shown);
  }

  /** Everything seen in this page since it was opened; what was known last when it does not answer. */
  async sightings(): Promise<Sighting[]> {
    const asked = this.page.evaluate(() => window.glirSightings).catch(() => null);
    const answer = await Promise.race([asked, delay(ANSWER_MS, null)]);
    if (answer !== null && answer !== undefined) this.#known = answer;
    return this.#known;
  }

  async #becomes(wanted: boolean, since: number, patienceMs: number): Promise<number | null> {
    const until = now() + patienceMs;
    for (;;) {
      const sightings = await this.sightings();
      if (stateAt(sightings, since) === wanted) return since;
      const found = sightings.find(({ at, shown }) => at > since && shown === wanted);
      if (found !== undefined) return found.at;
      if (now() > until) return null;
      await delay(ASK_MS);
    }
  }
}

function stateAt(sightings: readonly Sighting[], moment: number): boolean {
  return sightings.findLast(({ at }) => at <= moment)?.shown ?? false;
}

/**
 * Runs in the page before its own scripts: the shipped page knows nothing of it. Has to stand by itself, because its
 * text is what the browser gets. The clock is taken before anything can put another in its place.
 */
function installWatch(words: string): void {
  const read = performance.now.bind(performance);
  const { timeOrigin } = performance;
  const sightings: Sighting[] = [];
  window.glirSightings = sightings;
  const look = () => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) =>
      field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field.value : '',
    );
    const shown = [document.documentElement?.textContent ?? '', document.title, ...fields].some((text) =>
      text.includes(words),
    );
    const heading = document.querySelector('h1')?.textContent ?? '';
    const last = sightings.at(-1);
    if (last?.shown !== shown || last.heading !== heading) sightings.push({ at: timeOrigin + read(), shown, heading });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}
