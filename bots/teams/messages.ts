import type { Doctor } from '../../src/rooms/room.ts';
import { faultOf } from '../commands/fault.ts';
import { noteForm } from '../commands/note-form.ts';
import { readyView } from '../commands/note-views.ts';
import { replyTo } from '../commands/reply.ts';
import type { Incoming } from './activity.ts';
import { viewCard } from './cards.ts';
import type { TeamsContext } from './desk.ts';
import { cardOf, openSettings, type Shown } from './forms.ts';
import { pressInMessage } from './presses.ts';
import { tell } from './targeted.ts';
import type { Typed } from './typed.ts';
import { TEAMS } from './words.ts';

/** A message: what a person typed, or a press in a client that sends presses as messages. Never rejects. */
export async function answerMessage(incoming: Incoming, bot: TeamsContext): Promise<void> {
  const { typed, pressed, doctor } = incoming;
  try {
    if (pressed !== null) await pressInMessage(incoming, pressed, bot);
    else if (typed !== null) await show(await decide(typed, doctor, bot), incoming, bot);
  } catch (error) {
    bot.log.warn({ event: 'teams-message-not-sent', ...faultOf(error) });
  }
}

async function decide(typed: Typed, doctor: Doctor, bot: TeamsContext): Promise<Shown> {
  if (typed.kind === 'settings') return openSettings(doctor, bot);
  const reply = await replyTo(typed, doctor, TEAMS, bot);
  return reply.kind === 'form' ? { kind: 'form', form: noteForm(reply.settings) } : reply;
}

/** Shows an answer as a new message. Rejects when it cannot be. */
async function show(shown: Shown, incoming: Incoming, bot: TeamsContext): Promise<void> {
  const { where, conversation } = incoming;
  if (shown.kind !== 'opened') return tell(incoming, cardOf(shown), bot);
  if (where === 'personal') {
    bot.cards.follow(shown.opened, { kind: 'here', conversation, cardId: null });
    return;
  }
  bot.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  await tell(incoming, viewCard(readyView(shown.opened)), bot);
}
