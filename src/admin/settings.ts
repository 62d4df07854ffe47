import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { type ChatLanguage, english, languageOfLocale } from '../../bots/commands/chat-language.ts';
import { loadOwnSettings } from '../../bots/commands/settings.ts';
import { saveSettings, settingsForm } from '../../bots/commands/settings-form.ts';
import type { Choices, Field, Form } from '../../bots/commands/view.ts';
import { Html, html } from '../http/html.ts';
import type { Doctor, Tenant } from '../rooms/room.ts';
import { type Admin, forAdmins, mayManage, nameOf, sendConsolePage } from './access.ts';
import { csrfField, pagePath } from './admin-page.ts';
import type { ConsoleContext } from './console-context.ts';

const PATH = pagePath('settings');
const tenantSchema = z.object({ platform: z.enum(['slack', 'teams']), tenant: z.string().min(1).max(128) });
const choicesSchema = z.record(z.string(), z.string().max(1_000));

/** A tenant's defaults and limits: the same form, and the same rules, as in the chat. */
export function settingsRoutes(context: ConsoleContext): Router {
  const router = express.Router();

  router.get(
    '/',
    forAdmins(context, async (admin, request, response) => {
      const tenant = await tenantOf(request.query, admin, context);
      if (tenant === null) return response.redirect(303, pagePath('rooms'));
      const isSaved = 'saved' in request.query;
      await sendForm(admin, response, tenant, context, { isSaved });
    }),
  );

  router.post(
    '/',
    forAdmins(context, async (admin, request, response) => {
      const tenant = await tenantOf(request.body, admin, context);
      if (tenant === null) return response.redirect(303, pagePath('rooms'));
      const choices = choicesIn(request);
      const by: Doctor = { ...tenant, user: nameOf(admin.who), displayName: '' };
      const saved = await saveSettings(by, choices, chatLanguageOf(admin), {
        ...context,
        limits: context.config.rooms,
      });
      if (saved.kind === 'saved') return response.redirect(303, `${linkTo(tenant)}&saved`);
      const errors = saved.kind === 'problems' ? saved.errors : {};
      await sendForm(admin, response, tenant, context, { errors, choices, isTrouble: saved.kind === 'trouble' });
    }),
  );
  return router;
}

/** Where the settings of a tenant are. */
export function linkTo({ platform, tenant }: Tenant): string {
  return `${PATH}?${new URLSearchParams({ platform, tenant })}`;
}

/** A tenant that has GLIR and is this admin's; their own where none is named. */
async function tenantOf(given: unknown, admin: Admin, { platforms }: ConsoleContext): Promise<Tenant | null> {
  const asked = tenantSchema.safeParse(given).data ?? admin.tenant;
  if (asked === null || !mayManage(admin, asked)) return null;
  if (admin.tenant !== null) return admin.tenant;
  const all = await platforms.tenants();
  return all.find(({ tenant }) => tenant.platform === asked.platform && tenant.tenant === asked.tenant)?.tenant ?? null;
}

function choicesIn({ body }: Request): Choices {
  const { csrf, platform, tenant, ...choices } = choicesSchema.catch({}).parse(Object(body));
  const { admins } = choices;
  if (admins === undefined) return choices;
  return {
    ...choices,
    admins: admins
      .toUpperCase()
      .split(/[\s,;]+/)
      .filter(Boolean)
      .join(','),
  };
}

/** The bots' sentences in the console's language. */
function chatLanguageOf({ language }: Admin): ChatLanguage {
  return languageOfLocale(language.code) ?? english();
}

async function sendForm(
  admin: Admin,
  response: Response,
  tenant: Tenant,
  context: ConsoleContext,
  was: { isSaved?: boolean; isTrouble?: boolean; errors?: Readonly<Record<string, string>>; choices?: Choices },
): Promise<void> {
  const language = chatLanguageOf(admin);
  const own = await loadOwnSettings(tenant, context);
  const form = settingsForm(own, context.config.rooms, language, context.platforms.asked(tenant.platform));
  const { errors = {}, choices = {} } = was;
  const isWrong = was.isTrouble === true || Object.keys(errors).length > 0;
  const body = html`
<p class="lead">${admin.language.say('settings.whose', { tenant: tenant.tenant })}</p>
${was.isSaved ? html`<p class="notice" role="status">${language.text('settings.saved')}</p>` : ''}
${was.isTrouble ? html`<p class="notice notice-danger" role="alert">${language.text('trouble')}</p>` : ''}
<form class="form" method="post" action="${PATH}">
${csrfField(admin.csrf)}
<input type="hidden" name="platform" value="${tenant.platform}">
<input type="hidden" name="tenant" value="${tenant.tenant}">
${fieldsOf(form, choices, errors)}
<p><button class="button button-primary">${form.submit}</button></p>
</form>`;
  const at = admin.tenant === null ? 'tenants' : 'settings';
  sendConsolePage(response, admin, { title: form.title, body, at, status: isWrong ? 400 : 200 });
}

function fieldsOf(form: Form, choices: Choices, errors: Readonly<Record<string, string>>): Html[] {
  return form.fields.map((field) => {
    const error = errors[field.id];
    const mark = error === undefined ? html`` : html` aria-invalid="true" aria-describedby="${field.id}-error"`;
    return html`<div class="field">
<label class="label" for="${field.id}">${field.label}</label>
${control(field, choices[field.id], mark)}
${error === undefined ? '' : html`<p class="field-error" id="${field.id}-error">${error}</p>`}
</div>
`;
  });
}

function control(field: Field, given: string | undefined, mark: Html): Html {
  if (field.kind === 'choice') {
    const chosen = given ?? field.chosen;
    const options = field.options.map(
      ({ value, text }) =>
        html`<option value="${value}"${new Html(value === chosen ? ' selected' : '')}>${text}</option>
`,
    );
    return html`<span class="select"><select class="input" id="${field.id}" name="${field.id}"${mark}>
${options}</select></span>`;
  }
  const value = given ?? (field.kind === 'people' ? field.chosen.join(', ') : field.value);
  const length = field.kind === 'people' ? '500' : String(field.maxLength);
  return html`<input class="input" id="${field.id}" name="${field.id}" value="${value}" maxlength="${length}" autocomplete="off"${mark}>
${field.kind === 'text' ? html`<p class="hint">${field.hint}</p>` : ''}`;
}
