import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Findings, type Gallery, openGallery, type Way } from './gallery.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
/** The rules whose outcome depends on the colours alone. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
/** Our pseudo elements stand beside a text, never behind it. */
const SETTINGS = `axe.configure({ checks: [{
  id: 'color-contrast',
  options: { ...axe._audit.checks['color-contrast'].options, ignorePseudo: true },
}] })`;

/** What it takes in a page for `axeFindings` to be called there. The tab has to have been opened with `bypassCSP`. */
async function bringAxe(page: Page): Promise<void> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(`${axe.source}; ${SETTINGS}`);
}

/** In the page: what axe has against it, with `options`. */
async function findings(options: axe.RunOptions, colourRules: readonly string[]): Promise<string[]> {
  const { axe: brought } = Object(window) as { axe: typeof axe };
  const { violations, incomplete } = await brought.run(document, options);
  const undecided = incomplete.filter(({ id }) => colourRules.includes(id));
  // Marks lie behind the field that the note is written in: soft colours, on which ink has a contrast of 13 and more.
  const shinesThrough = ({ html, any }: axe.NodeResult) =>
    html.startsWith('<textarea id="note"') && any.some(({ data }) => data?.messageKey === 'elmPartiallyObscured');
  return [...violations, ...undecided].flatMap(({ id, help, nodes }) =>
    nodes
      .filter((node) => !shinesThrough(node))
      .map(({ html, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
        return `${id} (${help}): ${html.slice(0, 160)}: ${why}`;
      }),
  );
}

/** `findings` with arguments for one who runs in the page; `colours` looks at nothing but them. */
function lookWithAxe({ colours = false } = {}): string {
  const options: axe.RunOptions = {
    runOnly: colours ? { type: 'rule', values: COLOUR_RULES } : { type: 'tag', values: TAGS },
    resultTypes: ['violations', 'incomplete'],
  };
  return `() => (${findings})(${JSON.stringify(options)}, ${JSON.stringify(COLOUR_RULES)})`;
}

/**
 * What axe has against the page as it stands, one sentence for each element; none is good. Contrast that axe cannot
 * decide counts as well. The tab has to have been opened with `bypassCSP`.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  await bringAxe(page);
  return page.evaluate(`(${lookWithAxe()})()`);
}

/**
 * In the page: what can be pressed and has no edge of its own in forced colours, where backgrounds say nothing. Contrast
 * is the system's there, and axe would take `-webkit-text-fill-color` for it, which is not forced.
 */
function edgeless(): string[] {
  const controls = document.querySelectorAll('a.button, button, input, select, textarea');
  return [...controls]
    .filter((control) => control.checkVisibility({ visibilityProperty: true }))
    .filter((control) => {
      const { appearance, borderBottomStyle, borderBottomWidth, textDecorationLine } = getComputedStyle(control);
      const bordered = borderBottomStyle !== 'none' && Number.parseFloat(borderBottomWidth) >= 1;
      return !bordered && textDecorationLine !== 'underline' && appearance !== 'auto';
    })
    .map((control) => `no edge: ${control.outerHTML.slice(0, 100)}`);
}

const colours = (colorScheme: 'light' | 'dark', forcedColors: 'none' | 'active') => (page: Page) =>
  page.emulateMedia({ colorScheme, forcedColors });
const LIGHT: Way = { name: 'light', enter: colours('light', 'none'), look: lookWithAxe() };
// Only the colours differ between light and dark.
const DARK: Way = { name: 'dark', enter: colours('dark', 'none'), look: lookWithAxe({ colours: true }) };
const FORCED: Way = { name: 'forced colours', enter: colours('light', 'active'), look: edgeless };

/** Opens the gallery for `screenFindings`; so high that nothing is scrolled out of sight, or lies under what stays in sight. */
export function openGalleryForAxe(width = 390): Promise<Gallery> {
  return openGallery({ bypassCSP: true, viewport: { width, height: 2600 } });
}

/**
 * What is wrong with each screen of the gallery in a language, by the screen's name; without the screens that are good.
 * Each is looked at in light, and each n-th (`every`) also in dark and with forced colours.
 */
export async function screenFindings(gallery: Gallery, language: string, { every = 1 } = {}): Promise<Findings> {
  const complaints: string[] = [];
  const listen = (error: Error) => complaints.push(error.message);
  gallery.page.on('pageerror', listen);
  const found = await gallery.survey(language, [LIGHT, { ...DARK, every }, { ...FORCED, every }], bringAxe);
  gallery.page.off('pageerror', listen);
  expect(complaints).toEqual([]);
  return found;
}
