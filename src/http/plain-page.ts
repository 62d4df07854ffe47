import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { Html, html } from './html.ts';

/** Where the pages about this GLIR are, below the public URL. */
export const INFO_PATHS = { website: '/', privacy: '/privacy', terms: '/terms' } as const;

const STYLE_FOLDER = path.join(import.meta.dirname, '../../web-shared/ui/style');
const STYLES = ['tokens.css', 'base.css', 'button.css', 'plain.css'];

/** A page without any script, complete in itself but for the favicon, and the policy under which a browser may show it. */
export interface PlainPage {
  readonly html: string;
  readonly policy: string;
}

/** Makes a page from a title and the content of its column; `at` is the page's own path, which it does not link to. */
export type PlainPageMaker = (title: string, body: Html, at?: string) => PlainPage;

/**
 * Reads the style sheets once, and returns the function that makes pages in that style. Throws when a style sheet is missing.
 */
export function plainPageMaker(): PlainPageMaker {
  const style = STYLES.map((name) => readFileSync(path.join(STYLE_FOLDER, name), 'utf8')).join('\n');
  const hash = createHash('sha256').update(style).digest('base64');
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
  return (title, body, at) => ({ html: shell(title, style, body, at), policy });
}

/** Sends a page with its policy; the headers that every answer has are already set. */
export function sendPlainPage(response: ServerResponse, status: number, { html, policy }: PlainPage): void {
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Language', 'en');
  response.statusCode = status;
  response.end(html);
}

function shell(title: string, style: string, body: Html, at?: string): string {
  const link = (to: string, text: string): Html =>
    to === at ? html`<span aria-current="page">${text}</span>` : html`<a href="${to}">${text}</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex,nofollow">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${new Html(style)}</style>
</head>
<body class="plain">
<header class="brand">${link(INFO_PATHS.website, 'GLIR')}</header>
<main>${body}
</main>
<footer>
<nav class="links" aria-label="About this server">
${link(INFO_PATHS.privacy, 'Privacy')}
${link(INFO_PATHS.terms, 'Terms')}
</nav>
</footer>
</body>
</html>
`.markup;
}
