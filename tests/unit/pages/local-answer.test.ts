import { describe, expect, it } from 'vitest';
import { localAnswerSchema } from '../../../src/protocol/local-chat.ts';

const compose = { kind: 'compose', url: 'http://localhost:3000/compose#abc', expirySeconds: 1800, ticketUntil: 1 };

describe("the local chat's answers", () => {
  it('are taken as they come from the bot', () => {
    const answer = { messages: [compose, { kind: 'do-not-type' }] };
    expect(localAnswerSchema.parse(answer)).toEqual(answer);
  });

  it.each([
    ['a link that is not a web address', { ...compose, url: 'javascript:alert(1)' }],
    ['a kind that nobody knows', { kind: 'note', text: 'x' }],
    ['an id that could be read as another command', { kind: 'list', rooms: [{ id: 'all rooms', state: 'open' }] }],
  ])('are refused with %s', (_what, message) => {
    expect(localAnswerSchema.safeParse({ messages: [message] }).success).toBe(false);
  });
});
