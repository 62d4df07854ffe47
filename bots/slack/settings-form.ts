import type { App, types, ViewSubmitAction, webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Config } from '../../src/config/config.ts';
import type { Origin } from '../../src/rooms/room.ts';
import type { Tenant } from '../../src/store/store.ts';
import {
  type EffectiveSettings,
  effective,
  type SettingsProblem,
  settingsProblems,
  type TenantSettings,
  tenantSettingsSchema,
} from '../commands/settings.ts';
import { CALLBACKS, plain, section, select } from './blocks.ts';
import { type Desk, ownSettings } from './desk.ts';
import { closingView, expiryOptions, readersOptions } from './note-form.ts';
import { faultOf } from './sdk-log.ts';
import { originOf } from './tenant.ts';
import { words } from './words.ts';

type Field = keyof typeof FIELDS;

/** The form's fields, and how each is read from its choice. The phone number is text, and so not asked for here. */
const FIELDS = {
  expiryMaxSeconds: Number,
  expiryDefaultSeconds: Number,
  admissions: (value: string) => (value === 'ask' ? ['ask'] : null),
  admissionDefault: String,
  readersMax: Number,
  readersDefault: Number,
} as const;

const valuesSchema = z.record(
  z.string(),
  z.record(z.string(), z.object({ selected_option: z.object({ value: z.string() }) })),
);

/** Opens the settings for the admin. Never rejects. */
export async function openSettings(
  client: webApi.WebClient,
  triggerId: string,
  admin: Origin,
  desk: Desk,
): Promise<void> {
  try {
    const view = (await isAdmin(admin, desk))
      ? settingsForm(effective(await ownSettings(admin, desk), desk.limits), desk.limits)
      : closingView(words.settings.title, [section(words.settings.notYours)]);
    await client.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    desk.log.warn({ event: 'slack-form-not-opened', ...faultOf(error) });
  }
}

/** Saves submitted settings that agree with each other and with the server's. */
export function answerSettings(app: App, desk: Desk): void {
  app.view<ViewSubmitAction>(CALLBACKS.settings, async ({ ack, body, context, view }) => {
    const admin = originOf(context, body.user.id, body.user.name);
    if (!(await isAdmin(admin, desk))) {
      desk.log.warn({ event: 'slack-settings-refused', tenant: admin.tenant });
      const refusal = closingView(words.settings.title, [section(words.settings.notYours)]);
      await ack({ response_action: 'update', view: refusal });
      return;
    }
    const settings = readSettings(view.state.values, await ownSettings(admin, desk));
    const problems = settingsProblems(settings, desk.limits);
    if (problems.length > 0) {
      await ack({ response_action: 'errors', errors: Object.fromEntries(problems.map(problemText)) });
      return;
    }
    try {
      await desk.store.settings.save(tenantOnly(admin), settings);
    } catch (error) {
      desk.log.error({ event: 'slack-settings-not-saved', tenant: admin.tenant, ...faultOf(error) });
      const refusal = closingView(words.settings.title, [section(words.trouble)]);
      await ack({ response_action: 'update', view: refusal });
      return;
    }
    await ack();
    desk.log.info({ event: 'slack-settings-changed', tenant: admin.tenant });
    await desk.homes.publish(admin);
  });
}

/** Whoever installed GLIR last: Slack tells who else is an admin only to apps that may read every member's profile. */
async function isAdmin(person: Origin, { tokens }: Desk): Promise<boolean> {
  return (await tokens.of(person))?.installedBy === person.user;
}

/** The settings as they hold; `limits` are the server's own. */
export function settingsForm(settings: EffectiveSettings, limits: Config['rooms']): types.ModalView {
  const text = words.settings;
  const lives = expiryOptions({ ...limits, expiryDefaultSeconds: settings.expiryDefaultSeconds });
  const { admissions } = words.form;
  return {
    type: 'modal',
    callback_id: CALLBACKS.settings,
    title: plain(text.title),
    submit: plain(words.save),
    close: plain(words.cancel),
    blocks: [
      select(
        'expiryMaxSeconds',
        text.expiryMaxSeconds,
        withValue(lives, settings.expiryMaxSeconds),
        settings.expiryMaxSeconds,
      ),
      select('expiryDefaultSeconds', text.expiryDefaultSeconds, lives, settings.expiryDefaultSeconds),
      select(
        'admissions',
        text.admissions,
        [
          { value: 'both', text: text.admissionsBoth },
          { value: 'ask', text: text.admissionsAsk },
        ],
        settings.admissions.includes('link') ? 'both' : 'ask',
      ),
      select(
        'admissionDefault',
        text.admissionDefault,
        [
          { value: 'ask', text: admissions.ask },
          { value: 'link', text: admissions.link },
        ],
        settings.admissionDefault,
      ),
      select('readersMax', text.readersMax, readersOptions(20, settings.readersMax), settings.readersMax),
      select(
        'readersDefault',
        text.readersDefault,
        readersOptions(20, settings.readersDefault),
        settings.readersDefault,
      ),
    ],
  };
}

function withValue(options: ReturnType<typeof expiryOptions>, value: number) {
  return options.some((option) => option.value === value)
    ? options
    : expiryOptions({ expiryMaxSeconds: value, expiryDefaultSeconds: value });
}

/** Throws a ZodError when it is not our form. */
function readSettings(state: unknown, before: TenantSettings): TenantSettings {
  const values = valuesSchema.parse(state);
  const chosen = Object.entries(FIELDS).map(([field, read]) => {
    const value = values[field]?.[field]?.selected_option.value ?? '';
    return [field, read(value)];
  });
  return tenantSettingsSchema.parse({ ...before, ...Object.fromEntries(chosen) });
}

function problemText({ field, kind }: SettingsProblem): [Field, string] {
  switch (kind) {
    case 'over-own-limit':
      return [field, words.settings.overOwnLimit];
    case 'over-server-limit':
      return [field, words.settings.overServerLimit];
    case 'not-among-allowed':
      return [field, words.settings.notAmongAllowed];
  }
}

function tenantOnly({ platform, tenant }: Tenant): Tenant {
  return { platform, tenant };
}
