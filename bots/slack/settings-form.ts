import type { App, types, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Doctor } from '../../src/rooms/room.ts';
import { textView } from '../commands/note-views.ts';
import { loadSettings } from '../commands/settings.ts';
import { saveSettings, settingsForm } from '../commands/settings-form.ts';
import { strings } from '../commands/strings.ts';
import { CALLBACKS, choicesIn, closingOf, modalOf } from './blocks.ts';
import { adminsOf, doctorOf } from './installations.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields } from './slack-log.ts';
import { slackStrings } from './strings.ts';

/** Opens the settings for the admin. Never rejects. */
export async function openSettings(
  client: webApi.WebClient,
  triggerId: string,
  admin: Doctor,
  bot: SlackContext,
): Promise<void> {
  try {
    const view = (await isAdmin(admin, bot))
      ? modalOf(settingsForm(await loadSettings(admin, bot), bot.limits))
      : closingModal(...slackStrings.notYours(admin.user, bot.slack.admins !== null));
    await client.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
  }
}

/** Saves submitted settings, and shows the admin what holds now. */
export function handleSettingsForm(app: App, bot: SlackContext): void {
  app.view<ViewSubmitAction>(CALLBACKS.settings, async ({ ack, body, context, view }) => {
    const admin = doctorOf(context, body.user.id, body.user.name);
    if (!(await isAdmin(admin, bot))) {
      bot.log.warn({ event: 'slack-settings-refused', tenant: admin.tenant });
      await ack({
        response_action: 'update',
        view: closingModal(...slackStrings.notYours(admin.user, bot.slack.admins !== null)),
      });
      return;
    }
    const saved = await saveSettings(admin, choicesIn(view), bot);
    switch (saved.kind) {
      case 'problems':
        return ack({ response_action: 'errors', errors: saved.errors });
      case 'trouble':
        return ack({ response_action: 'update', view: closingModal(strings.trouble) });
      case 'saved':
        await ack();
        await bot.homes.publish(admin);
    }
  });
}

function closingModal(...lines: Parameters<typeof textView>): types.ModalView {
  return closingOf(strings.settings.title, textView(...lines));
}

async function isAdmin(doctor: Doctor, { tokens, slack }: SlackContext): Promise<boolean> {
  const tenant = await tokens.of(doctor);
  return tenant !== null && adminsOf(tenant, slack).includes(doctor.user);
}
