import type { Doctor } from '../../src/rooms/room.ts';
import { noteForm, readNoteChoice, refusedField } from '../commands/note-form.ts';
import { refusalText, textView } from '../commands/note-views.ts';
import { type OpenedRoom, openRoom } from '../commands/run-command.ts';
import { loadSettings } from '../commands/settings.ts';
import { saveSettings, settingsForm } from '../commands/settings-form.ts';
import { strings } from '../commands/strings.ts';
import type { Choices, Form, View } from '../commands/view.ts';
import { type Card, formCard, viewCard, type Where } from './adaptive-cards.ts';
import { teamsStrings } from './strings.ts';
import type { TeamsContext } from './teams-context.ts';

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
export async function newNote(doctor: Doctor, bot: TeamsContext): Promise<Shown & { kind: 'form' }> {
  return { kind: 'form', form: noteForm(await loadSettings(doctor, bot)) };
}

/** The settings for an admin; for anybody else, how to become one. Never rejects. */
export async function openSettings(doctor: Doctor, bot: TeamsContext): Promise<Exclude<Shown, { kind: 'opened' }>> {
  if (!isAdmin(doctor, bot)) return notYours(doctor, bot);
  return { kind: 'form', form: settingsForm(await loadSettings(doctor, bot), bot.limits) };
}

/** A submitted form, carried out. Never rejects. */
export function submitForm(
  { form, choices }: { form: Form['id']; choices: Choices },
  doctor: Doctor,
  bot: TeamsContext,
): Promise<Shown> {
  return form === 'glir-form' ? openNote(choices, doctor, bot) : save(choices, doctor, bot);
}

async function openNote(choices: Choices, doctor: Doctor, bot: TeamsContext): Promise<Shown> {
  const settings = await loadSettings(doctor, bot);
  const choice = readNoteChoice(choices);
  if (choice === null) {
    bot.log.warn({ event: 'teams-form-unreadable' });
    return { kind: 'form', form: noteForm(settings) };
  }
  const opened = await openRoom(choice, doctor, settings, bot);
  if (opened.kind === 'opened') return { kind: 'opened', opened };
  const field = refusedField(opened);
  if (field === null) return { kind: 'view', view: textView(refusalText(opened)) };
  return { kind: 'form', form: noteForm(settings), errors: { [field]: refusalText(opened) }, chosen: choices };
}

async function save(choices: Choices, doctor: Doctor, bot: TeamsContext): Promise<Shown> {
  if (!isAdmin(doctor, bot)) return notYours(doctor, bot);
  const saved = await saveSettings(doctor, choices, bot);
  switch (saved.kind) {
    case 'saved':
      return { kind: 'view', view: textView(teamsStrings.settingsSaved) };
    case 'problems': {
      const form = settingsForm(await loadSettings(doctor, bot), bot.limits);
      return { kind: 'form', form, errors: saved.errors, chosen: choices };
    }
    case 'trouble':
      return { kind: 'view', view: textView(strings.trouble) };
  }
}

/** By the person's object id, which every activity has; Teams names its own admins only to apps with more permissions. */
function isAdmin({ user }: Doctor, { teams }: TeamsContext): boolean {
  return teams.admins.includes(user);
}

function notYours({ user, tenant }: Doctor, { log }: TeamsContext): Shown & { kind: 'view' } {
  log.warn({ event: 'teams-settings-refused', tenant });
  return { kind: 'view', view: textView(...teamsStrings.settingsNotYours(user)) };
}
