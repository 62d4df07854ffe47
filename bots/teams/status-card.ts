import type { Logger } from 'pino';
import { roomTag } from '../../src/rooms/room.ts';
import { readyView, statusView } from '../commands/note-views.ts';
import type { RoomStatus, StatusBoard } from '../commands/room-status.ts';
import type { OpenedRoom } from '../commands/run-command.ts';
import { viewCard } from './adaptive-cards.ts';
import { ConnectorError, type Contact, type Conversation, type TeamsConnector } from './connector.ts';
import type { ConversationReferences } from './conversation-references.ts';

/** Where the card about a note stands, or is to stand. */
export type CardLocation =
  /** The card with this id in the personal chat; null to post it there now. */
  | { kind: 'here'; conversation: Conversation; cardId: string | null }
  /** In the personal chat, from "Share" on; the button to write is elsewhere. */
  | { kind: 'later'; contact: Contact };

/** The cards about live notes, one for each, in the doctor's personal chat. */
export interface StatusCards {
  /** Keeps a fresh draft's card up to date until the note is over. */
  follow(opened: OpenedRoom, location: CardLocation): void;
}

interface Dependencies {
  board: StatusBoard;
  connector: TeamsConnector;
  conversations: ConversationReferences;
  log: Logger;
}

export function createStatusCards({ board, connector, conversations, log }: Dependencies): StatusCards {
  /** What follows on a card: another note on the same card, from a form that was submitted twice, takes its place. */
  const onCard = new Map<string, () => void>();

  return {
    follow(opened, location) {
      const show = createStatusCard(opened, location, { connector, conversations, log });
      const key =
        location.kind === 'here' && location.cardId !== null ? keyOf(location.conversation, location.cardId) : null;
      if (key !== null) onCard.get(key)?.();
      const stop = board.follow(opened.room.id, (status) => {
        if (status.over !== null && key !== null && onCard.get(key) === stop) onCard.delete(key);
        return show(status);
      });
      if (key !== null) onCard.set(key, stop);
    },
  };
}

/** Shows a note's statuses on one card. The result rejects when Teams cannot be reached, so that it is tried again. */
function createStatusCard(
  opened: OpenedRoom,
  location: CardLocation,
  { connector, conversations, log }: Omit<Dependencies, 'board'>,
): (status: RoomStatus) => Promise<void> {
  const { doctor, id } = opened.room;
  let conversation = location.kind === 'here' ? location.conversation : null;
  let cardId = location.kind === 'here' ? location.cardId : null;
  let refused = false;

  /** A draft's button to write stays until the note is shared; a draft that was never there leaves no trace. */
  function isWorthACard({ state, over, restarting }: RoomStatus): boolean {
    if (cardId !== null) return true;
    if (restarting === true) return false;
    return state === 'draft' ? location.kind === 'here' : over === null;
  }

  async function send(status: RoomStatus): Promise<void> {
    const isReady = status.state === 'draft' && status.restarting === undefined;
    const card = viewCard(isReady ? readyView(opened) : statusView(status));
    conversation ??= await conversations.personal(doctor, contactOf(location));
    if (cardId === null) cardId = await connector.post(conversation, card);
    else await connector.update(conversation, cardId, card);
  }

  return async (status) => {
    if (refused || !isWorthACard(status)) return;
    try {
      await send(status);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.isTemporary) throw error;
      // Such as 403: GLIR may not write to this person. The note works without the card.
      refused = true;
      log.warn({ event: 'teams-no-status-card', room: roomTag(id), code: error.code });
    }
  };
}

function keyOf({ conversationId }: Conversation, cardId: string): string {
  return `${conversationId} ${cardId}`;
}

function contactOf(location: CardLocation): Contact {
  return location.kind === 'here' ? location.conversation : location.contact;
}
