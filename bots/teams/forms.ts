import type { Doctor, DoctorId } from '../../src/rooms/room.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { noteForm, submitNoteForm } from '../commands/note-form.ts';
import { textView } from '../commands/note-views.ts';
import { personalForm, savePersonal } from '../commands/personal-form.ts';
import type { OpenedRoom } from '../commands/run-command.ts';
import { loadOwnSettings, loadSettings } from '../commands/settings.ts';
import { saveSettings, settingsForm } from '../commands/settings-form.ts';
import { buttons, type Choices, type Form, type FormId, type View } from '../commands/view.ts';
import { type Card, formCard, viewCard, type Where } from './adaptive-cards.ts';
import type { TeamsContext } from './teams-context.ts';

/** What is shown next. */
export type Shown =
  | { kind: 'view'; view: View }
  /** `below` stands under the form. */
  | { kind: 'form'; form: Form; errors?: Record<string, string>; chosen?: Choices; below?: View['parts'] }
  /** A draft: its `readyView` is to be shown, and its room followed. */
  | { kind: 'opened'; opened: OpenedRoom };

/** Teams says which language a person reads, and the configuration who its admins are. */
const ASKED = { language: false, admins: false } as const;

/** A form or a view as a card. */
export function cardOf(
  shown: Exclude<Shown, { kind: 'opened' }>,
  language: ChatLanguage,
  where: Where = 'message',
): Card {
  return shown.kind === 'view' ? viewCard(shown.view, language, where) : formCard(shown.form, language, where, shown);
}

/** The form of a new note, with what holds for the doctor. Never rejects. */
export async function newNote(
  doctor: Doctor,
  language: ChatLanguage,
  bot: TeamsContext,
): Promise<Shown & { kind: 'form' }> {
  return { kind: 'form', form: noteForm(await loadSettings(doctor, bot), doctor, language) };
}

/** The doctor's own settings, and the way to those for all doctors. Never rejects. */
export async function openPersonal(
  doctor: Doctor,
  language: ChatLanguage,
  { preferences }: Pick<TeamsContext, 'preferences'>,
): Promise<Shown & { kind: 'form' }> {
  const own = await preferences.of(doctor);
  // Until the doctor says otherwise, patients see the name that Teams shows.
  const form = personalForm({ ...own, name: own.name ?? doctor.displayName }, language, false);
  const forAll = { action: 'glir-settings', label: language.text('settings.heading'), value: 'settings' } as const;
  return { kind: 'form', form, below: [buttons(forAll)] };
}

/** The settings for an admin; for anybody else, how to become one. Never rejects. */
export async function openSettings(
  doctor: Doctor,
  language: ChatLanguage,
  bot: TeamsContext,
): Promise<Exclude<Shown, { kind: 'opened' }>> {
  if (!isAdmin(doctor, bot)) return notYours(doctor, language, bot);
  return { kind: 'form', form: settingsForm(await loadOwnSettings(doctor, bot), bot.limits, language, ASKED) };
}

/** A submitted form, carried out. Never rejects. */
export function submitForm(
  { form, choices }: { form: FormId; choices: Choices },
  doctor: Doctor,
  language: ChatLanguage,
  bot: TeamsContext,
): Promise<Shown> {
  switch (form) {
    case 'glir-form':
      return openNote(choices, doctor, language, bot);
    case 'glir-settings':
      return save(choices, doctor, language, bot);
    case 'glir-personal':
      return saveOwn(choices, doctor, language, bot);
  }
}

async function openNote(choices: Choices, doctor: Doctor, language: ChatLanguage, bot: TeamsContext): Promise<Shown> {
  const submitted = await submitNoteForm(choices, doctor, language, bot);
  switch (submitted.kind) {
    case 'opened':
      return { kind: 'opened', opened: submitted };
    case 'problems':
      return { kind: 'form', form: submitted.form, errors: submitted.errors, chosen: choices };
    case 'refused':
      return { kind: 'view', view: textView(submitted.sentence) };
    case 'unreadable':
      bot.log.warn({ event: 'teams-form-unreadable' });
      return { kind: 'form', form: submitted.form };
  }
}

async function save(choices: Choices, doctor: Doctor, language: ChatLanguage, bot: TeamsContext): Promise<Shown> {
  if (!isAdmin(doctor, bot)) return notYours(doctor, language, bot);
  const saved = await saveSettings(doctor, choices, language, bot);
  switch (saved.kind) {
    case 'saved':
      return { kind: 'view', view: textView(language.text('settings.saved')) };
    case 'problems': {
      const form = settingsForm(await loadOwnSettings(doctor, bot), bot.limits, language, ASKED);
      return { kind: 'form', form, errors: saved.errors, chosen: choices };
    }
    case 'trouble':
      return { kind: 'view', view: textView(language.text('trouble')) };
  }
}

async function saveOwn(choices: Choices, doctor: Doctor, language: ChatLanguage, bot: TeamsContext): Promise<Shown> {
  const saved = await savePersonal(doctor, choices, language, bot);
  if (saved.kind === 'problems') {
    return { ...(await openPersonal(doctor, language, bot)), errors: saved.errors, chosen: choices };
  }
  return { kind: 'view', view: textView(language.text(saved.kind === 'saved' ? 'personal.saved' : 'trouble')) };
}

/** By the person's object id, which every activity has; Teams names its own admins only to apps with more permissions. */
export function isAdmin({ user }: DoctorId, { teams }: Pick<TeamsContext, 'teams'>): boolean {
  return teams.admins.includes(user);
}

/** For somebody who is no admin: who is. */
export function notYours(
  { user, tenant }: Doctor,
  { text: say, line }: ChatLanguage,
  { log }: TeamsContext,
): Shown & { kind: 'view' } {
  log.warn({ event: 'teams-settings-refused', tenant });
  const id = line('settings.notYours.id', { id: { strong: user } });
  return { kind: 'view', view: textView(say('settings.notYours'), id) };
}
