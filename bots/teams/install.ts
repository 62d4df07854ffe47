import { personOf } from '../../src/audit/audit-events.ts';
import { errorFields } from '../commands/error-fields.ts';
import type { Chat, View } from '../commands/view.ts';
import { welcomeView } from '../commands/welcome-view.ts';
import type { Incoming } from './activity.ts';
import { viewCard } from './adaptive-cards.ts';
import type { ConversationReferences } from './conversation-references.ts';
import type { TeamsContext, Turn } from './teams-context.ts';

/**
 * GLIR was installed for a person, a group or a team. It introduces itself once to a person, and never in a group, whose
 * members did not ask for it. Never rejects.
 */
export async function installed(turn: Turn, bot: TeamsContext): Promise<void> {
  const { where, doctor, conversation, chat } = turn;
  bot.log.info({ event: 'teams-installed', where });
  bot.audit.record({ action: 'app-installed', ...personOf(doctor), where });
  if (where === 'personal') await rememberLanguage(turn, bot);
  if (where !== 'personal' || !(await bot.conversations.welcome(doctor, conversation))) return;
  try {
    await bot.sender.send(doctor, () => bot.client.send(conversation, viewCard(introduction(chat), chat.language)));
  } catch (error) {
    bot.log.warn({ event: 'teams-message-not-sent', ...errorFields(error) });
  }
}

/**
 * GLIR was removed. A person's notes end, and then the person's data is deleted. Teams sends this for each person, also
 * when an admin removes GLIR from the whole organisation, and never for the organisation itself. Nothing is stored of a
 * group or a team. Rejects when the data cannot be deleted, or when notes may be left because a node does not answer.
 */
export async function removed(
  { where, doctor }: Pick<Incoming, 'where' | 'doctor'>,
  bot: Pick<TeamsContext, 'rooms' | 'store' | 'audit' | 'log'> & {
    conversations: Pick<ConversationReferences, 'forget'>;
  },
): Promise<void> {
  bot.audit.record({ action: 'app-uninstalled', ...personOf(doctor), where });
  if (where !== 'personal') {
    bot.log.info({ event: 'teams-removed', where });
    return;
  }
  const ending = bot.rooms.endAllOfDoctor(doctor, 'stopped');
  try {
    // Whether or not every node could be told: what GLIR has of the person goes.
    await Promise.allSettled([ending]);
    bot.conversations.forget(doctor);
    await bot.store.removeDoctor(doctor);
    bot.audit.record({ action: 'person-data-removed', ...personOf(doctor) });
    bot.log.info({ event: 'teams-removed', where, ended: await ending });
  } catch (error) {
    bot.log.error({ event: 'teams-not-removed', ...errorFields(error) });
    throw error;
  }
}

/** Keeps the language of a doctor's Teams, for what GLIR says without being asked. Never rejects. */
export async function rememberLanguage(
  { doctor, language }: Pick<Incoming, 'doctor' | 'language'>,
  { preferences, log }: Pick<TeamsContext, 'preferences' | 'log'>,
): Promise<void> {
  if (language === null || (await preferences.of(doctor)).language === language.code) return;
  try {
    await preferences.save(doctor, { language: language.code });
  } catch (error) {
    log.warn({ event: 'preferences-not-saved', platform: doctor.platform, ...errorFields(error) });
  }
}

function introduction(chat: Chat): View {
  const { command, language } = chat;
  const words = { command: { typed: command }, bare: { typed: 'glir' } };
  return welcomeView(chat, language.line('welcome.how.teams', words));
}
