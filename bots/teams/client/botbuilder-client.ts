import {
  type Activity,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  type ConversationReference,
  TurnContext,
} from 'botbuilder';
import { z } from 'zod';
import type { Card } from '../adaptive-cards.ts';
import { CHANNEL } from '../authentication.ts';
import type { CallConnector } from './connector-calls.ts';
import type { Contact, Conversation, InvokeAnswer, ReceivedActivity, TeamsClient } from './teams-client.ts';

/**
 * Teams through botbuilder, which is the transport and nothing else: everything that knows botbuilder is in this file.
 * Its own check of requests is switched off (`createAuthentication` says why), and its HTTP calls are GLIR's.
 *
 * @param appId empty for the Playground
 */
export function createBotbuilderClient(appId: string, call: CallConnector): TeamsClient {
  // The connector's calls carry their token already, so botbuilder has none to add.
  const adapter = new Adapter(
    new ConfigurationBotFrameworkAuthentication(
      {},
      new ConfigurationServiceClientCredentialFactory(),
      undefined,
      undefined,
      connectorOptions(call),
    ),
  );

  function inConversation(
    conversation: Conversation,
    turn: (context: TurnContext, reference: Partial<ConversationReference>) => Promise<void>,
  ): Promise<void> {
    const { serviceUrl, conversationId, tenantId, bot, user } = conversation;
    const reference: Partial<ConversationReference> = {
      channelId: CHANNEL,
      serviceUrl,
      bot: { ...bot, name: '' },
      user: { ...user, name: '' },
      conversation: { id: conversationId, tenantId, conversationType: 'personal', isGroup: false, name: '' },
    };
    return adapter.continueConversationAsync(appId, reference, (context) => turn(context, reference));
  }

  return {
    receive: (activity, turn) => adapter.receive(activity, turn),
    async send(conversation, card) {
      let id = '';
      await inConversation(conversation, async (context, reference) => {
        // Not `context.sendActivity`, which makes the message a reply to an activity that botbuilder invented.
        const message = TurnContext.applyConversationReference(messageOf(card), reference);
        const [sent] = await adapter.sendActivities(context, [message]);
        id = sent?.id ?? '';
      });
      return id;
    },
    update: (conversation, cardId, card) =>
      inConversation(conversation, async (context) => {
        await context.updateActivity({ ...messageOf(card), id: cardId });
      }),
    remove: (conversation, cardId) =>
      inConversation(conversation, async (context) => {
        await context.deleteActivity(cardId);
      }),
    async sendTargeted({ serviceUrl, conversationId, bot, user }, card) {
      const url = `${serviceUrl.replace(/\/$/, '')}/v3/conversations/${encodeURIComponent(conversationId)}/activities`;
      const activity = {
        ...messageOf(card),
        from: bot,
        conversation: { id: conversationId },
        // botbuilder takes `isTargeted` out of what it sends, and everybody would see the message.
        recipient: { ...user, isTargeted: true },
      };
      await call({ url: `${url}?isTargetedActivity=true`, method: 'POST', body: JSON.stringify(activity) });
    },
    async createConversation({ serviceUrl, tenantId, bot, user }: Contact) {
      let id = '';
      const parameters = {
        isGroup: false,
        bot: { ...bot, name: '' },
        members: [{ ...user, name: '' }],
        tenantId,
        channelData: { tenant: { id: tenantId } },
      };
      await adapter.createConversationAsync(
        appId,
        CHANNEL,
        serviceUrl,
        '',
        withoutActivity(parameters),
        (context: TurnContext) => {
          id = context.activity.conversation.id;
          return Promise.resolve();
        },
      );
      return z.string().min(1).parse(id);
    },
  };
}

class Adapter extends CloudAdapter {
  async receive(
    activity: ReceivedActivity,
    turn: () => Promise<InvokeAnswer | undefined>,
  ): Promise<InvokeAnswer | undefined> {
    const result = await this.processActivity('', botbuilderForm(activity), async (context) => {
      const answer = await turn();
      if (answer !== undefined) await context.sendActivity({ type: 'invokeResponse', value: answer });
    });
    return answerSchema.safeParse(result).data;
  }
}

const answerSchema = z.object({ status: z.number(), body: z.looseObject({}).exactOptional() });

/** Only what botbuilder needs to run the turn: no way to change how the answer is delivered. */
function botbuilderForm(received: ReceivedActivity): Activity {
  const { type, id, serviceUrl, fromId, recipientId, conversationId, conversationType, name, action } = received;
  const activity: Partial<Activity> = {
    type,
    id,
    channelId: CHANNEL,
    serviceUrl,
    from: { id: fromId, name: '' },
    recipient: { id: recipientId, name: '' },
    conversation: {
      id: conversationId,
      conversationType,
      isGroup: conversationType !== 'personal',
      name: '',
    },
    ...(name === null ? {} : { name }),
    ...(action === null ? {} : { action }),
    value: {},
  };
  return activity as Activity;
}

type ConversationParameters = Parameters<CloudAdapter['createConversationAsync']>[4];

/** botbuilder's type asks for a first message, which Teams does not. */
function withoutActivity(parameters: Omit<ConversationParameters, 'activity' | 'topicName'>): ConversationParameters {
  return parameters as ConversationParameters;
}

/** A message with nothing but the card, which says the summary where it cannot be shown. */
function messageOf(card: Card): Partial<Activity> {
  return {
    type: 'message',
    summary: card.fallbackText,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
  };
}

type ConnectorOptions = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]>;

/** Lets botbuilder call the connector in the same way: without its retries, and without errors that hold what was sent. */
function connectorOptions(call: CallConnector): ConnectorOptions {
  return {
    httpClient: {
      async sendRequest(request) {
        const body = typeof request.body === 'string' ? request.body : undefined;
        const { status, text } = await call({ url: request.url, method: request.method, body });
        const headers = request.headers.clone();
        for (const name of headers.headerNames()) headers.remove(name);
        headers.set('content-type', 'application/json');
        return { status, headers, request, bodyAsText: text };
      },
    },
  };
}
