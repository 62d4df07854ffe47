/**
 * Doctors and patients for a while: `visitors.ts URL SECONDS`. Each life is a note that is written, read and ended in one of
 * the ways in which notes end. Prints `{"lives": …, "failures": […]}`. A process of its own, because WebRTC of Node keeps
 * what it once took.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { localAnswerSchema } from '../../../src/protocol/local-chat.ts';
import { plainNote } from '../../bench/journey.ts';
import { composerOf, receiverOf } from '../../bench/sessions.ts';
import { actAsBrowser } from '../../bench/wrtc.ts';

const AT_ONCE = 3;
/** Shortest time from one life to the next: WebRTC of Node crashes when connections come and go by the hundred. */
const PACE_MS = 500;
const PATIENCE_MS = 30_000;
const NOTE = plainNote(800);

const [url = '', seconds = '0'] = process.argv.slice(2);
actAsBrowser(url);
const failures: string[] = [];
const until = performance.now() + Number(seconds) * 1000;
let begun = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() < until) {
      begun += 1;
      const life = Promise.race([live(begun), tooLong()]).catch((error: unknown) => failures.push(String(error)));
      await Promise.all([life, delay(PACE_MS)]);
    }
  }),
);
process.stdout.write(`${JSON.stringify({ lives: begun, failures })}\n`);
process.exit();

async function tooLong(): Promise<never> {
  await delay(PATIENCE_MS, undefined, { ref: false });
  throw new Error('a life took too long');
}

async function live(number: number): Promise<void> {
  const composer = composerOf(await composeLink());
  await composer.reaches('writing');
  if (number % 10 === 0) {
    // Nothing was shared, and the tab closes.
    composer.session.leave();
    return;
  }
  composer.session.choosePolicy({ admission: number % 2 === 0 ? 'link' : 'ask' });
  composer.session.write(NOTE);
  void composer.session.share();
  const { link } = await composer.reaches('open');
  const receiver = receiverOf(link);
  await receiver.reaches('closed');
  if (number % 7 === 0) {
    // Opened and never read.
    receiver.session.leave();
  } else {
    receiver.session.open();
    if (number % 2 === 1) await admit(composer);
    await receiver.reaches('reading');
    if (number % 5 === 0) receiver.session.leave();
  }
  if (number % 3 === 0) composer.session.leave();
  else {
    composer.session.destroy();
    await composer.reaches('over');
  }
  if (number % 7 !== 0 && number % 5 !== 0) await receiver.reaches('gone');
}

async function admit({ session, reaches }: ReturnType<typeof composerOf>): Promise<void> {
  for (;;) {
    const { readers } = await reaches('open');
    const [waiting] = readers.filter(({ state }) => state === 'waiting');
    if (waiting !== undefined) return session.admit(waiting.id);
    await delay(10);
  }
}

async function composeLink(): Promise<string> {
  const response = await fetch(`${url}/local/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ text: '/glir 5m' }),
  });
  const [answer] = localAnswerSchema.parse(await response.json()).messages;
  if (answer?.kind !== 'compose') throw new Error(`/glir was answered with ${answer?.kind ?? 'nothing'}`);
  return answer.url;
}
