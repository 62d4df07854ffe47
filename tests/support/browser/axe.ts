import axe from 'axe-core';
import type { Page } from 'playwright-core';

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
export function edgeless(page: Page): Promise<string[]> {
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
