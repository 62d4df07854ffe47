/** For `npm run dev` alone, never in what is shipped: pages that load themselves anew when another build is served. */

import type { TranslatedPage } from './all-pages.ts';
import { sha256 } from './fingerprint.ts';

const FINGERPRINT = /<meta name="glir-fingerprint" content="[^"]*">/;

/** Adds to every language of a page a script that asks each second, while the page is seen, what is served now. */
export function addReload(page: TranslatedPage): void {
  const files = new Set([page.english, ...page.languages.map((language) => language.page)]);
  // Without the fingerprint, which changes with any page.
  const texts = [...files].map(({ text }) => text.replace(FINGERPRINT, ''));
  const build = sha256(texts.join('\n')).slice(0, 16);
  const script = `setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: 'text/html' } }).catch(() => null);
  if (answer?.ok && !(await answer.text()).includes('${build}')) location.reload();
}, 1000);`;
  for (const file of files) file.text = file.text.replace('</body>', () => `<script>${script}</script></body>`);
  page.scripts.push(script);
}
