import { readyView, saidView } from '../commands/note-views.ts';
import { press } from '../commands/presses.ts';
import { words } from '../commands/words.ts';
import type { Incoming, Pressed } from './activity.ts';
import type { Card } from './card.ts';
import { viewCard } from './cards.ts';
import type { TeamsDesk } from './desk.ts';
import { cardOf, newNote, openSettings, type Shown, submitForm } from './forms.ts';
import { TEAMS } from './words.ts';

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
export async function newNoteDialog({ origin }: Incoming, desk: TeamsDesk): Promise<DialogAnswer> {
  desk.log.info({ event: 'teams-dialog', dialog: 'glir-form' });
  return dialogWith(await newNote(origin, desk), desk);
}

/** The dialog behind a card's button. */
export async function openDialog(incoming: Incoming, desk: TeamsDesk): Promise<DialogAnswer> {
  const { pressed, origin } = incoming;
  if (pressed?.kind === 'button' && pressed.action === 'glir-new') return newNoteDialog(incoming, desk);
  if (pressed?.kind === 'button' && pressed.action === 'glir-settings') {
    desk.log.info({ event: 'teams-dialog', dialog: 'glir-settings' });
    return dialogWith(await openSettings(origin, desk), desk);
  }
  return unknown(desk);
}

/** A form that was submitted in a dialog, or a button that was pressed there. */
export async function submitDialog(incoming: Incoming, desk: TeamsDesk): Promise<DialogAnswer> {
  const { pressed, origin, conversation } = incoming;
  if (pressed === null) return unknown(desk);
  if (pressed.kind === 'button') return pressInDialog(incoming, pressed, desk);
  const shown = await submitForm(pressed, origin, desk);
  if (shown.kind === 'opened') desk.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  return dialogWith(shown, desk);
}

async function pressInDialog(
  incoming: Incoming,
  pressed: Extract<Pressed, { kind: 'button' }>,
  desk: TeamsDesk,
): Promise<DialogAnswer> {
  const result = press({ ...pressed, origin: incoming.origin }, TEAMS, desk);
  switch (result.kind) {
    case 'done': {
      const view = await desk.cards.viewOf(result.room.id);
      return dialogWith({ kind: 'view', view }, desk);
    }
    case 'list':
    case 'refused':
      return dialogWith({ kind: 'view', view: result.view }, desk);
    case 'form':
    case 'settings':
      return openDialog(incoming, desk);
  }
}

function unknown(desk: TeamsDesk): DialogAnswer {
  desk.log.warn({ event: 'teams-unknown-press' });
  return dialogWith({ kind: 'view', view: saidView(words.trouble) }, desk);
}

function dialogWith(shown: Shown, { teams, publicUrl }: Pick<TeamsDesk, 'teams' | 'publicUrl'>): DialogAnswer {
  if (shown.kind !== 'opened') {
    return withCard(shown.kind === 'form' ? shown.form.title : words.form.title, cardOf(shown, 'dialog'));
  }
  const { url } = shown.opened;
  if (teams.compose === 'browser') return withCard(words.ready.title, viewCard(readyView(shown.opened), 'dialog'));
  const page = `${publicUrl}/teams/compose${new URL(url).hash}`;
  const value = { title: words.form.title, height: 'large', width: 'large', url: page, fallbackUrl: url } as const;
  return { task: { type: 'continue', value } };
}

function withCard(title: string, content: Card): DialogAnswer {
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content };
  return { task: { type: 'continue', value: { title, height: 'medium', width: 'medium', card } } };
}
