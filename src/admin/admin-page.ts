import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Request, Response } from 'express';
import { Html, html } from '../http/html.ts';
import { LANGUAGE_PARAMETER } from '../http/plain-strings.ts';
import { type AdminKey, type AdminLanguage, adminLanguages } from './admin-strings.ts';

/** Where the console is, below the public URL. */
export const ADMIN_PATH = '/admin';

/** The console's pages, by what stands in their addresses. */
export const ADMIN_PAGES = ['rooms', 'settings', 'counts', 'audit', 'tenants', 'health'] as const;
export type AdminPageName = (typeof ADMIN_PAGES)[number];

const STYLE_FOLDER = path.join(import.meta.dirname, '../../web-shared/ui/style');
const STYLES = ['tokens.css', 'base.css', 'button.css', 'field.css', 'plain.css'].map((name) =>
  path.join(STYLE_FOLDER, name),
);

const style = [...STYLES, path.join(import.meta.dirname, 'console.css')]
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

const NO_SCRIPT = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "img-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];
const POLICY = [...NO_SCRIPT, "form-action 'self'"].join('; ');

/** What stands on a page of the console. */
export interface AdminContent {
  readonly title: string;
  readonly body: Html;
  /** For somebody who is signed in: who they are, which pages there are for them, and what a form has to hold. */
  readonly signedIn?: {
    readonly as: string;
    readonly pages: readonly AdminPageName[];
    readonly at: AdminPageName | null;
    readonly csrf: string;
  };
  /** Goes on there by itself, from this page and so within this site. */
  readonly goesTo?: string;
}

/** Sends a page of the console. It runs no script, nobody may frame it or keep it, and its forms go to this server alone. */
export function sendAdminPage(response: Response, language: AdminLanguage, content: AdminContent, status = 200): void {
  response.status(status);
  response.set('Content-Security-Policy', POLICY).type('html').set('Content-Language', language.code);
  // With `no-referrer` a form would not say where it comes from.
  response.set('Referrer-Policy', 'same-origin');
  response.send(shell(language, content, hereIn(response.req)));
}

/** The page's own address, for its links to other languages; of an answer to a form, where the console begins. */
function hereIn({ method, originalUrl }: Request): (language: string) => string {
  const [path = ADMIN_PATH, query] = method === 'GET' ? originalUrl.split('?', 2) : [];
  return (language) => {
    const parameters = new URLSearchParams(query);
    parameters.set(LANGUAGE_PARAMETER, language);
    return `${path}?${parameters}`;
  };
}

/** A hidden field that shows that a form is one of this session's own. */
export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

const NAMES = {
  rooms: 'nav.rooms',
  settings: 'nav.settings',
  counts: 'nav.counts',
  audit: 'nav.audit',
  tenants: 'nav.tenants',
  health: 'nav.health',
} as const satisfies Record<AdminPageName, AdminKey>;

export function pagePath(name: AdminPageName): string {
  return `${ADMIN_PATH}/${name}`;
}

function shell(
  language: AdminLanguage,
  { title, body, signedIn, goesTo }: AdminContent,
  here: (language: string) => string,
): string {
  const { code, direction, text } = language;
  const others = adminLanguages().map((one) =>
    one.code === code
      ? html`<span lang="${one.code}" aria-current="true">${one.name}</span>
`
      : html`<a href="${here(one.code)}" lang="${one.code}" hreflang="${one.code}">${one.name}</a>
`,
  );
  const pages = (signedIn?.pages ?? []).map(
    (
      name,
    ) => html`<a href="${pagePath(name)}"${new Html(signedIn?.at === name ? ' aria-current="page"' : '')}>${text(NAMES[name])}</a>
`,
  );
  return html`<!doctype html>
<html lang="${code}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex,nofollow">
<meta name="color-scheme" content="light dark">
${goesTo === undefined ? '' : html`<meta http-equiv="refresh" content="0;url=${goesTo}">`}
<title>${title} – ${text('title')}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${new Html(style)}</style>
</head>
<body class="plain console">
<header class="console-head">
<p class="brand"><a href="${ADMIN_PATH}">GLIR</a></p>
${
  signedIn === undefined
    ? ''
    : html`<form class="console-who" method="post" action="${ADMIN_PATH}/sign-out">
${csrfField(signedIn.csrf)}
<span>${signedIn.as}</span>
<button class="button">${text('signOut')}</button>
</form>`
}
</header>
${pages.length === 0 ? '' : html`<nav class="console-pages" aria-label="${text('nav')}">${pages}</nav>`}
<main>
<h1>${title}</h1>
${body}
</main>
<footer>
<nav class="links" aria-label="${text('language')}">${others}</nav>
</footer>
</body>
</html>
`.markup;
}
