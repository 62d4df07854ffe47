/** Starts the local chat, and sends what is typed there to the server. */
import * as z from 'zod/mini';
import { type ChatAnswer, type LocalCommand, localAnswerSchema } from '../../../src/protocol/local-chat.ts';
import { strings } from './strings.ts';
import { createView } from './view.ts';

// Without it zod tries to compile code, which the page's security policy forbids and reports.
z.config({ jitless: true });

async function sendCommand(text: string): Promise<ChatAnswer[]> {
  try {
    const response = await fetch('/local/command', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text } satisfies LocalCommand),
    });
    return localAnswerSchema.parse(await response.json()).messages;
  } catch {
    return [{ kind: 'error', next: strings.unreachable }];
  }
}

const root = document.getElementById('app');
if (root !== null) createView(root, sendCommand);
