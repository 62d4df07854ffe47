import type { App, ViewSubmitAction, webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Doctor } from '../../src/rooms/room.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { noteForm, readNoteChoice, refusedField } from '../commands/note-form.ts';
import { answerView, readyView, refusalText, textView } from '../commands/note-views.ts';
import { parseCommand } from '../commands/parse-command.ts';
import {
  type CommandResult,
  type OpenedRoom,
  type OpenRefusal,
  openRoom,
  runCommand,
} from '../commands/run-command.ts';
import { type Choice, type EffectiveSettings, loadSettings } from '../commands/settings.ts';
import { strings } from '../commands/strings.ts';
import type { View } from '../commands/view.ts';
import { CALLBACKS, choicesIn, closingOf, type Message, messageOf, modalOf } from './blocks.ts';
import { EPHEMERAL } from './ephemeral-message.ts';
import { doctorOf } from './installations.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields, slackErrorOf } from './slack-log.ts';
import { sendDirectly } from './status-messages.ts';
import { SLACK, slackStrings } from './strings.ts';

/** Uses of a response_url that are left after the message with the compose link. */
const USES_LEFT = 4;

/** `/glir` and everything behind it. What was typed is read by `parseCommand` alone and goes no further. */
export function handleSlashCommand(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<CommandResult>('slack-command', bot);

  app.command(/.*/, async ({ ack, command, context, client }) => {
    const parsed = parseCommand(command.text);
    // Nothing behind this line can log or keep what was typed.
    command.text = '';
    if (context.botToken === undefined) {
      await ack({ ...messageOf(notInstalledView(bot)), ...EPHEMERAL });
      return;
    }
    const doctor = doctorOf(context, command.user_id, command.user_name);
    const { trigger_id: triggerId } = command;
    const responseUrl = bot.readResponseUrl(command.response_url);
    const delivered = await deduplicator.run(triggerId, () => runCommand(parsed, doctor, bot));
    if (delivered === null) return ack();
    const { result, repeated } = delivered;
    const message = messageFor(result);
    await ack(message === null ? undefined : { ...message, ...EPHEMERAL });
    if (repeated) return;
    if (result.kind === 'opened') bot.messages.follow(result.room, { responseUrl });
    if (result.kind !== 'form') return;
    try {
      const view = modalOf(noteForm(result.settings), metadataOf(responseUrl));
      await client.views.open({ trigger_id: triggerId, view });
    } catch (error) {
      bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
      await openWithoutForm(doctor, result.settings, { responseUrl, apiAnswered: slackErrorOf(error) !== null }, bot);
    }
  });
}

/** What goes back with the acknowledgement; null when a form is opened instead. */
function messageFor(result: CommandResult): Message | null {
  switch (result.kind) {
    case 'opened':
      return messageOf(readyView(result));
    case 'form':
      return null;
    default:
      return messageOf(answerView(result, SLACK));
  }
}

/** The trigger was too old, or Slack's API did not answer: the note gets the tenant's defaults. */
async function openWithoutForm(
  doctor: Doctor,
  settings: EffectiveSettings,
  { responseUrl, apiAnswered }: { responseUrl: string | null; apiAnswered: boolean },
  bot: SlackContext,
): Promise<void> {
  const opened = await openRoom({}, doctor, settings, bot);
  if (opened.kind !== 'opened') {
    if (responseUrl !== null) {
      await bot.sender.respond(responseUrl, messageOf(textView(refusalText(opened))), { replace: false });
    }
    return;
  }
  bot.log.info({ event: 'slack-opened-without-form', apiAnswered });
  bot.messages.follow(opened.room, { responseUrl, usesLeft: USES_LEFT });
  if (responseUrl === null) return;
  const ready = messageOf(readyView(opened, slackStrings.formDidNotOpen));
  await bot.sender.respond(responseUrl, ready, { replace: false });
}

/** Opens the form from a shortcut or a button, where there is no message to answer. Never rejects. */
export async function openForm(
  client: webApi.WebClient,
  triggerId: string,
  doctor: Doctor,
  bot: SlackContext,
): Promise<void> {
  try {
    const form = noteForm(await loadSettings(doctor, bot));
    await client.views.open({ trigger_id: triggerId, view: modalOf(form, metadataOf(null)) });
  } catch (error) {
    bot.log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
    await sendDirectly(doctor, textView(slackStrings.tryCommand), bot);
  }
}

/** Shows a sentence where there is no message to answer. Never rejects. */
export async function openSentence(
  client: webApi.WebClient,
  triggerId: string,
  view: View,
  { log }: Pick<SlackContext, 'log'>,
): Promise<void> {
  try {
    await client.views.open({ trigger_id: triggerId, view: closingOf(strings.form.title, view) });
  } catch (error) {
    log.warn({ event: 'slack-form-not-opened', ...errorFields(error) });
  }
}

/** The submitted form: opens the room, and puts the button to the doctor's browser into the answer. */
export function handleNoteForm(app: App, bot: SlackContext): void {
  const deduplicator = createDeduplicator<OpenedRoom | OpenRefusal>('slack-form', bot);

  app.view<ViewSubmitAction>(CALLBACKS.form, async ({ ack, body, context, view }) => {
    const close = (title: string, last: View) => ack({ response_action: 'update', view: closingOf(title, last) });
    const doctor = doctorOf(context, body.user.id, body.user.name);
    if (context.botToken === undefined) return close(strings.form.title, notInstalledView(bot));
    const submitted = readNoteForm(view);
    if (submitted === null) {
      bot.log.warn({ event: 'slack-form-unreadable' });
      return close(strings.form.title, textView(strings.trouble));
    }
    const { choice } = submitted;
    const responseUrl = bot.readResponseUrl(submitted.responseUrl);
    const delivered = await deduplicator.run(`${view.id} ${body.trigger_id}`, async () =>
      // The settings are those of this moment: an admin may have lowered a limit while the form was open.
      openRoom(choice, doctor, await loadSettings(doctor, bot), bot),
    );
    if (delivered === null) return ack();
    const { result, repeated } = delivered;
    if (result.kind !== 'opened') {
      const field = refusedField(result);
      if (field === null) return close(strings.form.title, textView(refusalText(result)));
      return ack({ response_action: 'errors', errors: { [field]: refusalText(result) } });
    }
    await close(strings.ready.title, readyView(result));
    if (!repeated) await showOpened(result, responseUrl, bot);
  });
}

/** A note that a form has opened, where its command was typed. Never rejects. */
async function showOpened(opened: OpenedRoom, responseUrl: string | null, bot: SlackContext): Promise<void> {
  bot.messages.follow(opened.room, { responseUrl, usesLeft: USES_LEFT });
  if (responseUrl === null) return;
  try {
    await bot.sender.respond(responseUrl, messageOf(readyView(opened)), { replace: false });
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

/** The choice, and where to answer; null for a form that is not ours, or not of this version. */
function readNoteForm(view: { private_metadata: string }): { choice: Choice; responseUrl: string | null } | null {
  const choice = readNoteChoice(choicesIn(view));
  const metadata = metadataIn(view.private_metadata);
  return choice === null || metadata === null ? null : { choice, ...metadata };
}

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
    const doctor = doctorOf(context, user.id, ('username' in user ? user.username : user.name) ?? '');
    await deduplicator.run(triggerId, () => openForm(client, triggerId, doctor, bot));
  });
}

export function notInstalledView({ publicUrl }: Pick<SlackContext, 'publicUrl'>): View {
  return textView(slackStrings.notInstalled(`${publicUrl}/slack/install`));
}
