import type { Logger } from 'pino';
import { roomTag } from '../../src/rooms/room.ts';
import { type OpenedRoom, readyView, saidView, statusView } from '../commands/note-views.ts';
import type { RoomStatus, StatusBoard } from '../commands/status.ts';
import type { View } from '../commands/view.ts';
import { words } from '../commands/words.ts';
import type { Contact, Conversation, Speaker } from './adapter.ts';
import { viewCard } from './cards.ts';
import { ConnectorFault } from './connector.ts';
import type { Conversations } from './conversations.ts';
import { TEAMS } from './words.ts';

/** Where the card about a note stands, or is to stand. */
export type Spot =
  /** The card with this id in the personal chat; null to post it there now. */
  | { kind: 'here'; conversation: Conversation; cardId: string | null }
  /** In the personal chat, from "Share" on; the button to write is elsewhere. */
  | { kind: 'later'; contact: Contact };

/** The cards about live notes, one for each, in the doctor's personal chat. */
export interface StatusCards {
  /** Keeps a fresh draft's card up to date until the note is over. */
  follow(opened: OpenedRoom, spot: Spot): void;
  /** A room as it is now, or how it ended. */
  viewOf(roomId: string): Promise<View>;
}

interface Dependencies {
  board: StatusBoard;
  speaker: Speaker;
  conversations: Pick<Conversations, 'personal'>;
  log: Logger;
}

export function createStatusCards({ board, speaker, conversations, log }: Dependencies): StatusCards {
  /** What follows on a card: another note on the same card, from a form that was submitted twice, takes its place. */
  const onCard = new Map<string, () => void>();

  return {
    follow(opened, spot) {
      const show = createStatusCard(opened, spot, { speaker, conversations, log });
      const key = spot.kind === 'here' && spot.cardId !== null ? keyOf(spot.conversation, spot.cardId) : null;
      if (key !== null) onCard.get(key)?.();
      const stop = board.follow(opened.room.id, (status) => {
        if (status.over !== null && key !== null && onCard.get(key) === stop) onCard.delete(key);
        return show(status);
      });
      if (key !== null) onCard.set(key, stop);
    },
    async viewOf(roomId) {
      const status = await board.status(roomId);
      return status === null ? saidView(words.notFound(TEAMS)) : statusView(status);
    },
  };
}

/** Shows a note's statuses on one card. The result rejects when Teams cannot be reached, so that it is tried again. */
function createStatusCard(
  opened: OpenedRoom,
  spot: Spot,
  { speaker, conversations, log }: Omit<Dependencies, 'board'>,
): (status: RoomStatus) => Promise<void> {
  const { doctor, id } = opened.room;
  let conversation = spot.kind === 'here' ? spot.conversation : null;
  let cardId = spot.kind === 'here' ? spot.cardId : null;
  let refused = false;

  /** A draft's button to write stays until the note is shared; a draft that was never there leaves no trace. */
  function isWorthACard({ state, over, restarting }: RoomStatus): boolean {
    if (cardId !== null) return true;
    if (restarting === true) return false;
    return state === 'draft' ? spot.kind === 'here' : over === null;
  }

  async function send(status: RoomStatus): Promise<void> {
    const isReady = status.state === 'draft' && status.restarting === undefined;
    const card = viewCard(isReady ? readyView(opened) : statusView(status));
    conversation ??= await conversations.personal(doctor, contactOf(spot));
    if (cardId === null) cardId = await speaker.say(conversation, card);
    else await speaker.change(conversation, cardId, card);
  }

  return async (status) => {
    if (refused || !isWorthACard(status)) return;
    try {
      await send(status);
    } catch (error) {
      if (!(error instanceof ConnectorFault) || error.passes) throw error;
      // Such as 403: GLIR may not write to this person. The note works without the card.
      refused = true;
      log.warn({ event: 'teams-no-status-card', room: roomTag(id), code: error.code });
    }
  };
}

function keyOf({ conversationId }: Conversation, cardId: string): string {
  return `${conversationId} ${cardId}`;
}

function contactOf(spot: Spot): Contact {
  return spot.kind === 'here' ? spot.conversation : spot.contact;
}
