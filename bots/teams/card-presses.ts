import { press } from '../commands/button-presses.ts';
import { readyView, textView } from '../commands/note-views.ts';
import type { Action, View } from '../commands/view.ts';
import type { Pressed } from './activity.ts';
import { type Card, viewCard } from './adaptive-cards.ts';
import { cardOf, newNote, openPersonal, openSettings, submitForm } from './forms.ts';
import type { TeamsContext, Turn } from './teams-context.ts';

/** What a press leads to on the card with the button. */
export type PressOutcome =
  /** This card takes its place; `isTemporary` is one that the note's next status is about to replace. */
  | { kind: 'card'; card: Card; isTemporary: boolean }
  /** The card stays, and the client shows a sentence beside it. */
  | { kind: 'sentence'; view: View };

/** The answer to an `adaptiveCard/action` invoke. */
export type PressAnswer =
  | { statusCode: 200; type: 'application/vnd.microsoft.card.adaptive'; value: Card }
  /** A sentence that the client shows beside the card. */
  | { statusCode: 200; type: 'application/vnd.microsoft.activity.message'; value: string };

/** A press that waits for its answer: the card that takes the place of the pressed one, or a sentence. */
export async function pressOnCard(incoming: Turn, bot: TeamsContext): Promise<PressAnswer> {
  const { pressed, chat } = incoming;
  if (pressed === null) {
    bot.log.warn({ event: 'teams-unknown-press' });
    return sentence(textView(chat.language.text('trouble')));
  }
  const outcome = await carryOutPress(incoming, pressed, bot);
  if (outcome.kind === 'sentence') return sentence(outcome.view);
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: outcome.card };
}

/** Carries out a press of a button, or a submitted form, on a card in a conversation. */
export async function carryOutPress(incoming: Turn, pressed: Pressed, bot: TeamsContext): Promise<PressOutcome> {
  const { doctor, where, conversation, cardId, chat } = incoming;
  const { language } = chat;
  const newCard = (card: Card, isTemporary = false): PressOutcome => ({ kind: 'card', card, isTemporary });
  if (pressed.kind === 'form') {
    const shown = await submitForm(pressed, doctor, language, bot);
    if (shown.kind !== 'opened') return newCard(cardOf(shown, language));
    const isHere = where === 'personal' && cardId !== null;
    bot.cards.follow(
      shown.opened,
      isHere ? { kind: 'here', conversation, cardId } : { kind: 'later', contact: conversation },
    );
    return newCard(viewCard(readyView(shown.opened, language), language));
  }
  const result = await press({ ...pressed, doctor }, chat, bot);
  switch (result.kind) {
    case 'done':
      if (where === 'personal' && cardId !== null) void bot.cards.pressed(result.room, conversation, cardId);
      return newCard(viewCard(result.view, language), !result.ended);
    case 'answered':
      // The card is removed in a moment.
      return newCard(viewCard(result.view, language), true);
    case 'list':
      return newCard(viewCard(result.view, language));
    case 'form':
      return newCard(cardOf(await newNote(doctor, language, bot), language));
    case 'settings':
      return newCard(cardOf(await openSettings(doctor, language, bot), language));
    case 'personal':
      return newCard(cardOf(await openPersonal(doctor, language, bot), language));
    case 'node-unreachable':
      return { kind: 'sentence', view: result.view };
    case 'refused':
      // A card about a room that is no more has nothing left to press.
      return result.room === null || isPing(pressed.action)
        ? newCard(viewCard(result.view, language))
        : { kind: 'sentence', view: result.view };
  }
}

/** A ping about somebody who waits has nothing left to press once it was pressed. */
function isPing(action: Action): boolean {
  return action === 'glir-ping-admit' || action === 'glir-ping-refuse';
}

function sentence({ summary }: View): PressAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: summary };
}
