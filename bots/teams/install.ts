import { personOf } from '../../src/audit/record.ts';
import { faultOf } from '../commands/fault.ts';
import { buttons, heading, quiet, text } from '../commands/parts.ts';
import type { View } from '../commands/view.ts';
import { words as shared } from '../commands/words.ts';
import type { Incoming } from './activity.ts';
import { viewCard } from './cards.ts';
import type { TeamsDesk } from './desk.ts';
import { words } from './words.ts';

/**
 * GLIR was installed for a person, a group or a team. It introduces itself once, and to a person alone: whoever adds it
 * to a group has its people not disturbed. Never rejects.
 */
export async function installed({ where, origin, conversation }: Incoming, desk: TeamsDesk): Promise<void> {
  desk.log.info({ event: 'teams-installed', where });
  desk.audit.record({ action: 'app-installed', ...personOf(origin), where });
  if (where !== 'personal' || !(await desk.conversations.welcome(origin, conversation))) return;
  try {
    await desk.speaker.say(conversation, viewCard(welcomeView()));
  } catch (error) {
    desk.log.warn({ event: 'teams-message-not-sent', ...faultOf(error) });
  }
}

/**
 * GLIR was removed. A person's notes end, and then what is kept of the person is deleted. Teams tells it for each person,
 * also when an admin removes GLIR from the whole organisation, and never for the organisation as such; of a group or a
 * team nothing is kept. Rejects when the rows cannot be deleted.
 */
export async function removed({ where, origin }: Incoming, desk: TeamsDesk): Promise<void> {
  desk.audit.record({ action: 'app-uninstalled', ...personOf(origin), where });
  if (where !== 'personal') {
    desk.log.info({ event: 'teams-removed', where });
    return;
  }
  const ended = desk.rooms.endPerson(origin, 'stopped');
  desk.conversations.forget(origin);
  try {
    await desk.store.removePerson(origin);
    desk.audit.record({ action: 'person-data-removed', ...personOf(origin) });
    desk.log.info({ event: 'teams-removed', where, ended });
  } catch (error) {
    desk.log.error({ event: 'teams-not-removed', ...faultOf(error) });
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
