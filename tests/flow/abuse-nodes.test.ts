import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type BalancedNodes, startNodes } from '../support/server/nodes.ts';
import { rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const WRONG = 'k'.repeat(43);
/** `GLIR_LIMIT_WRONG_TRIES`. */
const WRONG_TRIES = 100;
const GUESSES = 55;

let hospital: BalancedNodes;
beforeAll(async () => {
  hospital = await startNodes(2);
});
afterEach(() => {
  closeAllPages();
  hospital.balancer.only(null);
});
afterAll(() => hospital.stop());

let guessed = 0;
function guess(): string {
  guessed += 1;
  return String(guessed).padStart(43, 'k');
}

function at(index: number): string {
  hospital.balancer.only(index);
  return hospital.url;
}

it('whoever guesses tickets behind a join that another node answers is counted, and on every node', async () => {
  const doctor = await composer(at(0), { command: '/glir' });
  const link = await doctor.share({ admission: 'link' });
  const refused: string[] = [];
  for (let sockets = 0; sockets < Math.ceil((WRONG_TRIES + 1) / GUESSES); sockets++) {
    const client = await rawClient(at(1));
    await isRefused(client, await joinMessage(link, { joinKey: WRONG }), 'wrong-key');
    for (let id = 2; id < 2 + GUESSES; id++) {
      const answer = await client
        .ask({ t: 'compose', id, version: PROTOCOL_VERSION, ticket: guess() })
        .catch(() => null);
      if (answer?.t === 'refused') refused.push(answer.code);
    }
    client.close();
  }
  expect(refused.slice(0, WRONG_TRIES - 2).every((code) => code === 'unknown-ticket')).toBe(true);
  expect(refused.at(-1)).toBe('too-often');
  const there = await rawClient(at(0));
  await isRefused(there, { t: 'compose', id: 1, version: PROTOCOL_VERSION, ticket: guess() }, 'too-often');
  // A right link still opens.
  expect((await reader(link)).joined.admission).toBe('link');
});
