import type { Logger } from 'pino';
import type { DoctorId } from '../../src/store/store.ts';
import { statusView } from '../commands/note-views.ts';
import type { RoomStatus } from '../commands/status.ts';
import { messageOf } from './blocks.ts';
import { slackErrorOf } from './sdk-log.ts';
import type { Tokens } from './tokens.ts';

/** Slack's own trouble, which may be over at the next try; every other refusal is final. */
const PASSING = new Set(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** The one direct message about a note, where GLIR may write one. */
export interface DirectMessage {
  /** Whether it is there. */
  isThere(): boolean;
  /** Posts it once the note is shared, and changes it in place from then on. Rejects when Slack cannot be reached. */
  show(status: RoomStatus): Promise<void>;
}

/** @param log hears, without content, why there is no direct message */
export function createDirectMessage(doctor: DoctorId, tokens: Tokens, log: Logger): DirectMessage {
  let posted: { channel: string; ts: string } | null = null;
  let refused = false;

  async function send(status: RoomStatus): Promise<void> {
    const speaker = await tokens.of(doctor);
    if (speaker === null || !speaker.scopes.includes('chat:write')) {
      refused = true;
      return;
    }
    const { chat } = speaker.client;
    const message = { ...messageOf(statusView(status)), unfurl_links: false, unfurl_media: false };
    if (posted !== null) {
      await chat.update({ ...posted, ...message });
      return;
    }
    const { channel, ts } = await chat.postMessage({ channel: doctor.user, ...message });
    if (channel !== undefined && ts !== undefined) posted = { channel, ts };
  }

  return {
    isThere: () => posted !== null,
    async show(status) {
      // A draft that nobody shared leaves no trace in the doctor's messages.
      if (
        refused ||
        status.state === 'draft' ||
        (posted === null && (status.over !== null || status.restarting === true))
      )
        return;
      try {
        await send(status);
      } catch (error) {
        const word = slackErrorOf(error);
        if (word === null || PASSING.has(word)) throw error;
        refused = true;
        log.warn({ event: 'slack-no-direct-message', room: status.roomTag, slack: word });
      }
    },
  };
}
