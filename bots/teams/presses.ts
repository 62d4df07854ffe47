import { readyView, saidView } from '../commands/note-views.ts';
import { press } from '../commands/presses.ts';
import type { View } from '../commands/view.ts';
import { words } from '../commands/words.ts';
import type { Incoming, Pressed } from './activity.ts';
import type { Card } from './card.ts';
import { viewCard } from './cards.ts';
import type { TeamsContext } from './desk.ts';
import { cardOf, newNote, openSettings, submitForm } from './forms.ts';
import { tell } from './targeted.ts';
import { TEAMS } from './words.ts';

/** What a press leads to on the card with the button. */
type Outcome =
  /** This card takes its place. `passing` is one that the note's next status is about to replace. */
  | { kind: 'card'; card: Card; passing?: boolean }
  /** It stays, and something is said beside it. */
  | { kind: 'beside'; view: View };

/** The answer to an `adaptiveCard/action` invoke. */
export type PressAnswer =
  | { statusCode: 200; type: 'application/vnd.microsoft.card.adaptive'; value: Card }
  /** A sentence that the client shows beside the card. */
  | { statusCode: 200; type: 'application/vnd.microsoft.activity.message'; value: string };

/** A press that waits for its answer: the card that takes the place of the pressed one, or a sentence. */
export async function pressOnCard(incoming: Incoming, bot: TeamsContext): Promise<PressAnswer> {
  const { pressed } = incoming;
  if (pressed === null) {
    bot.log.warn({ event: 'teams-unknown-press' });
    return said(saidView(words.trouble));
  }
  const outcome = await carryOut(incoming, pressed, bot);
  if (outcome.kind === 'beside') return said(outcome.view);
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: outcome.card };
}

/** A press that comes as a message: the pressed card is changed where it stands. Rejects when Teams cannot be reached. */
export async function pressInMessage(incoming: Incoming, pressed: Pressed, bot: TeamsContext): Promise<void> {
  const outcome = await carryOut(incoming, pressed, bot);
  if (outcome.kind === 'beside') return tell(incoming, viewCard(outcome.view), bot);
  // Two changes at a time could arrive in either order.
  if (outcome.passing === true) return;
  const { where, conversation, cardId } = incoming;
  // In a group the card is one that only this person sees, which a change could show to everybody.
  if (where === 'personal' && cardId !== null) return bot.speaker.change(conversation, cardId, outcome.card);
  await tell(incoming, outcome.card, bot);
}

async function carryOut(incoming: Incoming, pressed: Pressed, bot: TeamsContext): Promise<Outcome> {
  const { doctor, where, conversation, cardId } = incoming;
  if (pressed.kind === 'form') {
    const shown = await submitForm(pressed, doctor, bot);
    if (shown.kind !== 'opened') return { kind: 'card', card: cardOf(shown) };
    const here = where === 'personal' && cardId !== null;
    bot.cards.follow(
      shown.opened,
      here ? { kind: 'here', conversation, cardId } : { kind: 'later', contact: conversation },
    );
    return { kind: 'card', card: viewCard(readyView(shown.opened)) };
  }
  const result = await press({ ...pressed, doctor }, TEAMS, bot);
  switch (result.kind) {
    case 'done':
      return {
        kind: 'card',
        card: viewCard(await bot.cards.viewOf(result.room.id)),
        passing: result.room.state !== 'ended',
      };
    case 'list':
      return { kind: 'card', card: viewCard(result.view) };
    case 'form':
      return { kind: 'card', card: cardOf(await newNote(doctor, bot)) };
    case 'settings':
      return { kind: 'card', card: cardOf(await openSettings(doctor, bot)) };
    case 'refused':
      // A card about a room that is no more has nothing left to press.
      return result.room === null
        ? { kind: 'card', card: viewCard(result.view) }
        : { kind: 'beside', view: result.view };
  }
}

function said({ summary }: View): PressAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: summary };
}
