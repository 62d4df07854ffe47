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
    nodes.map(({ html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id} (${help}): ${html.slice(0, 160)}: ${why}`;
    }),
  );
}
