import type { Origin } from '../../src/rooms/room.ts';
import { faultOf } from '../commands/fault.ts';
import { noteForm } from '../commands/note-form.ts';
import { readyView } from '../commands/note-views.ts';
import { replyTo } from '../commands/reply.ts';
import type { Incoming } from './activity.ts';
import { viewCard } from './cards.ts';
import type { TeamsDesk } from './desk.ts';
import { cardOf, openSettings, type Shown } from './forms.ts';
import { pressInMessage } from './presses.ts';
import { tell } from './targeted.ts';
import type { Typed } from './typed.ts';
import { TEAMS } from './words.ts';

/** A message: what a person typed, or a press in a client that sends presses as messages. Never rejects. */
export async function answerMessage(incoming: Incoming, desk: TeamsDesk): Promise<void> {
  const { typed, pressed, origin } = incoming;
  try {
    if (pressed !== null) await pressInMessage(incoming, pressed, desk);
    else if (typed !== null) await show(await decide(typed, origin, desk), incoming, desk);
  } catch (error) {
    desk.log.warn({ event: 'teams-message-not-sent', ...faultOf(error) });
  }
}

async function decide(typed: Typed, origin: Origin, desk: TeamsDesk): Promise<Shown> {
  if (typed.kind === 'settings') return openSettings(origin, desk);
  const reply = await replyTo(typed, origin, TEAMS, desk);
  return reply.kind === 'form' ? { kind: 'form', form: noteForm(reply.settings) } : reply;
}

/** Shows an answer as a new message. Rejects when it cannot be. */
async function show(shown: Shown, incoming: Incoming, desk: TeamsDesk): Promise<void> {
  const { where, conversation } = incoming;
  if (shown.kind !== 'opened') return tell(incoming, cardOf(shown), desk);
  if (where === 'personal') {
    desk.cards.follow(shown.opened, { kind: 'here', conversation, cardId: null });
    return;
  }
  desk.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  await tell(incoming, viewCard(readyView(shown.opened)), desk);
}
