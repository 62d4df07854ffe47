/** Microsoft Teams around the page, through its own library: connecting, and the theme. */
import { app } from '@microsoft/teams-js';
import type { PageClock } from '../web-shared/clock.ts';

const COLOR_SCHEME = /prefers-color-scheme:\s*(dark|light)/;
/** How long Teams may take to answer before the page goes on without it. */
const ANSWER_WAIT_MS = 10_000;

export interface Teams {
  /** `default`, `dark`, `contrast`, or a later one. */
  theme: string;
  /** Whether Teams itself runs in a browser. Its programs show the page in a web view that shares nothing with one. */
  inBrowser: boolean;
}

/**
 * Connects to Teams; null when it does not answer in time, as outside of it. Which sites count as Teams is decided by
 * teams-js, and before that by the browser: nobody else may frame the page.
 */
export async function connectToTeams(clock: PageClock): Promise<Teams | null> {
  const answer = app.initialize().then(() => app.getContext());
  const timeout = new Promise<null>((resolve) => clock.after(ANSWER_WAIT_MS, () => resolve(null)));
  try {
    const context = await Promise.race([answer, timeout]);
    if (context === null) return null;
    return { theme: context.app.theme, inBrowser: context.app.host.clientType === 'web' };
  } catch {
    return null;
  }
}

/** Tells Teams that the page is there, so that it takes its own loading picture away. */
export function notifyReady(): void {
  // Older clients do not answer to it.
  app.notifySuccess().catch(() => undefined);
}

export function onThemeChange(change: (theme: string) => void): void {
  app.registerOnThemeChangeHandler(change);
}

/** Shows the page in Teams' theme, whatever the device prefers. An unknown theme looks like the default one. */
export function applyTheme(theme: string): void {
  const scheme = theme === 'dark' || theme === 'contrast' ? 'dark' : 'light';
  const root = document.documentElement;
  root.dataset['theme'] = theme;
  root.style.colorScheme = scheme;
  for (const { rule, scheme: own } of schemeRules) rule.media.mediaText = own === scheme ? 'all' : 'not all';
}

/** The rules of the page's own style that follow the device's colour scheme: here they follow Teams' theme. */
const schemeRules = [...document.styleSheets]
  .flatMap((sheet) => [...sheet.cssRules])
  .flatMap((rule) => {
    const scheme = rule instanceof CSSMediaRule ? COLOR_SCHEME.exec(rule.conditionText)?.[1] : undefined;
    return rule instanceof CSSMediaRule && scheme !== undefined ? [{ rule, scheme }] : [];
  });
