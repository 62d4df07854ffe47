import type { DoctorId, Room } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { statusView } from '../commands/note-views.ts';
import type { RoomStatus } from '../commands/room-status.ts';
import type { View } from '../commands/view.ts';
import { messageOf } from './blocks.ts';
import { createEphemeralMessage, type EphemeralMessage } from './ephemeral-message.ts';
import type { Tokens } from './installations.ts';
import { errorFields, slackErrorOf } from './slack-log.ts';

/** The messages that show doctors the status of their live notes: an ephemeral one, and a direct one where allowed. */
export interface StatusMessages {
  /**
   * Keeps a doctor's messages about a room up to date until it is over.
   *
   * @param responseUrl the command's, or null where there is none
   * @param usesLeft of the response_url
   */
  follow(room: Room, options: { responseUrl: string | null; usesLeft?: number }): void;
  /**
   * A button of a room's ephemeral message was pressed; `refresh` shows the status even if nothing has changed. A message
   * that is not followed here, because another node sent it or this one before it was restarted, is followed from now on.
   */
  pressed(roomId: string, responseUrl: string, options: { refresh: boolean }): void;
}

type Dependencies = Pick<BotContext, 'board' | 'clock' | 'log'> & { tokens: Tokens };

export function createStatusMessages({ board, clock, log, tokens }: Dependencies): StatusMessages {
  const followed = new Map<string, { message: EphemeralMessage; stop: () => void }>();

  /** The board shows the status at once, and then every change. */
  function show(roomId: string, message: EphemeralMessage): () => void {
    return board.follow(roomId, async (status) => {
      await message.show(status);
      if (status.over !== null) followed.delete(roomId);
    });
  }

  return {
    follow({ id, doctor }, options) {
      const direct = createDirectMessage(doctor, { tokens, log });
      const message = createEphemeralMessage({ ...options, isAlone: () => !direct.isThere() }, clock);
      board.follow(id, direct.show);
      followed.set(id, { message, stop: show(id, message) });
    },
    pressed(roomId, responseUrl, { refresh }) {
      const note = followed.get(roomId);
      const message = note?.message ?? createEphemeralMessage({ responseUrl: null, isAlone: () => false }, clock);
      message.pressed(responseUrl, refresh);
      if (note !== undefined && !refresh) return;
      note?.stop();
      followed.set(roomId, { message, stop: show(roomId, message) });
    },
  };
}

/** Slack's own trouble, which may be over at the next try; every other refusal is final. */
const TEMPORARY = new Set(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
const NO_PREVIEW = { unfurl_links: false, unfurl_media: false } as const;

/** The one direct message about a note, where GLIR may write one. */
interface DirectMessage {
  /** Whether it is there. */
  isThere(): boolean;
  /** Posts it once the note is shared, and changes it in place from then on. Rejects when Slack cannot be reached. */
  show(status: RoomStatus): Promise<void>;
}

function createDirectMessage(doctor: DoctorId, { tokens, log }: Pick<Dependencies, 'tokens' | 'log'>): DirectMessage {
  let posted: { channel: string; ts: string } | null = null;
  let refused = false;

  /** A draft that nobody shared leaves no trace in the doctor's messages. */
  function isWorthIt({ state, over, restarting }: RoomStatus): boolean {
    if (refused || state === 'draft') return false;
    return posted !== null || (over === null && restarting !== true);
  }

  async function send(status: RoomStatus): Promise<void> {
    const tenant = await tokens.of(doctor);
    if (tenant === null || !tenant.scopes.includes('chat:write')) {
      refused = true;
      return;
    }
    const { chat } = tenant.client;
    const message = { ...messageOf(statusView(status)), ...NO_PREVIEW };
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
      if (!isWorthIt(status)) return;
      try {
        await send(status);
      } catch (error) {
        const slack = slackErrorOf(error);
        if (slack === null || TEMPORARY.has(slack)) throw error;
        refused = true;
        log.warn({ event: 'slack-no-direct-message', room: status.roomTag, slack });
      }
    },
  };
}

/** Sends one direct message, where GLIR may write one. Never rejects. */
export async function sendDirectly(
  doctor: DoctorId,
  view: View,
  { tokens, log }: Pick<Dependencies, 'tokens' | 'log'>,
): Promise<void> {
  try {
    const tenant = await tokens.of(doctor);
    if (tenant === null || !tenant.scopes.includes('chat:write')) return;
    await tenant.client.chat.postMessage({ channel: doctor.user, ...messageOf(view) });
  } catch (error) {
    log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
  }
}
