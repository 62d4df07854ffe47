/** Microsoft Teams around the page, through its own library. */
import { app } from '@microsoft/teams-js';
import type { PageClock } from '../web-shared/clock.ts';

/** How long Teams may take to answer before the page goes on without it. */
const PATIENCE_MS = 10_000;

/** What the page may know of the Teams that shows it. */
export interface Teams {
  /** `default`, `dark`, `contrast`, or a later one. */
  theme: string;
  /** Whether Teams itself runs in a browser. Its programs show the page in a web view that shares nothing with one. */
  inBrowser: boolean;
}

/**
 * Greets Teams; null when it does not answer in time, as outside of it. Which sites count as Teams is decided by
 * teams-js, and before that by the browser: nobody else may frame the page.
 */
export async function greetTeams(clock: PageClock): Promise<Teams | null> {
  const asked = app.initialize().then(() => app.getContext());
  const late = new Promise<null>((resolve) => clock.after(PATIENCE_MS, () => resolve(null)));
  try {
    const context = await Promise.race([asked, late]);
    if (context === null) return null;
    return { theme: context.app.theme, inBrowser: context.app.host.clientType === 'web' };
  } catch {
    return null;
  }
}

/** Tells Teams that the page is there, so that it takes its own loading picture away. */
export function sayReady(): void {
  // Older clients do not answer to it.
  app.notifySuccess().catch(() => undefined);
}

export function onTheme(change: (theme: string) => void): void {
  app.registerOnThemeChangeHandler(change);
}
