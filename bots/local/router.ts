import express, { type ErrorRequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import type { ChatAnswer, LocalAnswer } from '../../src/protocol/local-chat.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { english } from '../commands/chat-language.ts';
import { refusalText } from '../commands/note-views.ts';
import { type Command, parseCommand } from '../commands/parse-command.ts';
import { answerCommand, openRoom } from '../commands/run-command.ts';
import { effective, NO_SETTINGS } from '../commands/settings.ts';

const commandSchema = z.strictObject({ text: z.string().max(4000) });
const SHORTER = 'Send a message of at most 4000 letters.';
const GREETINGS = new Set(['hi', 'hello', 'help', '?', '']);

/** There is no store, and so no settings of its own. */
type LocalContext = Pick<BotContext, 'rooms' | 'drafts' | 'clock' | 'publicUrl' | 'limits'>;

/** The one doctor of the local chat, which is for trying GLIR on one's own computer. */
const TRIAL_DOCTOR: Doctor = { platform: 'local', tenant: 'local', user: 'local', displayName: 'Dr Anna Rossi' };

/**
 * The local chat's API: `POST /command` with `{text}`. Answers requests from our own page only: a page of another site
 * must not open or end rooms through the doctor's browser, nor through a name that it points at this machine.
 */
export function localChatRouter(bot: LocalContext, isOwnOrigin: (origin: string) => boolean): Router {
  const router = express.Router();
  const { protocol } = new URL(bot.publicUrl);
  router.post('/command', (request, response, next) => {
    if (isOwnOrigin(request.get('origin') ?? '') && isOwnOrigin(`${protocol}//${request.get('host')}`)) return next();
    refuse(response, 403, 'Open the local chat at its own address.');
  });
  router.post('/command', express.json({ limit: '32kb' }), async (request, response) => {
    const body = commandSchema.safeParse(request.body);
    if (!body.success) return refuse(response, 400, SHORTER);
    response.json({ messages: [await answerTo(readTyped(body.data.text), bot)] } satisfies LocalAnswer);
  });
  router.use(refuseUnreadable);
  return router;
}

/** A body that is too large or not JSON, answered in the form that the page shows. */
const refuseUnreadable: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 500;
  if (status !== 400 && status !== 413) return next(error);
  refuse(response, status, SHORTER);
};

function refuse(response: Response, status: 400 | 403 | 413, next: string): void {
  response.status(status).json({ messages: [{ kind: 'error', next }] } satisfies LocalAnswer);
}

/** In a chat of its own, a word without `/glir` can be meant for the bot. */
function readTyped(text: string): Command {
  const command = /^\s*\/?glir(?:\s+([\s\S]*))?$/i.exec(text);
  if (command !== null) return parseCommand(command[1] ?? '');
  return { kind: GREETINGS.has(text.trim().toLowerCase()) ? 'help' : 'do-not-type' };
}

async function answerTo(command: Command, bot: LocalContext): Promise<ChatAnswer> {
  // There is nobody here to remember anything of.
  if (command.kind === 'settings' || command.kind === 'admin') return { kind: 'help' };
  if (command.kind !== 'open') {
    const answer = await answerCommand(command, TRIAL_DOCTOR, bot);
    if (answer.kind !== 'node-unreachable') return answer;
    return { kind: 'error', next: english().text(`unreachable.${answer.command}`) };
  }
  const choice = command.expirySeconds === null ? {} : { expirySeconds: command.expirySeconds };
  const opened = await openRoom(choice, TRIAL_DOCTOR, effective(NO_SETTINGS, bot.limits), bot);
  if (opened.kind !== 'opened') return { kind: 'error', next: refusalText(opened, english()) };
  const { url, ticketUntil, room } = opened;
  return { kind: 'compose', url, ticketUntil, expirySeconds: room.policy.expirySeconds };
}
