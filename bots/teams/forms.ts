import type { Origin } from '../../src/rooms/room.ts';
import { settingsOf } from '../commands/desk.ts';
import { FIELD_OF, noteForm, readNoteChoice } from '../commands/note-form.ts';
import { type OpenedRoom, refusedChoice, saidView } from '../commands/note-views.ts';
import { openRoom } from '../commands/open.ts';
import { saveSettings, settingsForm } from '../commands/settings-form.ts';
import type { Choices, Form, View } from '../commands/view.ts';
import { words as shared } from '../commands/words.ts';
import type { Card } from './card.ts';
import { formCard, viewCard, type Where } from './cards.ts';
import type { TeamsDesk } from './desk.ts';
import { words } from './words.ts';

/** What is shown next. */
export type Shown =
  | { kind: 'view'; view: View }
  | { kind: 'form'; form: Form; errors?: Record<string, string>; chosen?: Choices }
  /** A draft: its `readyView` is to be shown, and its room followed. */
  | { kind: 'opened'; opened: OpenedRoom };

/** A form or a view as a card. */
export function cardOf(shown: Exclude<Shown, { kind: 'opened' }>, where: Where = 'message'): Card {
  return shown.kind === 'view' ? viewCard(shown.view, where) : formCard(shown.form, where, shown);
}

/** The form of a new note, with what holds for the doctor. Never rejects. */
export async function newNote(origin: Origin, desk: TeamsDesk): Promise<Shown & { kind: 'form' }> {
  return { kind: 'form', form: noteForm(await settingsOf(origin, desk)) };
}

/** The settings for an admin; anybody else is told how to become one. Never rejects. */
export async function openSettings(origin: Origin, desk: TeamsDesk): Promise<Exclude<Shown, { kind: 'opened' }>> {
  if (!isAdmin(origin, desk)) return notYours(origin, desk);
  return { kind: 'form', form: settingsForm(await settingsOf(origin, desk), desk.limits) };
}

/** A submitted form, carried out. Never rejects. */
export function submitForm(
  { form, choices }: { form: Form['id']; choices: Choices },
  origin: Origin,
  desk: TeamsDesk,
): Promise<Shown> {
  return form === 'glir-form' ? openNote(choices, origin, desk) : save(choices, origin, desk);
}

async function openNote(choices: Choices, origin: Origin, desk: TeamsDesk): Promise<Shown> {
  const settings = await settingsOf(origin, desk);
  const choice = choiceOrNull(choices);
  if (choice === null) {
    desk.log.warn({ event: 'teams-form-unreadable' });
    return { kind: 'form', form: noteForm(settings) };
  }
  const opened = await openRoom(choice, origin, settings, desk);
  if (opened.kind === 'opened') return { kind: 'opened', opened };
  if (opened.kind === 'limited' || opened.kind === 'unavailable')
    return { kind: 'view', view: saidView(refusedChoice(opened)) };
  const errors = { [FIELD_OF[opened.kind]]: refusedChoice(opened) };
  return { kind: 'form', form: noteForm(settings), errors, chosen: choices };
}

/** Null for a form that is not ours, or not of this version. */
function choiceOrNull(choices: Choices): ReturnType<typeof readNoteChoice> | null {
  try {
    return readNoteChoice(choices);
  } catch {
    return null;
  }
}

async function save(choices: Choices, origin: Origin, desk: TeamsDesk): Promise<Shown> {
  if (!isAdmin(origin, desk)) return notYours(origin, desk);
  const saved = await saveSettings(origin, choices, desk);
  switch (saved.kind) {
    case 'saved':
      return { kind: 'view', view: saidView(words.settingsSaved) };
    case 'problems': {
      const form = settingsForm(await settingsOf(origin, desk), desk.limits);
      return { kind: 'form', form, errors: saved.errors, chosen: choices };
    }
    case 'trouble':
      return { kind: 'view', view: saidView(shared.trouble) };
  }
}

/** Teams signs the person's object id into every activity; who else is an admin it tells only with more permissions. */
function isAdmin({ user }: Origin, { teams }: TeamsDesk): boolean {
  return teams.admins.includes(user);
}

function notYours({ user, tenant }: Origin, { log }: TeamsDesk): Shown & { kind: 'view' } {
  log.warn({ event: 'teams-settings-refused', tenant });
  return { kind: 'view', view: saidView(...words.settingsNotYours(user)) };
}
