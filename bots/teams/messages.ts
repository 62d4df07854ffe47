import type { Doctor } from '../../src/rooms/room.ts';
import { errorFields } from '../commands/error-fields.ts';
import { noteForm } from '../commands/note-form.ts';
import { answerView, readyView } from '../commands/note-views.ts';
import { runCommand } from '../commands/run-command.ts';
import type { Incoming, Pressed, Typed } from './activity.ts';
import { type Card, viewCard } from './adaptive-cards.ts';
import { carryOutPress } from './card-presses.ts';
import { cardOf, openSettings, type Shown } from './forms.ts';
import { TEAMS } from './strings.ts';
import type { TeamsContext } from './teams-context.ts';

/** A message: what a person typed, or a press in a client that sends presses as messages. Never rejects. */
export async function answerMessage(incoming: Incoming, bot: TeamsContext): Promise<void> {
  const { typed, pressed, doctor } = incoming;
  try {
    if (pressed !== null) await answerPress(incoming, pressed, bot);
    else if (typed !== null) await show(await run(typed, doctor, bot), incoming, bot);
  } catch (error) {
    bot.log.warn({ event: 'teams-message-not-sent', ...errorFields(error) });
  }
}

async function run(typed: Typed, doctor: Doctor, bot: TeamsContext): Promise<Shown> {
  if (typed.kind === 'settings') return openSettings(doctor, bot);
  const result = await runCommand(typed, doctor, bot);
  switch (result.kind) {
    case 'opened':
      return { kind: 'opened', opened: result };
    case 'form':
      return { kind: 'form', form: noteForm(result.settings) };
    default:
      return { kind: 'view', view: answerView(result, TEAMS) };
  }
}

/** Shows an answer as a new message. Rejects when it cannot be. */
async function show(shown: Shown, incoming: Incoming, bot: TeamsContext): Promise<void> {
  const { where, conversation } = incoming;
  if (shown.kind !== 'opened') return reply(incoming, cardOf(shown), bot);
  if (where === 'personal') {
    bot.cards.follow(shown.opened, { kind: 'here', conversation, cardId: null });
    return;
  }
  bot.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  await reply(incoming, viewCard(readyView(shown.opened)), bot);
}

/** The pressed card is changed where it stands. Rejects when Teams cannot be reached. */
async function answerPress(incoming: Incoming, pressed: Pressed, bot: TeamsContext): Promise<void> {
  const outcome = await carryOutPress(incoming, pressed, bot);
  if (outcome.kind === 'sentence') return reply(incoming, viewCard(outcome.view), bot);
  // Two changes at a time could arrive in either order.
  if (outcome.isTemporary) return;
  const { where, conversation, cardId } = incoming;
  // In a group the card is one that only this person sees, which a change could show to everybody.
  if (where === 'personal' && cardId !== null) return bot.connector.update(conversation, cardId, outcome.card);
  await reply(incoming, outcome.card, bot);
}

/**
 * Answers a person where they wrote: in the personal chat, or in a group so that only they see it. Where Teams refuses
 * that, the answer goes into their personal chat, and never to the group. Rejects when it can be posted nowhere.
 */
async function reply(
  { where, doctor, conversation }: Incoming,
  card: Card,
  { connector, conversations, log }: TeamsContext,
): Promise<void> {
  if (where === 'personal') {
    await connector.post(conversation, card);
    return;
  }
  try {
    await connector.postEphemeral(conversation, card);
  } catch (error) {
    log.warn({ event: 'teams-not-targeted', ...errorFields(error) });
    await connector.post(await conversations.personal(doctor, conversation), card);
  }
}
