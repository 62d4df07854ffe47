import { randomUUID } from 'node:crypto';

export const APP_ID = '5f2f4a8e-0c1e-4f7b-9d52-8a4b2b0f6c11';
export const TENANT_ID = 'c3a1d5b2-6a3e-4f0c-8f3d-2a5b7e9d1f04';

/** A doctor as Teams knows them: the account in Teams, and the person's object in the organisation's directory. */
export interface TeamsPerson {
  id: string;
  name: string;
  aadObjectId: string;
}

export const ROSSI: TeamsPerson = {
  id: '29:1OG0nX1xCYfjz1_OSjsk4d5Ix51njAv7AMuc3fq18b0URfOSHBQs58aGFgsVJm4f-annarossi',
  name: 'Anna Rossi',
  aadObjectId: '8a9a85f5-748b-4d75-baa5-b8d2f6bfe209',
};
export const WEBER: TeamsPerson = {
  id: '29:1kPDrP9kS2dQxwZ8xM3kRfJ7xLr1QeF0Yd3n6mB5uVtHcWgXaZsTqLpNoKjIiUyT-jonasweber',
  name: 'Jonas Weber',
  aadObjectId: '3f6c1d7a-92b4-4e58-a1c0-5d7e8f9a0b12',
};

export type Place = 'personal' | 'group' | 'channel';

const GROUP = '19:7705841b240044b297123ad7f9c99217@thread.v2';
const CHANNEL = '19:7c8cd8b4b4ad4e73a2957e6daad706ef@thread.tacv2';
const BOT = { id: `28:${APP_ID}`, name: 'GLIR' };

/** The id of the conversation between a doctor and GLIR. */
export function personalChatOf(person: TeamsPerson): string {
  return `a:1${person.aadObjectId.replaceAll('-', '')}`;
}

/** A typed message. Outside the personal chat Teams delivers only what mentions the bot; the mention is put in here. */
export function message(text: string, person: TeamsPerson = ROSSI, place: Place = 'personal'): object {
  const at = '<at>GLIR</at>';
  const mentioned = place !== 'personal';
  const said = mentioned ? `${at} ${text}` : text;
  const activity = from(person, place);
  return {
    ...activity,
    type: 'message',
    id: messageId(),
    textFormat: 'plain',
    text: said,
    attachments: [{ contentType: 'text/html', content: `<p>${said}</p>` }],
    entities: [...activity.entities, ...(mentioned ? [{ type: 'mention', mentioned: BOT, text: at }] : [])],
  };
}

/**
 * A command picked in the `/` menu of a group or channel, which Teams sends to the bot alone: `recipient.isTargeted` and no
 * mention, see https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
 */
export function slashMessage(text: string, person: TeamsPerson = ROSSI, place: Place = 'group'): object {
  return {
    ...from(person, place),
    type: 'message',
    id: messageId(),
    textFormat: 'plain',
    text,
    recipient: { ...BOT, isTargeted: true },
  };
}

/** A press of an `Action.Submit` on a card: a message without words. */
export function submitOnCard(data: object, cardId: string, person: TeamsPerson = ROSSI): object {
  const activity = from(person, 'personal');
  return {
    ...activity,
    type: 'message',
    id: messageId(),
    replyToId: cardId,
    value: data,
    channelData: { ...activity.channelData, source: { name: 'message' }, legacy: { replyToId: `1:${cardId}` } },
  };
}

/** A press of an `Action.Execute` on a card. */
export function executeOnCard(verb: string, data: object, cardId: string, person: TeamsPerson = ROSSI): object {
  return {
    ...invoke('adaptiveCard/action', person, 'personal'),
    replyToId: cardId,
    value: { action: { type: 'Action.Execute', title: verb, verb, data }, trigger: 'manual' },
  };
}

/** `/glir` picked in the compose box, or in the command box at the top. */
export function fetchTask(person: TeamsPerson = ROSSI, place: Place = 'personal', context = 'compose'): object {
  return {
    ...invoke('composeExtension/fetchTask', person, place),
    value: { commandId: 'glir', commandContext: context, requestId: randomUUID(), context: { theme: 'default' } },
  };
}

/** The button at the end of the dialog's card that `fetchTask` opened. */
export function submitAction(data: object, person: TeamsPerson = ROSSI, place: Place = 'personal'): object {
  return {
    ...invoke('composeExtension/submitAction', person, place),
    value: {
      commandId: 'glir',
      commandContext: 'compose',
      requestId: randomUUID(),
      context: { theme: 'default' },
      data,
    },
  };
}

/** A press of a card's button that opens a dialog. */
export function taskFetch(data: object, cardId: string, person: TeamsPerson = ROSSI): object {
  return {
    ...invoke('task/fetch', person, 'personal'),
    replyToId: cardId,
    value: { data: { type: 'task/fetch', ...data }, context: { theme: 'default' } },
  };
}

/** The button at the end of the dialog's card that `taskFetch` opened. */
export function taskSubmit(data: object, person: TeamsPerson = ROSSI): object {
  return { ...invoke('task/submit', person, 'personal'), value: { data, context: { theme: 'default' } } };
}

/** The app is added to, or taken from, a person, a group or a team. */
export function installationUpdate(
  action: 'add' | 'remove' | 'add-upgrade' | 'remove-upgrade',
  person: TeamsPerson = ROSSI,
  place: Place = 'personal',
): object {
  return { ...from(person, place), type: 'installationUpdate', id: eventId(), action };
}

/** Comes beside `installationUpdate`, and again when somebody joins. */
export function conversationUpdate(person: TeamsPerson = ROSSI, place: Place = 'personal'): object {
  return {
    ...from(person, place),
    type: 'conversationUpdate',
    id: eventId(),
    membersAdded: [
      ...(place === 'personal' ? [{ id: person.id, aadObjectId: person.aadObjectId }] : []),
      { id: BOT.id },
    ],
  };
}

function invoke(name: string, person: TeamsPerson, place: Place) {
  return { ...from(person, place), type: 'invoke', id: eventId(), name };
}

/** What every activity carries. */
function from(person: TeamsPerson, place: Place) {
  const now = new Date().toISOString();
  return {
    channelId: 'msteams',
    timestamp: now,
    localTimestamp: now.replace('Z', '+00:00'),
    localTimezone: 'Europe/Rome',
    locale: 'en-US',
    from: person,
    recipient: BOT,
    conversation: { tenantId: TENANT_ID, ...conversationOf(person, place) },
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'IT', platform: 'Web', timezone: 'Europe/Rome' }],
    channelData: {
      tenant: { id: TENANT_ID },
      ...(place === 'channel' ? { team: { id: CHANNEL, name: 'Ward 3' }, channel: { id: CHANNEL } } : {}),
    },
  };
}

function conversationOf(person: TeamsPerson, place: Place) {
  switch (place) {
    case 'personal':
      return { conversationType: 'personal', id: personalChatOf(person) };
    case 'group':
      return { conversationType: 'groupChat', isGroup: true, id: GROUP };
    case 'channel':
      return { conversationType: 'channel', isGroup: true, id: `${CHANNEL};messageid=1700000000000` };
  }
}

/** Messages are numbered by the millisecond; no two of a test run are alike. */
let messages = 1_761_000_000_000;
function messageId(): string {
  messages += 1;
  return String(messages);
}

function eventId(): string {
  return `f:${randomUUID()}`;
}
