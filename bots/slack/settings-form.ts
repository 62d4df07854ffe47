import type { App, types, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Doctor, DoctorId } from '../../src/rooms/room.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { textView } from '../commands/note-views.ts';
import { loadOwnSettings } from '../commands/settings.ts';
import { saveSettings, settingsForm } from '../commands/settings-form.ts';
import type { PlainLine } from '../commands/view.ts';
import { CALLBACKS, choicesIn, closingOf, modalOf } from './blocks.ts';
import { adminsOf, doctorOf } from './installations.ts';
import { chatOf } from './slack-chat.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields } from './slack-log.ts';

/** Opens the settings for the admin. Never rejects. */
export async function openSettings(
  client: webApi.WebClient,
  triggerId: string,
  admin: Doctor,
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  try {
    const view = (await isAdmin(admin, bot))
      ? await settingsModal(admin, language, bot)
      : notYours(admin, language, bot);
    await client.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
  }
}

/** Where the configuration names the admins, the form does not. */
async function settingsModal(admin: Doctor, language: ChatLanguage, bot: SlackContext): Promise<types.ModalView> {
  const own = await loadOwnSettings(admin, bot);
  const asked = { language: true, admins: bot.slack.admins === null };
  return modalOf(settingsForm(own, bot.limits, language, asked));
}

/** Saves submitted settings, and shows the admin what holds now. */
export function handleSettingsForm(app: App, bot: SlackContext): void {
  app.view<ViewSubmitAction>(CALLBACKS.settings, async ({ ack, body, context, view }) => {
    const admin = doctorOf(context, body.user.id);
    const { language } = await chatOf(context, body.user.id, bot);
    if (!(await isAdmin(admin, bot))) {
      bot.log.warn({ event: 'slack-settings-refused', tenant: admin.tenant });
      await ack({ response_action: 'update', view: notYours(admin, language, bot) });
      return;
    }
    const saved = await saveSettings(admin, choicesIn(view), language, bot);
    switch (saved.kind) {
      case 'problems':
        return ack({ response_action: 'errors', errors: saved.errors });
      case 'trouble':
        return ack({ response_action: 'update', view: closingModal(language, [language.text('trouble')]) });
      case 'saved':
        await ack();
        await bot.homes.publish(admin);
    }
  });
}

function notYours(doctor: Doctor, language: ChatLanguage, bot: SlackContext): types.ModalView {
  return closingModal(language, ...whoIsAdmin(doctor, language, bot));
}

/** For a doctor who is no admin: who is, or how to become one. */
export function whoIsAdmin(
  { user }: DoctorId,
  { text: say, line }: ChatLanguage,
  { slack }: Pick<SlackContext, 'slack'>,
): PlainLine[] {
  if (slack.admins === null) return [[say('settings.notYours.installer')]];
  return [[say('settings.notYours')], line('settings.notYours.id', { id: { strong: user } })];
}

function closingModal(language: ChatLanguage, ...lines: PlainLine[]): types.ModalView {
  return closingOf(language.text('settings.title'), textView(...lines), language);
}

/** Whether a doctor may change the settings for all; never where GLIR is not installed. */
export async function isAdmin(
  doctor: DoctorId,
  bot: Pick<SlackContext, 'tokens' | 'slack' | 'store' | 'log'>,
): Promise<boolean> {
  const [tenant, { admins }] = await Promise.all([bot.tokens.of(doctor), loadOwnSettings(doctor, bot)]);
  return tenant !== null && adminsOf(tenant, bot.slack, admins).includes(doctor.user);
}
