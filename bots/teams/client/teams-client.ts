import type { Card } from '../adaptive-cards.ts';

/** Where GLIR can reach a person, as Teams named it. */
export interface Contact {
  serviceUrl: string;
  tenantId: string;
  bot: { id: string };
  user: { id: string };
}

/** A contact's conversation: the personal chat, a group or a channel. */
export interface Conversation extends Contact {
  conversationId: string;
}

/** An activity whose request was checked, without anything that a person typed or pressed. */
export interface ReceivedActivity {
  type: string;
  id: string;
  serviceUrl: string;
  fromId: string;
  recipientId: string;
  conversationId: string;
  conversationType: string;
  /** Of an invoke. */
  name: string | null;
  /** Of an `installationUpdate`. */
  action: string | null;
}

/** The answer to an invoke: an HTTP status, and a body for the client. */
export interface InvokeAnswer {
  status: number;
  body?: object;
}

/**
 * All that GLIR needs of a library for Teams: to take an activity, to send, to change, and to make a conversation. Calls to
 * Teams reject with a DeliveryError, or another Error when Teams does not answer within 5 seconds; none is tried again
 * here, except with a fresh token when Teams refuses the one that GLIR has.
 */
export interface TeamsClient {
  /** Runs a turn for an activity; gives the answer to an invoke. Rejects with what `turn` rejects with. */
  receive(activity: ReceivedActivity, turn: () => Promise<InvokeAnswer | undefined>): Promise<InvokeAnswer | undefined>;
  /** Posts a card; gives its id. Everybody in the conversation sees it. */
  send(conversation: Conversation, card: Card): Promise<string>;
  /** Posts a card that only the contact sees, in a group or channel. */
  sendTargeted(conversation: Conversation, card: Card): Promise<void>;
  /** Puts another card in the place of one that GLIR posted. */
  update(conversation: Conversation, cardId: string, card: Card): Promise<void>;
  /** Takes a card away that GLIR posted. */
  remove(conversation: Conversation, cardId: string): Promise<void>;
  /** The id of the contact's personal chat with GLIR, which is made where there is none. */
  createConversation(contact: Contact): Promise<string>;
}
