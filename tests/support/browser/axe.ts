import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Gallery, openGallery } from './gallery.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
/** The rules whose outcome depends on the colours alone. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
/** Our pseudo elements stand beside a text, never behind it. */
const SETTINGS = `axe.configure({ checks: [{
  id: 'color-contrast',
  options: { ...axe._audit.checks['color-contrast'].options, ignorePseudo: true },
}] })`;

/**
 * What axe has against the page as it stands, one sentence for each element; none is good. Contrast that axe cannot
 * decide counts as well. `colours` looks at nothing but them. The tab has to have been opened with `bypassCSP`.
 */
export async function axeFindings(page: Page, { colours = false } = {}): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(`${axe.source}; ${SETTINGS}`);
  const options: axe.RunOptions = {
    runOnly: colours ? { type: 'rule', values: COLOUR_RULES } : { type: 'tag', values: TAGS },
    resultTypes: ['violations', 'incomplete'],
  };
  const results: axe.AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
  const undecided = results.incomplete.filter(({ id }) => COLOUR_RULES.includes(id));
  return [...results.violations, ...undecided].flatMap(({ id, help, nodes }) =>
    nodes
      .filter((node) => !shinesThrough(node))
      .map(({ html, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
        return `${id} (${help}): ${html.slice(0, 160)}: ${why}`;
      }),
  );
}

/** Marks lie behind the field that the note is written in: soft colours, on which ink has a contrast of 13 and more. */
function shinesThrough({ html, any }: axe.NodeResult): boolean {
  return html.startsWith('<textarea id="note"') && any.some(({ data }) => data?.messageKey === 'elmPartiallyObscured');
}

/**
 * What can be pressed and has no edge of its own in forced colours, where backgrounds say nothing. Contrast is the
 * system's there, and axe would take `-webkit-text-fill-color` for it, which is not forced.
 */
function edgeless(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = document.querySelectorAll('a.button, button, input, select, textarea');
    return [...controls]
      .filter((control) => control.checkVisibility({ visibilityProperty: true }))
      .filter((control) => {
        const { appearance, borderBottomStyle, borderBottomWidth, textDecorationLine } = getComputedStyle(control);
        const bordered = borderBottomStyle !== 'none' && Number.parseFloat(borderBottomWidth) >= 1;
        return !bordered && textDecorationLine !== 'underline' && appearance !== 'auto';
      })
      .map((control) => `no edge: ${control.outerHTML.slice(0, 100)}`);
  });
}

type Mode = 'light' | 'dark' | 'forced colours';

/** What is wrong with the page as it stands in each of the modes, one sentence each. */
async function findingsIn(page: Page, modes: readonly Mode[]): Promise<string[]> {
  const found: string[] = [];
  for (const mode of modes) {
    const forcedColors = mode === 'forced colours' ? 'active' : 'none';
    await page.emulateMedia({ colorScheme: mode === 'dark' ? 'dark' : 'light', forcedColors });
    // Only the colours differ between light and dark.
    const all =
      mode === 'forced colours' ? await edgeless(page) : await axeFindings(page, { colours: mode === 'dark' });
    found.push(...all.map((finding) => `${mode}: ${finding}`));
  }
  return found;
}

/** Opens the gallery for `screenFindings`; so high that nothing of the local chat is scrolled out of sight. */
export function openGalleryForAxe(width = 390): Promise<Gallery> {
  return openGallery({ bypassCSP: true, viewport: { width, height: 1600 } });
}

/** What is wrong with each screen of the gallery in a language, by the screen's name; without the screens that are good. */
export async function screenFindings(
  gallery: Gallery,
  language: string,
  modes: readonly Mode[] = ['light', 'dark', 'forced colours'],
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const complaints: string[] = [];
  const listen = (error: Error) => complaints.push(error.message);
  gallery.page.on('pageerror', listen);
  await gallery.walk(language, async ({ page, name }) => {
    const all = await findingsIn(gallery.page, modes);
    if (all.length > 0) found[`${page}/${name}`] = all;
  });
  gallery.page.off('pageerror', listen);
  expect(complaints).toEqual([]);
  return found;
}
