import type { App, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Doctor } from '../../src/rooms/room.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { textView } from '../commands/note-views.ts';
import { personalForm, savePersonal } from '../commands/personal-form.ts';
import { CALLBACKS, choicesIn, closingOf, modalOf } from './blocks.ts';
import { doctorOf } from './installations.ts';
import { chatOf } from './slack-chat.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields } from './slack-log.ts';

/** Opens the doctor's own settings. Never rejects; gives whether Slack opened them. */
export async function openPersonal(
  client: webApi.WebClient,
  triggerId: string,
  doctor: Doctor,
  language: ChatLanguage,
  bot: Pick<SlackContext, 'preferences' | 'log'>,
): Promise<boolean> {
  try {
    const view = modalOf(personalForm(await bot.preferences.of(doctor), language, true));
    await client.views.open({ trigger_id: triggerId, view });
    return true;
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
    return false;
  }
}

/** Saves what a doctor chose for themselves, and says so in the language that holds now. */
export function handlePersonalForm(app: App, bot: SlackContext): void {
  app.view<ViewSubmitAction>(CALLBACKS.personal, async ({ ack, body, context, view }) => {
    const doctor = doctorOf(context, body.user.id);
    const { language: before } = await chatOf(context, body.user.id, bot);
    const saved = await savePersonal(doctor, choicesIn(view), before, bot);
    if (saved.kind === 'problems') return ack({ response_action: 'errors', errors: saved.errors });
    const language = await bot.preferences.languageOf(doctor);
    const { text: say } = language;
    const said = textView(say(saved.kind === 'saved' ? 'personal.saved' : 'trouble'));
    await ack({ response_action: 'update', view: closingOf(say('personal.title'), said, language) });
    await bot.homes.publish(doctor);
  });
}
