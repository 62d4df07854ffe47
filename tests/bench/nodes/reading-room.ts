import { plainNote } from '../journey.ts';
import { composerOf, receiverOf } from '../sessions.ts';
import { type OpenRoom, type Talker, ticketAt } from './talking-room.ts';

const NOTE = plainNote(800);
const EXPIRY_SECONDS = 3_600;

/** A note that is read over WebRTC, with the pages' own sessions in this process. Call `actAsBrowser` first. */
export async function openReading(talker: Talker): Promise<OpenRoom> {
  const composer = composerOf(`${talker.nodeUrl}/compose#${await ticketAt(talker)}`);
  try {
    return await openBy(composer);
  } catch (error) {
    composer.session.leave();
    throw error;
  }
}

async function openBy(composer: ReturnType<typeof composerOf>): Promise<OpenRoom> {
  await composer.reaches('writing');
  composer.session.choosePolicy({ admission: 'link', expirySeconds: EXPIRY_SECONDS });
  composer.session.write(NOTE);
  void composer.session.share();
  const { link } = await composer.reaches('open');
  const receiver = receiverOf(link);
  await receiver.reaches('closed');
  receiver.session.open();
  const { note } = await receiver.reaches('reading');
  if (note.text !== NOTE) throw new Error('the reader got another note');
  return {
    async revoke() {
      composer.session.destroy();
      const { reason } = await receiver.reaches('gone');
      if (reason !== 'revoked') throw new Error(`the note ended as ${reason}`);
    },
  };
}
