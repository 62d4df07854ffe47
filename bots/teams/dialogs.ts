import { press } from '../commands/button-presses.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { readyView, textView } from '../commands/note-views.ts';
import type { Pressed } from './activity.ts';
import { type Card, viewCard } from './adaptive-cards.ts';
import { cardOf, newNote, openPersonal, openSettings, type Shown, submitForm } from './forms.ts';
import type { TeamsContext, Turn } from './teams-context.ts';

/** What an open dialog does next: it shows a card, or the composer's page. It posts nothing into the conversation. */
export interface DialogAnswer {
  task: {
    type: 'continue';
    value: { title: string } & (
      | { height: 'medium'; width: 'medium'; card: { contentType: string; content: Card } }
      | { height: 'large'; width: 'large'; url: string; fallbackUrl: string }
    );
  };
}

/** The dialog behind `/glir`. */
export async function newNoteDialog({ doctor, chat }: Turn, bot: TeamsContext): Promise<DialogAnswer> {
  bot.log.info({ event: 'teams-dialog', dialog: 'glir-form' });
  const { language } = chat;
  return dialogWith(await newNote(doctor, language, bot), language, bot);
}

/** The dialog behind a card's button. */
export async function openDialog(incoming: Turn, bot: TeamsContext): Promise<DialogAnswer> {
  const { pressed, doctor, chat } = incoming;
  const { language } = chat;
  if (pressed?.kind === 'button' && pressed.action === 'glir-new') return newNoteDialog(incoming, bot);
  if (pressed?.kind === 'button' && pressed.action === 'glir-settings') {
    bot.log.info({ event: 'teams-dialog', dialog: 'glir-settings' });
    return dialogWith(await openSettings(doctor, language, bot), language, bot);
  }
  if (pressed?.kind === 'button' && pressed.action === 'glir-personal') {
    bot.log.info({ event: 'teams-dialog', dialog: 'glir-personal' });
    return dialogWith(await openPersonal(doctor, language, bot), language, bot);
  }
  return unknown(language, bot);
}

/** A form that was submitted in a dialog, or a button that was pressed there. */
export async function submitDialog(incoming: Turn, bot: TeamsContext): Promise<DialogAnswer> {
  const { pressed, doctor, conversation, chat } = incoming;
  const { language } = chat;
  if (pressed === null) return unknown(language, bot);
  if (pressed.kind === 'button') return pressInDialog(incoming, pressed, bot);
  const shown = await submitForm(pressed, doctor, language, bot);
  if (shown.kind === 'opened') bot.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  return dialogWith(shown, language, bot);
}

async function pressInDialog(
  incoming: Turn,
  pressed: Extract<Pressed, { kind: 'button' }>,
  bot: TeamsContext,
): Promise<DialogAnswer> {
  const result = await press({ ...pressed, doctor: incoming.doctor }, incoming.chat, bot);
  switch (result.kind) {
    case 'done':
    case 'answered':
    case 'list':
    case 'refused':
    case 'node-unreachable':
      return dialogWith({ kind: 'view', view: result.view }, incoming.chat.language, bot);
    case 'form':
    case 'settings':
    case 'personal':
      return await openDialog(incoming, bot);
  }
}

function unknown(language: ChatLanguage, bot: TeamsContext): DialogAnswer {
  bot.log.warn({ event: 'teams-unknown-press' });
  return dialogWith({ kind: 'view', view: textView(language.text('trouble')) }, language, bot);
}

function dialogWith(
  shown: Shown,
  language: ChatLanguage,
  { teams, publicUrl }: Pick<TeamsContext, 'teams' | 'publicUrl'>,
): DialogAnswer {
  const title = language.text('form.title');
  if (shown.kind !== 'opened') {
    return withCard(shown.kind === 'form' ? shown.form.title : title, cardOf(shown, language, 'dialog'));
  }
  const { url } = shown.opened;
  if (teams.compose === 'browser') {
    const ready = viewCard(readyView(shown.opened, language), language, 'dialog');
    return withCard(language.text('ready.title'), ready);
  }
  const page = `${publicUrl}/teams/compose${new URL(url).hash}`;
  const value = { title, height: 'large', width: 'large', url: page, fallbackUrl: url } as const;
  return { task: { type: 'continue', value } };
}

function withCard(title: string, content: Card): DialogAnswer {
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content };
  return { task: { type: 'continue', value: { title, height: 'medium', width: 'medium', card } } };
}
