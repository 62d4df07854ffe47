import { type Html, html } from '../../src/http/html.ts';
import { type PlainPage, plainPageMaker } from '../../src/http/plain-page.ts';
import { SCOPES } from './manifest.ts';

/** The pages an administrator sees. */
export interface InstallPages {
  /** What GLIR does, what it asks for and why, and the button to Slack. */
  landing: PlainPage;
  success(facts: { workspace: string; messages: boolean }): PlainPage;
  failure(why: InstallFailure): PlainPage;
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
  const page = plainPageMaker();
  return {
    landing: page('Install GLIR in Slack', landing(startPath)),
    success: ({ workspace, messages }) => page('GLIR is installed', success(workspace, messages)),
    failure(why) {
      const { title, text } = FAILURES[why];
      return page(title, html`<h1>${title}</h1><p class="lead">${text}</p>${toSlack(startPath, 'Begin again')}`);
    },
  };
}

function landing(startPath: string): Html {
  const scopes = SCOPES.map(
    ({ scope, optional, why }) =>
      html`<dt><code>${scope}</code>${optional ? html` <span class="quiet small">optional</span>` : ''}</dt><dd>${why}</dd>`,
  );
  return html`
<h1>Private notes for patients, from Slack</h1>
<p class="lead">A doctor types <code>/glir</code>, writes a note in their own browser, and hands the patient a link. When the
doctor revokes it, the time is up or the tab is closed, the note is gone.</p>
${toSlack(startPath, 'Continue to Slack')}
<section class="sheet-plain" aria-labelledby="scopes">
<h2 id="scopes">What GLIR asks Slack for</h2>
<dl>${scopes}</dl>
<p>GLIR cannot read messages, files, channels or the list of members.</p>
</section>
<section class="sheet-plain" aria-labelledby="privacy">
<h2 id="privacy">What is kept, and what never is</h2>
<ul class="points">
<li>The note and its link never pass through Slack. They live in the doctor's browser tab.</li>
<li>This server passes the note on encrypted. It can neither read nor store it.</li>
<li>It keeps Slack's token, encrypted, and for each note when it was open, how many read it and how it ended.</li>
<li>Remove GLIR in Slack, and all of this is deleted and every open note ends. If there is an audit, it stays.</li>
</ul>
<p>Whoever installs GLIR can set its limits in its Home tab in Slack.</p>
</section>`;
}

function success(workspace: string, messages: boolean): Html {
  const direct = messages
    ? 'GLIR keeps one direct message per note up to date for each doctor.'
    : 'GLIR sends no direct messages, as you chose. The status is where the doctor typed the command.';
  return html`
<h1>GLIR is installed in ${workspace === '' ? 'your workspace' : workspace}</h1>
<p class="lead">Next: go to Slack and type <code>/glir</code> in a channel or a direct message. Slack takes no commands in threads.</p>
<ul class="points">
<li>Only the person who types it sees the answer.</li>
<li>${direct}</li>
<li>Open GLIR under "Apps" in Slack: its Home tab has your notes and the settings of this workspace.</li>
</ul>
<p class="quiet">You can close this page.</p>`;
}

function toSlack(startPath: string, text: string): Html {
  return html`<p class="go"><a class="button button-primary" href="${startPath}">${text}</a></p>`;
}
