import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { html } from '../http/html.ts';
import { beginSession, endSession, forAdmins, isFromOurPage, languageOf } from './access.ts';
import { ADMIN_PATH, sendAdminPage } from './admin-page.ts';
import type { AdminLanguage } from './admin-strings.ts';
import type { ConsoleContext } from './console-context.ts';

const linkSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
/** As people type it, with spaces. */
const codeSchema = z
  .string()
  .max(20)
  .transform((typed) => typed.replace(/\D/g, ''))
  .pipe(z.string().regex(/^\d{6}$/));

/**
 * Ways in and out. A link from a bot opens a form and is not used up by that: it takes the code that stands beside it in the
 * chat, which no scanner knows.
 *
 * @param hasOperator whether the operator can sign in with OpenID Connect
 */
export function signInRoutes(context: ConsoleContext, hasOperator: boolean): Router {
  const router = express.Router();

  router.get('/sign-in', (request, response) => {
    const language = languageOf(request, response);
    const link = linkSchema.safeParse(request.query['link']).data;
    if (link === undefined) return sendWays(language, response, hasOperator);
    sendCodeForm(language, response, link);
  });

  router.post('/sign-in', async (request, response) => {
    const language = languageOf(request, response);
    const link = linkSchema.safeParse(bodyOf(request)['link']).data;
    if (link === undefined || !isFromOurPage(request, context)) return sendWays(language, response, hasOperator, 403);
    const code = codeSchema.safeParse(bodyOf(request)['code']).data;
    const who = await context.store.admins.redeemLink(link, code ?? '');
    if (who === 'wrong-code') return sendCodeForm(language, response, link, 'wrong');
    if (who === 'over') {
      context.log.warn({ event: 'admin-link-refused' });
      return sendOver(language, response);
    }
    // They may have been an admin when the link was made.
    if (who.kind === 'tenant-admin' && !(await context.platforms.isAdmin(who))) return sendOver(language, response);
    await beginSession(who, response, context);
    response.redirect(303, ADMIN_PATH);
  });

  router.post(
    '/sign-out',
    forAdmins(context, async (admin, _request, response) => {
      await endSession(admin, response, context);
      const { language } = admin;
      const body = html`<p>${language.say('signIn.how')}</p>`;
      sendAdminPage(response, language, { title: language.text('signedOut'), body });
    }),
  );
  return router;
}

function bodyOf({ body }: Request): Record<string, unknown> {
  return Object(body);
}

function sendCodeForm(language: AdminLanguage, response: Response, link: string, was?: 'wrong'): void {
  const { text, say } = language;
  const wrong = html`<p class="field-error" id="wrong" role="alert">${say('signIn.wrong')}</p>`;
  const body = html`
<p class="lead">${say('signIn.lead')}</p>
<form class="form" method="post" action="${ADMIN_PATH}/sign-in">
<input type="hidden" name="link" value="${link}">
<div class="field">
<label class="label" for="code">${text('signIn.code')}</label>
<input class="input code-input" id="code" name="code" inputmode="numeric" autocomplete="off" maxlength="7" required dir="ltr"${
    was === undefined ? html`` : html` aria-invalid="true" aria-describedby="wrong"`
  }>
${was === undefined ? '' : wrong}
</div>
<p><button class="button button-primary">${text('signIn.go')}</button></p>
</form>`;
  sendAdminPage(response, language, { title: text('signIn.title'), body }, was === undefined ? 200 : 403);
}

function sendOver(language: AdminLanguage, response: Response): void {
  const body = html`<p class="lead">${language.say('signIn.how')}</p>`;
  sendAdminPage(response, language, { title: language.text('signIn.over'), body }, 403);
}

function sendWays(language: AdminLanguage, response: Response, hasOperator: boolean, status = 200): void {
  const { text, say } = language;
  const body = html`
<p class="lead">${say('signIn.how')}</p>
${hasOperator ? html`<p><a class="button button-primary" href="${ADMIN_PATH}/operator">${text('signIn.operator')}</a></p>` : ''}`;
  sendAdminPage(response, language, { title: text('signIn.title'), body }, status);
}
