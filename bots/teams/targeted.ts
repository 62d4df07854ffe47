import { faultOf } from '../commands/fault.ts';
import type { Incoming } from './activity.ts';
import type { Card } from './card.ts';
import type { TeamsContext } from './desk.ts';

/**
 * Answers a person where they are: in the personal chat, or in a group so that only they see it. Where Teams does not
 * take that, the answer goes into their personal chat; it is never said to the group.
 * Rejects when it cannot be said at all.
 */
export async function tell(
  { where, doctor, conversation }: Pick<Incoming, 'where' | 'doctor' | 'conversation'>,
  card: Card,
  { speaker, conversations, log }: Pick<TeamsContext, 'speaker' | 'conversations' | 'log'>,
): Promise<void> {
  if (where === 'personal') {
    await speaker.say(conversation, card);
    return;
  }
  try {
    await speaker.sendEphemeral(conversation, card);
  } catch (error) {
    log.warn({ event: 'teams-not-targeted', ...faultOf(error) });
    await speaker.say(await conversations.personal(doctor, conversation), card);
  }
}
