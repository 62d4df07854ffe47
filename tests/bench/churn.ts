import type { Figure } from './figures.ts';
import { plainNote } from './journey.ts';
import type { Server } from './server.ts';
import { composerOf, receiverOf } from './sessions.ts';
import { actAsBrowser } from './wrtc.ts';

const AT_ONCE = 4;
const ROOMS = 100;
const NOTE = plainNote(800);

/** Whole lives of rooms, several at a time, with the pages' own sessions in this process. */
export async function measureChurn(server: Server, progress: (text: string) => void): Promise<Figure[]> {
  actAsBrowser(server.url);
  for (let warmUp = 0; warmUp < AT_ONCE; warmUp++) await liveOnce(server);
  let started = 0;
  let done = 0;
  const from = performance.now();
  const one = async () => {
    while (started < ROOMS) {
      started += 1;
      await liveOnce(server);
      done += 1;
      if (done % 20 === 0) progress(`rooms: ${done} of ${ROOMS}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const seconds = (performance.now() - from) / 1000;
  return [
    {
      name: 'room_churn_per_s',
      value: Math.round((ROOMS / seconds) * 10) / 10,
      unit: 'rooms/s',
      rooms: ROOMS,
      atOnce: AT_ONCE,
      what: `Rooms opened, read by one reader (800 characters) and revoked, ${AT_ONCE} at a time; the clients share the machine with the server.`,
    },
  ];
}

async function liveOnce(server: Server): Promise<void> {
  const composer = composerOf(await server.composeLink());
  await composer.reaches('writing');
  composer.session.choosePolicy({ admission: 'link' });
  composer.session.write(NOTE);
  void composer.session.share();
  const { link } = await composer.reaches('open');

  const receiver = receiverOf(link);
  await receiver.reaches('closed');
  receiver.session.open();
  const { note } = await receiver.reaches('reading');
  if (note.text !== NOTE) throw new Error('the reader got another note');

  composer.session.destroy();
  const [{ reason }] = await Promise.all([receiver.reaches('gone'), composer.reaches('over')]);
  if (reason !== 'revoked') throw new Error(`the reader's note ended with ${reason}`);
}
