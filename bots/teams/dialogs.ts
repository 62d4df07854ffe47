import { press } from '../commands/button-presses.ts';
import { readyView, textView } from '../commands/note-views.ts';
import { strings } from '../commands/strings.ts';
import type { Incoming, Pressed } from './activity.ts';
import { type Card, viewCard } from './adaptive-cards.ts';
import { cardOf, newNote, openSettings, type Shown, submitForm } from './forms.ts';
import { TEAMS } from './strings.ts';
import type { TeamsContext } from './teams-context.ts';

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
export async function newNoteDialog({ doctor }: Incoming, bot: TeamsContext): Promise<DialogAnswer> {
  bot.log.info({ event: 'teams-dialog', dialog: 'glir-form' });
  return dialogWith(await newNote(doctor, bot), bot);
}

/** The dialog behind a card's button. */
export async function openDialog(incoming: Incoming, bot: TeamsContext): Promise<DialogAnswer> {
  const { pressed, doctor } = incoming;
  if (pressed?.kind === 'button' && pressed.action === 'glir-new') return newNoteDialog(incoming, bot);
  if (pressed?.kind === 'button' && pressed.action === 'glir-settings') {
    bot.log.info({ event: 'teams-dialog', dialog: 'glir-settings' });
    return dialogWith(await openSettings(doctor, bot), bot);
  }
  return unknown(bot);
}

/** A form that was submitted in a dialog, or a button that was pressed there. */
export async function submitDialog(incoming: Incoming, bot: TeamsContext): Promise<DialogAnswer> {
  const { pressed, doctor, conversation } = incoming;
  if (pressed === null) return unknown(bot);
  if (pressed.kind === 'button') return pressInDialog(incoming, pressed, bot);
  const shown = await submitForm(pressed, doctor, bot);
  if (shown.kind === 'opened') bot.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  return dialogWith(shown, bot);
}

async function pressInDialog(
  incoming: Incoming,
  pressed: Extract<Pressed, { kind: 'button' }>,
  bot: TeamsContext,
): Promise<DialogAnswer> {
  const result = await press({ ...pressed, doctor: incoming.doctor }, TEAMS, bot);
  switch (result.kind) {
    case 'done':
    case 'list':
    case 'refused':
    case 'node-unreachable':
      return dialogWith({ kind: 'view', view: result.view }, bot);
    case 'form':
    case 'settings':
      return await openDialog(incoming, bot);
  }
}

function unknown(bot: TeamsContext): DialogAnswer {
  bot.log.warn({ event: 'teams-unknown-press' });
  return dialogWith({ kind: 'view', view: textView(strings.trouble) }, bot);
}

function dialogWith(shown: Shown, { teams, publicUrl }: Pick<TeamsContext, 'teams' | 'publicUrl'>): DialogAnswer {
  if (shown.kind !== 'opened') {
    return withCard(shown.kind === 'form' ? shown.form.title : strings.form.title, cardOf(shown, 'dialog'));
  }
  const { url } = shown.opened;
  if (teams.compose === 'browser') return withCard(strings.ready.title, viewCard(readyView(shown.opened), 'dialog'));
  const page = `${publicUrl}/teams/compose${new URL(url).hash}`;
  const value = { title: strings.form.title, height: 'large', width: 'large', url: page, fallbackUrl: url } as const;
  return { task: { type: 'continue', value } };
}

function withCard(title: string, content: Card): DialogAnswer {
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content };
  return { task: { type: 'continue', value: { title, height: 'medium', width: 'medium', card } } };
}
