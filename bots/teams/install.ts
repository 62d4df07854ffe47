import { personOf } from '../../src/audit/audit-events.ts';
import { faultOf } from '../commands/fault.ts';
import { buttons, heading, quiet, text } from '../commands/parts.ts';
import type { View } from '../commands/view.ts';
import { words as shared } from '../commands/words.ts';
import type { Incoming } from './activity.ts';
import { viewCard } from './cards.ts';
import type { TeamsContext } from './desk.ts';
import { words } from './words.ts';

/**
 * GLIR was installed for a person, a group or a team. It introduces itself once, and to a person alone: whoever adds it
 * to a group has its people not disturbed. Never rejects.
 */
export async function installed({ where, doctor, conversation }: Incoming, bot: TeamsContext): Promise<void> {
  bot.log.info({ event: 'teams-installed', where });
  bot.audit.record({ action: 'app-installed', ...personOf(doctor), where });
  if (where !== 'personal' || !(await bot.conversations.welcome(doctor, conversation))) return;
  try {
    await bot.speaker.say(conversation, viewCard(welcomeView()));
  } catch (error) {
    bot.log.warn({ event: 'teams-message-not-sent', ...faultOf(error) });
  }
}

/**
 * GLIR was removed. A person's notes end, and then what is kept of the person is deleted. Teams tells it for each person,
 * also when an admin removes GLIR from the whole organisation, and never for the organisation as such; of a group or a
 * team nothing is kept. Rejects when the rows cannot be deleted.
 */
export async function removed({ where, doctor }: Incoming, bot: TeamsContext): Promise<void> {
  bot.audit.record({ action: 'app-uninstalled', ...personOf(doctor), where });
  if (where !== 'personal') {
    bot.log.info({ event: 'teams-removed', where });
    return;
  }
  const ended = await bot.rooms.endAllOfDoctor(doctor, 'stopped');
  bot.conversations.forget(doctor);
  try {
    await bot.store.removeDoctor(doctor);
    bot.audit.record({ action: 'person-data-removed', ...personOf(doctor) });
    bot.log.info({ event: 'teams-removed', where, ended });
  } catch (error) {
    bot.log.error({ event: 'teams-not-removed', ...faultOf(error) });
    throw error;
  }
}

function welcomeView(): View {
  const { title, what, how, never } = words.welcome;
  return {
    summary: `${title}. ${what}`,
    parts: [
      heading(title),
      text([what], how),
      buttons({ action: 'glir-new', label: shared.newNote, value: 'new', look: 'primary' }),
      quiet([never]),
    ],
  };
}
