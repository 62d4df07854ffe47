import type { Doctor } from '../../src/rooms/room.ts';
import { adminLinkView } from '../commands/admin-link.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { errorFields } from '../commands/error-fields.ts';
import { noteForm } from '../commands/note-form.ts';
import { answerView, readyView, textView } from '../commands/note-views.ts';
import type { Command } from '../commands/parse-command.ts';
import { runCommand } from '../commands/run-command.ts';
import { remedyFor } from '../delivery/delivery-error.ts';
import type { Pressed } from './activity.ts';
import { type Card, viewCard } from './adaptive-cards.ts';
import { carryOutPress } from './card-presses.ts';
import { cardOf, isAdmin, notYours, openPersonal, type Shown } from './forms.ts';
import type { TeamsContext, Turn } from './teams-context.ts';

/** A message: what a person typed, or a press in a client that sends presses as messages. Never rejects. */
export async function answerMessage(incoming: Turn, bot: TeamsContext): Promise<void> {
  const { typed, pressed } = incoming;
  try {
    if (pressed !== null) await answerPress(incoming, pressed, bot);
    else if (typed !== null) await show(await run(typed, incoming, bot), incoming, bot);
  } catch (error) {
    bot.log.warn({ event: 'teams-message-not-sent', ...errorFields(error) });
  }
}

async function run(typed: Command, { doctor, chat }: Turn, bot: TeamsContext): Promise<Shown> {
  const result = await runCommand(typed, doctor, bot);
  switch (result.kind) {
    case 'opened':
      return { kind: 'opened', opened: result };
    case 'form':
      return { kind: 'form', form: noteForm(result.settings, doctor, chat.language) };
    case 'settings':
      return openPersonal(doctor, chat.language, bot);
    case 'admin':
      return openAdmin(doctor, chat.language, bot);
    default:
      return { kind: 'view', view: answerView(result, chat) };
  }
}

/** The way into the console for an admin; for anybody else, who can. Never rejects. */
async function openAdmin(doctor: Doctor, language: ChatLanguage, bot: TeamsContext): Promise<Shown> {
  if (!isAdmin(doctor, bot)) return notYours(doctor, language, bot);
  try {
    return { kind: 'view', view: await adminLinkView(doctor, language, bot) };
  } catch (error) {
    bot.log.error({ event: 'admin-link-not-given', ...errorFields(error) });
    return { kind: 'view', view: textView(language.text('trouble')) };
  }
}

/** Shows an answer as a new message. Rejects when it cannot be. */
async function show(shown: Shown, incoming: Turn, bot: TeamsContext): Promise<void> {
  const { where, conversation, chat } = incoming;
  const { language } = chat;
  if (shown.kind !== 'opened') return reply(incoming, cardOf(shown, language), bot);
  if (where === 'personal') {
    bot.cards.follow(shown.opened, { kind: 'here', conversation, cardId: null });
    return;
  }
  bot.cards.follow(shown.opened, { kind: 'later', contact: conversation });
  await reply(incoming, viewCard(readyView(shown.opened, language), language), bot);
}

/** The pressed card is changed where it stands, and replaced where it cannot be. Rejects when Teams takes neither. */
async function answerPress(incoming: Turn, pressed: Pressed, bot: TeamsContext): Promise<void> {
  const outcome = await carryOutPress(incoming, pressed, bot);
  if (outcome.kind === 'sentence') return reply(incoming, viewCard(outcome.view, incoming.chat.language), bot);
  // Two changes at a time could arrive in either order.
  if (outcome.isTemporary) return;
  const { where, doctor, conversation, cardId } = incoming;
  // In a group the card is one that only this person sees, which a change could show to everybody.
  if (where !== 'personal' || cardId === null) return reply(incoming, outcome.card, bot);
  try {
    await bot.sender.send(doctor, () => bot.client.update(conversation, cardId, outcome.card));
  } catch (error) {
    bot.log.warn({ event: 'teams-card-not-changed', ...errorFields(error) });
    await reply(incoming, outcome.card, bot);
  }
}

/**
 * Answers a person where they wrote: in the personal chat, or in a group so that only they see it. Where Teams refuses
 * that, the answer goes into their personal chat, and never to the group; where it refuses that too, the group is told to
 * write to GLIR, without a word about what was asked. Rejects when nothing can be posted anywhere.
 */
async function reply(incoming: Turn, card: Card, bot: TeamsContext): Promise<void> {
  const { where, doctor, conversation, chat } = incoming;
  const { client, sender, log } = bot;
  if (where === 'personal') return replyInPersonalChat(incoming, card, bot);
  try {
    // Not tried again: there is another way to the doctor, and they wait.
    await sender.once(doctor, true, () => client.sendTargeted(conversation, card));
  } catch (error) {
    log.warn({ event: 'teams-not-targeted', ...errorFields(error) });
    try {
      await replyInPersonalChat(incoming, card, bot);
    } catch (again) {
      log.warn({ event: 'teams-not-personal', ...errorFields(again) });
      const elsewhere = viewCard(textView(chat.language.text('teams.writeToGlir')), chat.language);
      await sender.send(doctor, () => client.send(conversation, elsewhere));
    }
  }
}

/** In a chat that is made anew where the known one is refused. */
async function replyInPersonalChat(
  { where, doctor, conversation }: Turn,
  card: Card,
  { client, sender, conversations }: TeamsContext,
): Promise<void> {
  const known = where === 'personal' ? conversation : await conversations.find(doctor);
  if (known !== null) {
    try {
      await sender.send(doctor, async () => client.send(await conversations.current(doctor, known), card));
      return;
    } catch (error) {
      if (remedyFor(error) !== 'new-conversation') throw error;
    }
  }
  const anew = await sender.send(doctor, () => conversations.anew(doctor, conversation));
  await sender.send(doctor, () => client.send(anew, card));
}
