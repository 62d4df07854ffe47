/** The pages for browsers that asked for something that is not there, too often, or at a bad moment. */
import type { Request, Response } from 'express';
import { html } from './html.ts';
import { type PlainPage, plainPageMaker, sendPlainPage, wantsPage } from './plain-page.ts';

export interface TroublePages {
  /** No page is at that address: perhaps the link to a note lost a part on its way. */
  missing: PlainPage;
  /** Too many requests from one network. */
  busy: PlainPage;
  /** The server failed. */
  failed: PlainPage;
}

export function troublePages(): TroublePages {
  const page = plainPageMaker();
  const short = (name: 'busy' | 'failed'): PlainPage =>
    page(({ text, say }) => ({
      title: text(`${name}.title`),
      body: html`
<h1>${say(`${name}.title`)}</h1>
<p class="lead">${say(`${name}.next`)}</p>`,
    }));
  return {
    missing: page(({ text, say }) => ({
      title: text('missing.title'),
      body: html`
<h1>${say('missing.title')}</h1>
<p class="lead">${say('missing.why')}</p>
<section class="sheet-plain" aria-labelledby="note">
<h2 id="note">${say('note.ask')}</h2>
<p>${say('note.again')}</p>
<p>${say('note.call')}</p>
</section>
<p>${say('missing.doctor')}</p>`,
    })),
    busy: short('busy'),
    failed: short('failed'),
  };
}

/** Answers a browser that goes to an address with a page, and a program with data: a code, and the next step. */
export function sendTrouble(
  request: Request,
  response: Response,
  { status, page, data }: { status: number; page: PlainPage; data: { error: string; next: string } },
): void {
  if (wantsPage(request)) sendPlainPage(response, status, page);
  else response.status(status).json(data);
}
