/** Serves the gallery's pages on a free port of this machine, under the policy that the real pages have. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { sendPlainPage } from '../../src/http/plain-page.ts';
import { withFingerprint } from '../../web-build/fingerprint.ts';
import { type BuiltPage, buildPage, cspHash } from '../../web-build/inline-page.ts';
import { inLanguage, type Language, readLanguages, type Section, stringsOf } from '../../web-build/languages.ts';
import { pseudoLanguage } from '../support/browser/pseudo-language.ts';
import { plainStates } from './gallery/plain-states.ts';

const root = path.join(import.meta.dirname, '../..');
const FOLDERS = { receiver: 'web-receiver', composer: 'web-composer', chat: 'bots/local/page' } as const;
const SECTIONS: readonly Section[] = ['receiver', 'composer'];
export type PageName = keyof typeof FOLDERS | 'plain';

function policyOf(page: BuiltPage): string {
  const hashes = (contents: string[]): string => contents.map((content) => `'${cspHash(content)}'`).join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes(page.scripts)}`,
    `style-src ${hashes(page.styles)}`,
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/**
 * Builds the three pages around made-up states and serves them, and those without a script as they are (`/plain?state`): `/receiver?state` in English, `/ar/receiver?state` in any
 * language that has a file, and `/ar-XB/receiver?state` in made-up words from right to left. The address ends without a
 * slash.
 */
export async function serveGallery(): Promise<{ address: string; close(): void }> {
  const languages = [...(await readLanguages()), await pseudoLanguage()];
  const answers = new Map<string, (response: ServerResponse) => void>();
  for (const [name, folder] of Object.entries(FOLDERS)) {
    const from = path.join(root, folder);
    const entry = path.relative(from, path.join(root, `tests/shots/gallery/${name}.ts`));
    const page = await buildPage(from, entry);
    page.html = withFingerprint(page.html.replace('{version}', '0.1.0'), '5237 bc38 7b7f 2366');
    const html = (text: string) => (response: ServerResponse) => {
      response.setHeader('content-security-policy', policyOf(page));
      response.setHeader('content-type', 'text/html; charset=utf-8').end(text);
    };
    const section = SECTIONS.find((each) => each === name);
    if (section === undefined) answers.set(`/${name}`, html(page.html));
    else for (const language of languages) addLanguage(section, language, page.html, html);
  }

  function addLanguage(
    section: Section,
    language: Language,
    page: string,
    html: (text: string) => (response: ServerResponse) => void,
  ): void {
    const { code } = language;
    answers.set(
      `${code === 'en' ? '' : `/${code}`}/${section}`,
      html(inLanguage(page, section, language, languages, stringsOf(language, section))),
    );
    answers.set(`/strings/${section}/${code}.json`, (response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(stringsOf(language, section)));
    });
  }

  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://gallery');
    const plain = pathname === '/plain' ? plainStates[search.slice(1)] : undefined;
    const answer = plain === undefined ? answers.get(pathname) : () => sendPlainPage(response, 200, plain);
    if (answer === undefined) response.writeHead(204).end();
    else answer(response);
  });
  return { address: await listen(server), close: () => server.close() };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${port}`);
    });
  });
}
