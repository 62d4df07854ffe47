import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SCOPES } from './scopes.ts';

const STYLE_FOLDER = path.join(import.meta.dirname, '../../web-shared/style');
const SHARED = ['tokens.css', 'base.css', 'button.css'];

/** One page of the installation, and the policy under which a browser may show it. */
export interface InstallPage {
  html: string;
  policy: string;
}

/** The pages an administrator sees. Each is complete in itself: no script, no file beside it but the favicon. */
export interface InstallPages {
  /** What GLIR does, what it asks for and why, and the button to Slack. */
  landing: InstallPage;
  success(facts: { workspace: string; messages: boolean }): InstallPage;
  failure(why: InstallFailure): InstallPage;
}

/** Why an installation did not happen. */
export type InstallFailure = 'cancelled' | 'stale' | 'refused' | 'too-often' | 'unreachable';

const FAILURES: Record<InstallFailure, { title: string; text: string }> = {
  cancelled: { title: 'GLIR was not installed', text: 'You cancelled it in Slack. Nothing was changed.' },
  stale: {
    title: 'That took too long',
    text: 'An installation has to be finished in the same browser, within ten minutes, and only once. Begin again.',
  },
  refused: { title: 'Slack did not agree', text: 'Slack refused the installation. Nothing was changed. Begin again.' },
  'too-often': {
    title: 'Too many installations were begun',
    text: 'They came from one address in a short time. Wait ten minutes, then begin again.',
  },
  unreachable: {
    title: 'GLIR was not installed',
    text: 'Slack did not answer, or GLIR could not keep what it answered. Wait a moment, then begin again.',
  },
};

/** Reads the style sheets once. Throws when one is missing. */
export function createInstallPages(startPath: string): InstallPages {
  const style = [...SHARED.map((name) => path.join(STYLE_FOLDER, name)), path.join(import.meta.dirname, 'install.css')]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const page = (title: string, body: string): InstallPage => ({ html: shell(title, style, body), policy });

  return {
    landing: page('Install GLIR in Slack', landing(startPath)),
    success: ({ workspace, messages }) => page('GLIR is installed', success(workspace, messages)),
    failure(why) {
      const { title, text } = FAILURES[why];
      return page(title, `<h1>${title}</h1><p class="lead">${text}</p>${toSlack(startPath, 'Begin again')}`);
    },
  };
}

function landing(startPath: string): string {
  const scopes = SCOPES.map(
    ({ scope, optional, why }) =>
      `<dt><code>${scope}</code>${optional ? ' <span class="quiet small">optional</span>' : ''}</dt><dd>${why}</dd>`,
  );
  return `
<p class="brand">GLIR</p>
<h1>Private notes for patients, from Slack</h1>
<p class="lead">A doctor types <code>/glir</code>, writes a note in their own browser, and hands the patient a link. When the
doctor revokes it, the time is up or the tab is closed, the note is gone.</p>
${toSlack(startPath, 'Continue to Slack')}
<section class="sheet-plain" aria-labelledby="scopes">
<h2 id="scopes">What GLIR asks Slack for</h2>
<dl>${scopes.join('')}</dl>
<p>GLIR cannot read messages, files, channels or the list of members.</p>
</section>
<section class="sheet-plain" aria-labelledby="privacy">
<h2 id="privacy">What is kept, and what never is</h2>
<ul class="points">
<li>The note and its link never pass through Slack. They live in the doctor's browser tab.</li>
<li>This server passes the note on encrypted. It can neither read nor store it.</li>
<li>It keeps Slack's token, encrypted, and for each note when it was open, how many read it and how it ended.</li>
<li>Remove GLIR in Slack, and all of this is deleted and every open note ends.</li>
</ul>
<p>Whoever installs GLIR can set its limits in its Home tab in Slack.</p>
</section>`;
}

function success(workspace: string, messages: boolean): string {
  const where = workspace === '' ? 'your workspace' : escaped(workspace);
  const direct = messages
    ? '<li>GLIR keeps one direct message per note up to date for each doctor.</li>'
    : '<li>GLIR sends no direct messages, as you chose. The status is where the doctor typed the command.</li>';
  return `
<p class="brand">GLIR</p>
<h1>GLIR is installed in ${where}</h1>
<p class="lead">Next: go to Slack and type <code>/glir</code> in any chat.</p>
<ul class="points">
<li>Only the person who types it sees the answer.</li>
${direct}
<li>Open GLIR under "Apps" in Slack: its Home tab has your notes and the settings of this workspace.</li>
</ul>
<p class="quiet">You can close this page.</p>`;
}

function toSlack(startPath: string, text: string): string {
  return `<p class="go"><a class="button button-primary" href="${startPath}">${text}</a></p>`;
}

function shell(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex,nofollow">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${style}</style>
</head>
<body>
<main class="install">${body}
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
