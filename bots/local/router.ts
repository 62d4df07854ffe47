import express, { type Router } from 'express';
import { z } from 'zod';
import { formatDuration } from '../../src/protocol/duration.ts';
import type { LocalAnswer } from '../../src/protocol/local.ts';
import type { Origin } from '../../src/rooms/room.ts';
import type { Answer } from '../commands/answer.ts';
import { interpret, type Command } from '../commands/interpret.ts';
import { runCommand, type CommandContext } from '../commands/run.ts';

const commandSchema = z.strictObject({ text: z.string().max(4000) });
const GREETINGS = new Set(['hi', 'hello', 'help', '?', '']);

/** The one doctor of the local chat, which is for trying GLIR on one's own computer. */
const TRIAL_DOCTOR: Origin = { platform: 'local', tenant: 'local', user: 'local', displayName: 'Dr Anna Rossi' };

/**
 * The local chat's API: `POST /command` with `{text}`. Answers requests from our own page only: a page of another site
 * must not open or end rooms through the doctor's browser, nor through a name that it points at this machine.
 */
export function localChatRouter(context: CommandContext, isOwnOrigin: (origin: string) => boolean): Router {
  const router = express.Router();
  router.post('/command', (request, response, next) => {
    if (isOwnOrigin(request.get('origin') ?? '') && isOwnOrigin(`http://${request.get('host')}`)) return next();
    response.status(403).json({ messages: [{ kind: 'error', next: 'Open the local chat at its own address.' }] });
  });
  router.post('/command', express.json({ limit: '32kb' }), (request, response) => {
    const body = commandSchema.safeParse(request.body);
    if (!body.success) {
      response.status(400).json({ messages: [{ kind: 'error', next: 'Send a message of at most 4000 letters.' }] });
      return;
    }
    const answer = runCommand(read(body.data.text), TRIAL_DOCTOR, context);
    response.json({ messages: [rendered(answer)] } satisfies LocalAnswer);
  });
  return router;
}

/** In a chat of its own, a word without `/glir` can be meant for the bot. */
function read(text: string): Command {
  const asked = /^\s*\/?glir(?:\s+([\s\S]*))?$/i.exec(text);
  if (asked !== null) return interpret(asked[1] ?? '');
  return { kind: GREETINGS.has(text.trim().toLowerCase()) ? 'help' : 'do-not-type' };
}

function rendered(answer: Answer): LocalAnswer['messages'][number] {
  if (answer.kind !== 'out-of-range') return answer;
  const { minSeconds, maxSeconds } = answer;
  return { kind: 'error', next: `A note can live from ${formatDuration(minSeconds)} to ${formatDuration(maxSeconds)}.` };
}
