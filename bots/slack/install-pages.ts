import { type Html, html } from '../../src/http/html.ts';
import { type PlainPage, plainPageMaker } from '../../src/http/plain-page.ts';
import type { PlainLanguage } from '../../src/http/plain-strings.ts';
import { INSTALL_PATHS, SCOPES } from './manifest.ts';

/** The pages an administrator sees. */
export interface InstallPages {
  /** What GLIR does, what it asks for and why, and the button to Slack. */
  landing: PlainPage;
  success(facts: { workspace: string; messages: boolean }): PlainPage;
  failure(why: InstallFailure): PlainPage;
}

/** Why an installation did not happen. */
export type InstallFailure = 'not-served' | 'cancelled' | 'stale' | 'refused' | 'too-often' | 'unreachable';

/** Reads the style sheets and the languages once. Throws when one is missing. */
export function createInstallPages(startPath: string): InstallPages {
  const page = plainPageMaker();
  const toSlack = (text: Html): Html =>
    html`<p class="go"><a class="button button-primary" href="${startPath}">${text}</a></p>`;
  return {
    landing: page(
      (language) => ({
        title: language.text('install.title'),
        body: landing(language, toSlack(language.say('install.go'))),
      }),
      INSTALL_PATHS.landing,
    ),
    success: ({ workspace, messages }) =>
      page((language) => ({ title: language.text('install.done'), body: success(language, workspace, messages) })),
    failure: (why) =>
      page(({ text, say }) => {
        const title = text(`install.${why}.title`);
        const next = say(`install.${why}.text`);
        return {
          title,
          body: html`<h1>${title}</h1><p class="lead">${next}</p>${toSlack(say('install.again'))}`,
        };
      }),
  };
}

function landing({ say }: PlainLanguage, go: Html): Html {
  const scopes = SCOPES.map(
    ({ scope, optional, why }) =>
      html`<dt><code>${scope}</code>${optional ? html` <span class="quiet small">${say('install.optional')}</span>` : ''}</dt><dd>${say(why)}</dd>`,
  );
  return html`
<h1>${say('install.heading')}</h1>
<p class="lead">${say('install.lead')}</p>
${go}
<section class="sheet-plain" aria-labelledby="scopes">
<h2 id="scopes">${say('install.asks')}</h2>
<dl>${scopes}</dl>
<p>${say('install.cannot')}</p>
</section>
<section class="sheet-plain" aria-labelledby="privacy">
<h2 id="privacy">${say('install.kept')}</h2>
<ul class="points">
<li>${say('install.kept.note')}</li>
<li>${say('install.kept.server')}</li>
<li>${say('install.kept.token')}</li>
<li>${say('install.kept.remove')}</li>
</ul>
<p>${say('install.limits')}</p>
</section>`;
}

function success({ say }: PlainLanguage, workspace: string, messages: boolean): Html {
  return html`
<h1>${workspace === '' ? say('install.done.yours') : say('install.done.in', { workspace })}</h1>
<p class="lead">${say('install.done.next')}</p>
<ul class="points">
<li>${say('install.done.only')}</li>
<li>${say(messages ? 'install.done.messages' : 'install.done.noMessages')}</li>
<li>${say('install.done.home')}</li>
</ul>
<p class="quiet">${say('install.done.close')}</p>`;
}
