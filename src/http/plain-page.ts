import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { preferredLanguage } from '../language-files.ts';
import { Html, html } from './html.ts';
import { LANGUAGE_PARAMETER, type PlainLanguage, readPlainLanguages } from './plain-strings.ts';

/** Where the pages about this GLIR are, below the public URL. */
export const INFO_PATHS = { website: '/', privacy: '/privacy', terms: '/terms' } as const;

const STYLE_FOLDER = path.join(import.meta.dirname, '../../web-shared/ui/style');
const STYLES = ['tokens.css', 'base.css', 'button.css', 'plain.css'];

/** A page without any script, complete in itself but for the favicon, and the policy under which a browser may show it. */
export interface PlainPage {
  /** The page in a language that GLIR speaks; in English for any other. */
  html(language: string): string;
  readonly policy: string;
}

/** What a page says in one language. */
export interface PlainContent {
  title: string;
  /** The content of its column. */
  body: Html;
}

/** Makes a page from what it says; `at` is the page's own path, which it does not link to. */
export type PlainPageMaker = (write: (language: PlainLanguage) => PlainContent, at?: string) => PlainPage;

const languages = lazy(readPlainLanguages);
const style = lazy(() => STYLES.map((name) => readFileSync(path.join(STYLE_FOLDER, name), 'utf8')).join('\n'));

/**
 * Reads the style sheets and the languages, and returns the function that makes pages with them. Throws when a file is
 * missing.
 */
export function plainPageMaker(): PlainPageMaker {
  const hash = createHash('sha256').update(style()).digest('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const [english] = languages();
  if (english === undefined) throw new Error('languages/en.json is missing. Restore it.');
  return (write, at) => {
    const made = new Map<string, string>();
    return {
      policy,
      html(code) {
        const language = languages().find((one) => one.code === code) ?? english;
        const markup = made.get(language.code) ?? shell(language, write(language), at);
        made.set(language.code, markup);
        return markup;
      },
    };
  };
}

/**
 * Sends a page with its policy, in the language that the address or else the browser asks for; the headers that every
 * answer has are already set.
 */
export function sendPlainPage(response: ServerResponse, status: number, { html, policy }: PlainPage): void {
  const { url = '', headers } = response.req;
  const asked = new RegExp(`[?&]${LANGUAGE_PARAMETER}=([a-z]{2})(?:&|$)`).exec(url)?.[1];
  const codes = languages().map(({ code }) => code);
  const language =
    asked !== undefined && codes.includes(asked) ? asked : preferredLanguage(headers['accept-language'], codes);
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Language', language);
  response.setHeader('Vary', 'Accept-Language');
  response.statusCode = status;
  response.end(html(language));
}

/** Whether whoever asks wants something to read, as a browser that goes to an address, and not data. */
export function wantsPage({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && /\btext\/html\b/i.test((headers.accept ?? '').slice(0, 256));
}

function shell(language: PlainLanguage, { title, body }: PlainContent, at?: string): string {
  const { code, direction, text, pathOf } = language;
  const link = (to: string, words: string): Html =>
    to === at ? html`<span aria-current="page">${words}</span>` : html`<a href="${pathOf(to)}">${words}</a>`;
  const others = languages().map((one) =>
    one.code === code
      ? html`<span lang="${one.code}" aria-current="true">${one.name}</span>
`
      : html`<a href="?${LANGUAGE_PARAMETER}=${one.code}" lang="${one.code}" hreflang="${one.code}">${one.name}</a>
`,
  );
  // A page about what went wrong is at any address, also at one that nobody should go to again.
  const switchLanguage =
    at === undefined ? '' : html`<nav class="links" aria-label="${text('language')}">${others}</nav>`;
  return html`<!doctype html>
<html lang="${code}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex,nofollow">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${new Html(style())}</style>
</head>
<body class="plain">
<header class="brand">${link(INFO_PATHS.website, 'GLIR')}</header>
<main>${body}
</main>
<footer>
<nav class="links" aria-label="${text('aboutServer')}">
${link(INFO_PATHS.privacy, text('privacyPage'))}
${link(INFO_PATHS.terms, text('termsPage'))}
</nav>
${switchLanguage}
</footer>
</body>
</html>
`.markup;
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
