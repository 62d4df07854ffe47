import type { App, ViewSubmitAction, webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Doctor } from '../../src/rooms/room.ts';
import { adminLinkView } from '../commands/admin-link.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { noteForm, type SubmittedNote, submitNoteForm } from '../commands/note-form.ts';
import { answerView, readyView, refusalText, textView } from '../commands/note-views.ts';
import { parseCommand } from '../commands/parse-command.ts';
import { type CommandResult, type OpenedRoom, openRoom, runCommand } from '../commands/run-command.ts';
import { type DoctorSettings, loadSettings } from '../commands/settings.ts';
import type { Chat, View } from '../commands/view.ts';
import { CALLBACKS, choicesIn, closingOf, type Message, messageOf, modalOf } from './blocks.ts';
import { EPHEMERAL } from './ephemeral-message.ts';
import { doctorOf } from './installations.ts';
import { openPersonal } from './personal-form.ts';
import { isAdmin, whoIsAdmin } from './settings-form.ts';
import { COMMAND, chatOf } from './slack-chat.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields, slackErrorOf } from './slack-log.ts';
import { sendDirectly } from './status-messages.ts';

/** Uses of a response_url that are left after the message with the compose link. */
const USES_LEFT = 4;

/** `/glir` and everything behind it. What was typed is read by `parseCommand` alone and goes no further. */
export function handleSlashCommand(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<CommandResult>('slack-command', bot);

  app.command(/.*/, async ({ ack, command, context, client }) => {
    const parsed = parseCommand(command.text);
    // Nothing behind this line can log or keep what was typed.
    command.text = '';
    const chat = await chatOf(context, command.user_id, bot);
    if (context.botToken === undefined) {
      await ack({ ...messageOf(notInstalledView(bot, chat.language)), ...EPHEMERAL });
      return;
    }
    const doctor = doctorOf(context, command.user_id);
    const { trigger_id: triggerId } = command;
    const responseUrl = bot.readResponseUrl(command.response_url);
    const delivered = await deduplicator.run(triggerId, () => runCommand(parsed, doctor, bot));
    if (delivered === null) return ack();
    const { result, repeated } = delivered;
    const message = result.kind === 'admin' ? await adminAnswer(doctor, chat, bot) : messageFor(result, chat);
    await ack(message === null ? undefined : { ...message, ...EPHEMERAL });
    if (!repeated) await showMore(result, client, { doctor, triggerId, responseUrl }, chat.language, bot);
  });
}

/** What follows the acknowledgement. */
async function showMore(
  result: CommandResult,
  client: webApi.WebClient,
  asked: Asked,
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  if (result.kind === 'opened') bot.messages.follow(result.room, { responseUrl: asked.responseUrl });
  if (result.kind === 'settings') await showPersonal(client, asked, language, bot);
  if (result.kind === 'form') await showForm(client, asked, result.settings, language, bot);
}

/** The way into the console for an admin; for anybody else, who can. */
async function adminAnswer(doctor: Doctor, { language }: Chat, bot: SlackContext): Promise<Message> {
  try {
    if (!(await isAdmin(doctor, bot))) return messageOf(textView(...whoIsAdmin(doctor, language, bot)));
    return messageOf(await adminLinkView(doctor, language, bot));
  } catch (error) {
    bot.log.error({ event: 'admin-link-not-given', ...errorFields(error) });
    return messageOf(textView(language.text('trouble')));
  }
}

/** A command that something is opened for. */
interface Asked {
  doctor: Doctor;
  triggerId: string;
  responseUrl: string | null;
}

async function showPersonal(
  client: webApi.WebClient,
  { doctor, triggerId, responseUrl }: Asked,
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  if ((await openPersonal(client, triggerId, doctor, language, bot)) || responseUrl === null) return;
  await bot.sender.respond(responseUrl, messageOf(textView(language.text('trouble'))), { replace: false });
}

async function showForm(
  client: webApi.WebClient,
  { doctor, triggerId, responseUrl }: Asked,
  settings: DoctorSettings,
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  try {
    const view = modalOf(noteForm(settings, doctor, language), metadataOf(responseUrl));
    await client.views.open({ trigger_id: triggerId, view });
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
    const facts = { responseUrl, apiAnswered: slackErrorOf(error) !== null };
    await openWithoutForm(doctor, settings, facts, language, bot);
  }
}

/** What goes back with the acknowledgement; null when a form is opened instead. */
function messageFor(result: Exclude<CommandResult, { kind: 'admin' }>, chat: Chat): Message | null {
  switch (result.kind) {
    case 'opened':
      return messageOf(readyView(result, chat.language));
    case 'form':
    case 'settings':
      return null;
    default:
      return messageOf(answerView(result, chat));
  }
}

/** The trigger was too old, or Slack's API did not answer: the note gets the tenant's defaults. */
async function openWithoutForm(
  doctor: Doctor,
  settings: DoctorSettings,
  { responseUrl, apiAnswered }: { responseUrl: string | null; apiAnswered: boolean },
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  const opened = await openRoom({}, doctor, settings, bot);
  if (opened.kind !== 'opened') {
    if (responseUrl !== null) {
      await bot.sender.respond(responseUrl, messageOf(textView(refusalText(opened, language))), { replace: false });
    }
    return;
  }
  bot.log.info({ event: 'slack-opened-without-form', apiAnswered });
  bot.messages.follow(opened.room, { responseUrl, usesLeft: USES_LEFT });
  if (responseUrl === null) return;
  const ready = messageOf(readyView(opened, language, language.text('slack.formDidNotOpen')));
  await bot.sender.respond(responseUrl, ready, { replace: false });
}

/** Opens the form from a shortcut or a button, where there is no message to answer. Never rejects. */
export async function openForm(
  client: webApi.WebClient,
  triggerId: string,
  doctor: Doctor,
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  try {
    const form = noteForm(await loadSettings(doctor, bot), doctor, language);
    await client.views.open({ trigger_id: triggerId, view: modalOf(form, metadataOf(null)) });
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
    await sendDirectly(doctor, textView(language.line('slack.tryCommand', { command: { typed: COMMAND } })), bot);
  }
}

/** Shows a sentence where there is no message to answer. Never rejects. */
export async function openSentence(
  client: webApi.WebClient,
  triggerId: string,
  view: View,
  language: ChatLanguage,
  { log }: Pick<SlackContext, 'log'>,
): Promise<void> {
  try {
    await client.views.open({ trigger_id: triggerId, view: closingOf(language.text('form.title'), view, language) });
  } catch (error) {
    log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
  }
}

/** The submitted form: opens the room, and puts the button to the doctor's browser into the answer. */
export function handleNoteForm(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<SubmittedNote>('slack-form', bot);

  app.view<ViewSubmitAction>(CALLBACKS.form, async ({ ack, body, context, view }) => {
    const doctor = doctorOf(context, body.user.id);
    const { language } = await chatOf(context, body.user.id, bot);
    const { text: say } = language;
    const close = (last: View, title = say('form.title')) =>
      ack({ response_action: 'update', view: closingOf(title, last, language) });
    if (context.botToken === undefined) return close(notInstalledView(bot, language));
    const metadata = metadataIn(view.private_metadata);
    if (metadata === null) {
      bot.log.warn({ event: 'slack-form-unreadable' });
      return close(textView(say('trouble')));
    }
    const delivered = await deduplicator.run(`${view.id} ${body.trigger_id}`, () =>
      submitNoteForm(choicesIn(view), doctor, language, bot),
    );
    if (delivered === null) return ack();
    const { result, repeated } = delivered;
    switch (result.kind) {
      case 'problems':
        return ack({ response_action: 'errors', errors: result.errors });
      case 'refused':
        return close(textView(result.sentence));
      case 'unreadable':
        bot.log.warn({ event: 'slack-form-unreadable' });
        return close(textView(say('trouble')));
      case 'opened':
        await close(readyView(result, language), say('ready.title'));
        if (!repeated) await showOpened(result, bot.readResponseUrl(metadata.responseUrl), language, bot);
    }
  });
}

/** A note that a form has opened, where its command was typed. Never rejects. */
async function showOpened(
  opened: OpenedRoom,
  responseUrl: string | null,
  language: ChatLanguage,
  bot: SlackContext,
): Promise<void> {
  bot.messages.follow(opened.room, { responseUrl, usesLeft: USES_LEFT });
  if (responseUrl === null) return;
  try {
    await bot.sender.respond(responseUrl, messageOf(readyView(opened, language)), { replace: false });
  } catch (error) {
    // The doctor has the button in the form.
    bot.log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
  }
}

const metadataSchema = z.object({ responseUrl: z.url().nullable() });

/** The form's private metadata: the command's response_url, or null for a form from a shortcut or a button. */
export function metadataOf(responseUrl: string | null): string {
  return JSON.stringify({ responseUrl } satisfies z.infer<typeof metadataSchema>);
}

/** Null for a form that is not ours, or not of this version. */
function metadataIn(text: string): z.infer<typeof metadataSchema> | null {
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The global shortcut opens the form; unknown shortcuts are acknowledged, so that Slack shows no error. */
export function handleShortcuts(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<void>('slack-shortcut', bot);

  app.shortcut(/.*/, async ({ ack, shortcut, context, client }) => {
    await ack();
    if (shortcut.callback_id !== CALLBACKS.shortcut || context.botToken === undefined) return;
    const { user, trigger_id: triggerId } = shortcut;
    const doctor = doctorOf(context, user.id);
    const { language } = await chatOf(context, user.id, bot);
    await deduplicator.run(triggerId, () => openForm(client, triggerId, doctor, language, bot));
  });
}

export function notInstalledView({ publicUrl }: Pick<SlackContext, 'publicUrl'>, { text: say }: ChatLanguage): View {
  return textView(say('slack.notInstalled', { url: `${publicUrl}/slack/install` }));
}
