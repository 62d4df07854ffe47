import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { Room } from '../../src/rooms/room.ts';
import type { StatusBoard } from '../commands/status.ts';
import { createDirectMessage } from './direct-message.ts';
import { createEphemeralMessage, type EphemeralMessage } from './ephemeral.ts';
import type { Tokens } from './tokens.ts';

/** The messages about live notes. */
export interface FollowedNotes {
  /**
   * Keeps a doctor's messages about a room up to date until it is over.
   *
   * @param responseUrl the command's, or null where there is none
   * @param usesLeft of the response_url
   */
  follow(room: Room, responseUrl: string | null, usesLeft?: number): void;
  /** A button of a room's message was pressed; `again` shows the status even if nothing has changed. */
  pressed(roomId: string, responseUrl: string, again?: 'again'): void;
}

export function createFollowedNotes({
  board,
  tokens,
  clock,
  log,
}: {
  board: StatusBoard;
  tokens: Tokens;
  clock: Clock;
  log: Logger;
}): FollowedNotes {
  const followed = new Map<string, { message: EphemeralMessage; stop: () => void }>();

  /** The board shows the status at once, and then every change. */
  function show(roomId: string, message: EphemeralMessage): () => void {
    return board.follow(roomId, async (status) => {
      await message.show(status);
      if (status.over !== null) followed.delete(roomId);
    });
  }

  return {
    follow(room, responseUrl, usesLeft) {
      const direct = createDirectMessage(room.doctor, tokens, log);
      const source = {
        url: responseUrl,
        alone: () => !direct.isThere(),
        ...(usesLeft === undefined ? {} : { usesLeft }),
      };
      const message = createEphemeralMessage(source, clock);
      board.follow(room.id, direct.show);
      followed.set(room.id, { message, stop: show(room.id, message) });
    },
    pressed(roomId, responseUrl, again) {
      const note = followed.get(roomId);
      note?.message.pressed(responseUrl, again !== undefined);
      if (note === undefined || again === undefined) return;
      note.stop();
      note.stop = show(roomId, note.message);
    },
  };
}
