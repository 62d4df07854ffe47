import {
  type Activity,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  type ConversationReference,
  type InvokeResponse,
  TurnContext,
} from 'botbuilder';
import { z } from 'zod';
import type { Card } from './card.ts';
import { CHANNEL } from './channel-token.ts';
import { type CallConnector, connectorOptions } from './connector.ts';

/** Where GLIR can reach a person, as Teams told it. */
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

/** What GLIR says in Teams. Calls reject with a ConnectorFault, or another Error when Teams does not answer. */
export interface Speaker {
  /** Posts a card; gives its id. Everybody in the conversation sees it: for personal chats only. */
  say(conversation: Conversation, card: Card): Promise<string>;
  /** Puts another card in the place of one that GLIR posted. */
  change(conversation: Conversation, cardId: string, card: Card): Promise<void>;
  /** Posts a card that only the contact sees, in a group or channel. */
  sendEphemeral(conversation: Conversation, card: Card): Promise<void>;
  /** The id of the contact's personal chat with GLIR, which is made where there is none. */
  personalChat(contact: Contact): Promise<string>;
}

/**
 * botbuilder's adapter with GLIR's own HTTP calls. Whoever calls `receive` has checked the request: botbuilder's own
 * check is switched off (`checkChannelToken` says why).
 */
export class TeamsAdapter extends CloudAdapter {
  readonly #appId: string;
  readonly #call: CallConnector;

  /** @param appId empty for the Playground */
  constructor(appId: string, call: CallConnector) {
    // The connector's calls carry their token already, so botbuilder has none to add.
    const options = [undefined, undefined, connectorOptions(call)] as const;
    super(
      new ConfigurationBotFrameworkAuthentication({}, new ConfigurationServiceClientCredentialFactory(), ...options),
    );
    this.#appId = appId;
    this.#call = call;
  }

  /** Runs `logic` for a checked activity; gives the answer to an invoke. Rejects with what `logic` rejects with. */
  receive(activity: Activity, logic: (context: TurnContext) => Promise<void>): Promise<InvokeResponse | undefined> {
    return this.processActivity('', activity, logic);
  }

  /** Speaks to people, whether or not they have just said something. */
  speaker(): Speaker {
    return {
      say: async (conversation, card) => {
        let id = '';
        await this.#in(conversation, async (context, reference) => {
          // Not through the context, which makes every message a reply to the activity that it made up for itself.
          const [sent] = await this.sendActivities(context, [
            TurnContext.applyConversationReference(messageOf(card), reference),
          ]);
          id = sent?.id ?? '';
        });
        return id;
      },
      change: (conversation, cardId, card) =>
        this.#in(conversation, async (context) => {
          await context.updateActivity({ ...messageOf(card), id: cardId });
        }),
      // botbuilder takes `isTargeted` out of what it sends, and everybody would see the message.
      sendEphemeral: async ({ serviceUrl, conversationId, bot, user }, card) => {
        const url = `${serviceUrl.replace(/\/$/, '')}/v3/conversations/${encodeURIComponent(conversationId)}/activities`;
        const activity = {
          ...messageOf(card),
          from: bot,
          conversation: { id: conversationId },
          recipient: { ...user, isTargeted: true },
        };
        await this.#call({
          url: `${url}?isTargetedActivity=true`,
          method: 'POST',
          body: JSON.stringify(activity),
        });
      },
      personalChat: async ({ serviceUrl, tenantId, bot, user }) => {
        let id = '';
        const parameters = {
          isGroup: false,
          bot: { ...bot, name: '' },
          members: [{ ...user, name: '' }],
          tenantId,
          channelData: { tenant: { id: tenantId } },
        };
        const keep = (context: TurnContext): Promise<void> => {
          id = context.activity.conversation.id;
          return Promise.resolve();
        };
        await this.createConversationAsync(this.#appId, CHANNEL, serviceUrl, '', withoutActivity(parameters), keep);
        return z.string().min(1).parse(id);
      },
    };
  }

  #in(
    conversation: Conversation,
    logic: (context: TurnContext, reference: Partial<ConversationReference>) => Promise<void>,
  ): Promise<void> {
    const { serviceUrl, conversationId, tenantId, bot, user } = conversation;
    const reference: Partial<ConversationReference> = {
      channelId: CHANNEL,
      serviceUrl,
      bot: { ...bot, name: '' },
      user: { ...user, name: '' },
      conversation: { id: conversationId, tenantId, conversationType: 'personal', isGroup: false, name: '' },
    };
    return this.continueConversationAsync(this.#appId, reference, (context) => logic(context, reference));
  }
}

type Parameters_ = Parameters<CloudAdapter['createConversationAsync']>[4];

/** botbuilder's type asks for a first message, which Teams does not. */
function withoutActivity(parameters: Omit<Parameters_, 'activity' | 'topicName'>): Parameters_ {
  return parameters as Parameters_;
}

/** A message with nothing but the card, which says the summary where it cannot be shown. */
function messageOf(card: Card): Partial<Activity> {
  return {
    type: 'message',
    summary: card.fallbackText,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
  };
}
