import type { Doctor } from '../../src/rooms/room.ts';
import { type BotContext, settingsOf } from './desk.ts';
import { faultOf } from './fault.ts';
import type { Command } from './interpret.ts';
import { answerView, type OpenedRoom, refusedChoice, saidView } from './note-views.ts';
import { openRoom } from './open.ts';
import { runCommand } from './run.ts';
import type { EffectiveSettings } from './settings.ts';
import type { Chat, View } from './view.ts';
import { words } from './words.ts';

/** What to do about a command that a doctor typed. */
export type Reply =
  /** An answer to show. */
  | { kind: 'view'; view: View }
  /** A draft: its `readyView` is to be shown, and its room followed. */
  | { kind: 'opened'; opened: OpenedRoom }
  /** The `noteForm` is to be shown. */
  | { kind: 'form'; settings: EffectiveSettings };

/** Carries out a command once, and writes one line about it into the log. Never rejects: trouble becomes a view. */
export async function replyTo(command: Command, doctor: Doctor, chat: Chat, bot: BotContext): Promise<Reply> {
  const { platform } = doctor;
  bot.log.info({ event: 'command', platform, command: command.kind });
  try {
    return await decide(command, doctor, chat, bot);
  } catch (error) {
    bot.log.error({ event: 'command-fault', platform, ...faultOf(error) });
    return { kind: 'view', view: saidView(words.trouble) };
  }
}

async function decide(command: Command, doctor: Doctor, chat: Chat, bot: BotContext): Promise<Reply> {
  if (command.kind !== 'open') {
    return { kind: 'view', view: answerView(await runCommand(command, doctor, bot), chat) };
  }
  const settings = await settingsOf(doctor, bot);
  if (command.expirySeconds === null) return { kind: 'form', settings };
  const opened = await openRoom({ expirySeconds: command.expirySeconds }, doctor, settings, bot);
  if (opened.kind === 'opened') return { kind: 'opened', opened };
  return { kind: 'view', view: saidView(refusedChoice(opened)) };
}
