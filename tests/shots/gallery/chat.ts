/** The local chat with an answer of each kind, or with the one that the address names. */

import { createView } from '../../../bots/local/page/view.ts';
import type { ChatAnswer } from '../../../src/protocol/local-chat.ts';
import { LINK, UNTIL } from './samples.ts';

const answers: Readonly<Record<string, ChatAnswer>> = {
  '/glir': { kind: 'compose', url: LINK, expirySeconds: 1800, ticketUntil: UNTIL },
  '/glir list': {
    kind: 'list',
    rooms: [
      { id: 'Qm9vS2Vl', state: 'open', readers: 2, leftSeconds: 1300 },
      { id: 'x-93_kLm', state: 'draft', readers: 0, leftSeconds: 540 },
      { id: 'pT7wYq2a', state: 'interrupted', readers: 1, leftSeconds: 45 },
    ],
  },
  '/glir revoke all': { kind: 'revoked', count: 3 },
  '/glir revoke nothing': { kind: 'not-found' },
  '/glir help': { kind: 'help' },
  'Ramipril 5 mg, one in the morning': { kind: 'do-not-type' },
  '/glir 3d': { kind: 'error', next: 'A note can live from 1 minute to 24 hours.' },
};

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no place for the chat.');
createView(root, (text) => {
  const answer = answers[text];
  return Promise.resolve(answer === undefined ? [] : [answer]);
});
