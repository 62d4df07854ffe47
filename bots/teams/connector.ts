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
import type { Card } from './adaptive-cards.ts';
import { type BotToken, CHANNEL } from './authentication.ts';

const TIMEOUT_MS = 5_000;

/** The status of a call that GLIR does not make: the URL is nobody's whom it trusts. */
const NOT_OURS = 421;

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

/** Teams' connector refuses a call. The error holds neither request nor response: both may hold links. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly status: number;
  /** The HTTP status as text, for the log. */
  readonly code: string;

  constructor(status: number) {
    super(`Teams' connector answered ${status}.`);
    this.status = status;
    this.code = String(status);
  }

  /** Whether the same call can succeed later. */
  get isTemporary(): boolean {
    return this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * botbuilder's adapter with GLIR's own HTTP calls: hands activities from Teams to their turn, and posts cards to Teams.
 * Calls to Teams reject with a ConnectorError, or another Error when Teams does not answer in 5 seconds.
 */
export class TeamsConnector extends CloudAdapter {
  readonly #appId: string;
  readonly #call: CallConnector;

  /**
   * @param appId empty for the Playground
   * @param botToken null where the connector asks for none
   * @param mayCall which URLs are Teams' connector; the others are refused
   */
  constructor(appId: string, botToken: BotToken | null, mayCall: (url: string) => boolean) {
    const call = connectorCalls(botToken, mayCall);
    // The connector's calls carry their token already, so botbuilder has none to add.
    const options = [undefined, undefined, connectorOptions(call)] as const;
    super(
      new ConfigurationBotFrameworkAuthentication({}, new ConfigurationServiceClientCredentialFactory(), ...options),
    );
    this.#appId = appId;
    this.#call = call;
  }

  /**
   * Runs a turn for an activity whose request was checked: botbuilder's own check is switched off (`createAuthentication`
   * says why). Gives the answer to an invoke. Rejects with what `turn` rejects with.
   */
  receive(activity: Activity, turn: (context: TurnContext) => Promise<void>): Promise<InvokeResponse | undefined> {
    return this.processActivity('', activity, turn);
  }

  /** Posts a card; gives its id. Everybody in the conversation sees it: for personal chats only. */
  async post(conversation: Conversation, card: Card): Promise<string> {
    let id = '';
    await this.#continue(conversation, async (context, reference) => {
      // Not `context.sendActivity`, which makes the message a reply to an activity that botbuilder invented.
      const message = TurnContext.applyConversationReference(messageOf(card), reference);
      const [sent] = await this.sendActivities(context, [message]);
      id = sent?.id ?? '';
    });
    return id;
  }

  /** Puts another card in the place of one that GLIR posted. */
  update(conversation: Conversation, cardId: string, card: Card): Promise<void> {
    return this.#continue(conversation, async (context) => {
      await context.updateActivity({ ...messageOf(card), id: cardId });
    });
  }

  /** Posts a card that only the contact sees, in a group or channel. */
  async postEphemeral({ serviceUrl, conversationId, bot, user }: Conversation, card: Card): Promise<void> {
    const url = `${serviceUrl.replace(/\/$/, '')}/v3/conversations/${encodeURIComponent(conversationId)}/activities`;
    const activity = {
      ...messageOf(card),
      from: bot,
      conversation: { id: conversationId },
      // botbuilder takes `isTargeted` out of what it sends, and everybody would see the message.
      recipient: { ...user, isTargeted: true },
    };
    await this.#call({ url: `${url}?isTargetedActivity=true`, method: 'POST', body: JSON.stringify(activity) });
  }

  /** The id of the contact's personal chat with GLIR, which is made where there is none. */
  async personalChat({ serviceUrl, tenantId, bot, user }: Contact): Promise<string> {
    let id = '';
    const parameters = {
      isGroup: false,
      bot: { ...bot, name: '' },
      members: [{ ...user, name: '' }],
      tenantId,
      channelData: { tenant: { id: tenantId } },
    };
    await this.createConversationAsync(
      this.#appId,
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
  }

  #continue(
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
    return this.continueConversationAsync(this.#appId, reference, (context) => turn(context, reference));
  }
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

interface ConnectorCall {
  url: string;
  method: string;
  body?: string | undefined;
}

type CallConnector = (call: ConnectorCall) => Promise<{ status: number; text: string }>;

function connectorCalls(botToken: BotToken | null, mayCall: (url: string) => boolean): CallConnector {
  return async ({ url, method, body }) => {
    if (!mayCall(url)) throw new ConnectorError(NOT_OURS);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...(botToken === null ? {} : { authorization: `Bearer ${await botToken.get()}` }),
      },
      ...(body === undefined ? {} : { body }),
      // The token is for this address alone.
      redirect: 'error',
      signal,
    });
    const text = await response.text();
    if (!response.ok) throw new ConnectorError(response.status);
    return { status: response.status, text };
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
