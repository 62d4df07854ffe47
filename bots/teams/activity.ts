import { z } from 'zod';
import type { Doctor } from '../../src/rooms/room.ts';
import { type ChatLanguage, languageOfLocale } from '../commands/chat-language.ts';
import { type Command, parseCommand } from '../commands/parse-command.ts';
import { ACTIONS, type Choices, FORMS, type FormId } from '../commands/view.ts';
import type { Conversation, ReceivedActivity } from './client/teams-client.ts';

/** A button that was pressed or a form that was submitted. */
export type Pressed =
  | { kind: 'button'; action: (typeof ACTIONS)[number]; value: string }
  | { kind: 'form'; form: FormId; choices: Choices };

/** An activity from Teams, without anything that a person typed. */
export interface Incoming {
  /** The same for every delivery of the same activity. */
  key: string;
  doctor: Doctor;
  /** In the person's own chat with GLIR, or where others are, or may be. */
  where: 'personal' | 'group';
  /** That the person's Teams is in; null where it does not say, or GLIR does not speak it. */
  language: ChatLanguage | null;
  conversation: Conversation;
  /** The message with the card that was pressed; null where there is none. */
  cardId: string | null;
  /** What a message asks for; null for everything else, and for messages that are not meant for the bot. */
  typed: Command | null;
  /** Null where nothing of GLIR's was pressed. */
  pressed: Pressed | null;
  /** The activity without what was typed or pressed. */
  activity: ReceivedActivity;
}

const id = z.string().min(1).max(1024);
const person = z.object({
  id,
  name: z.string().max(1024).nullish(),
  aadObjectId: z.string().min(1).max(64).nullish(),
});
const tenant = z.string().min(1).max(64);

/** The parts of an activity that GLIR uses. */
const activitySchema = z.object({
  type: z.string().min(1).max(64),
  id,
  channelId: z.string().min(1).max(64),
  serviceUrl: z.url({ protocol: /^https?$/ }).max(2048),
  from: person,
  /** Teams sends what is picked in its `/` menu in a group to the bot alone, without a mention. */
  recipient: person.extend({ isTargeted: z.boolean().nullish() }),
  conversation: z.object({
    id,
    conversationType: z.string().max(64).nullish(),
    tenantId: tenant.nullish(),
  }),
  channelData: z.object({ tenant: z.object({ id: tenant }).nullish() }).nullish(),
  /** BCP 47, as is the one of the entity `clientInfo`. */
  locale: z.string().max(64).nullish(),
  replyToId: id.nullish(),
  name: z.string().max(128).nullish(),
  action: z.string().max(64).nullish(),
  text: z.string().nullish(),
  value: z.record(z.string(), z.unknown()).nullish(),
  entities: z
    .array(z.looseObject({ type: z.string().nullish() }))
    .max(1000)
    .nullish(),
  membersAdded: z.array(z.object({ id })).max(10_000).nullish(),
});
type Parsed = z.infer<typeof activitySchema>;

const mentionSchema = z.object({ type: z.literal('mention'), mentioned: z.object({ id: z.string() }) });

/** What GLIR's cards send back; the choices of a form are the other fields. */
const buttonSchema = z.object({ action: z.enum(ACTIONS), value: z.string().max(128) });
const formSchema = z.object({ form: z.enum(FORMS) }).catchall(z.unknown());
const CHOICES_MAX = 20;
const CHOICE_CHARACTERS = 64;

/** The values of invokes: where in them the data of a card is. */
const executeSchema = z.object({
  action: z.object({ type: z.literal('Action.Execute'), data: z.unknown() }),
});
const dialogSchema = z.object({ data: z.unknown() });

/** Where an activity says that it comes from. */
export interface Provenance {
  channel: string;
  /** Every tenant that it names, in lower case. */
  tenants: readonly string[];
}

/** The body is no activity that Teams sends. */
export class BadActivity extends Error {
  override readonly name = 'BadActivity';
}

/**
 * Reads a request's body. Typed text is parsed here and dropped.
 *
 * @throws BadActivity
 */
export function readActivity(body: unknown): Incoming & Provenance {
  const result = activitySchema.safeParse(body);
  if (!result.success) throw new BadActivity('This is no activity of Teams.');
  const parsed = result.data;
  const tenants = [parsed.conversation.tenantId, parsed.channelData?.tenant?.id].flatMap((tenantId) =>
    typeof tenantId === 'string' ? tenantId.toLowerCase() : [],
  );
  const where = whereOf(parsed);
  const { from, recipient, serviceUrl, conversation } = parsed;
  return {
    key: `${conversation.id} ${parsed.id}`,
    channel: parsed.channelId,
    tenants,
    doctor: {
      platform: 'teams',
      tenant: tenants[0] ?? '',
      user: from.aadObjectId?.toLowerCase() ?? from.id,
      displayName: nameOf(from.name ?? ''),
    },
    where,
    language: languageIn(parsed),
    conversation: {
      serviceUrl,
      tenantId: tenants[0] ?? '',
      bot: { id: recipient.id },
      user: { id: from.id },
      conversationId: conversation.id,
    },
    cardId: parsed.replyToId ?? null,
    typed: typedIn(parsed, where),
    pressed: pressedIn(parsed),
    activity: received(parsed),
  };
}

const clientSchema = z.object({ type: z.literal('clientInfo'), locale: z.string().max(64) });

function languageIn({ locale, entities }: Parsed): ChatLanguage | null {
  const ofClient = (entities ?? []).flatMap((entity) => clientSchema.safeParse(entity).data?.locale ?? []);
  return languageOfLocale(locale) ?? languageOfLocale(ofClient[0]);
}

/** Teams calls a chat between two people personal as well, when `/glir` is picked there. */
function whereOf({ name, conversation }: Parsed): Incoming['where'] {
  const isOwnChat = conversation.conversationType === 'personal' && name?.startsWith('composeExtension/') !== true;
  return isOwnChat ? 'personal' : 'group';
}

/** In a conversation with others, only what mentions the bot or is sent to it alone is meant for it. */
function typedIn({ type, text, value, entities, recipient }: Parsed, where: Incoming['where']): Command | null {
  if (type !== 'message' || (value !== undefined && value !== null)) return null;
  const isMentioned = (entities ?? []).some(
    (entity) => mentionSchema.safeParse(entity).data?.mentioned.id === recipient.id,
  );
  if (where === 'group' && !isMentioned && recipient.isTargeted !== true) return null;
  return readTyped(text ?? '', where);
}

/** Throws BadActivity for an invoke of a kind that GLIR answers, with a value of another form. */
function pressedIn({ type, name, value }: Parsed): Pressed | null {
  if (type === 'message') return value === undefined || value === null ? null : pressIn(value);
  if (type !== 'invoke') return null;
  switch (name) {
    case 'adaptiveCard/action':
      return pressIn(parseInvoke(executeSchema, value).action.data);
    case 'composeExtension/submitAction':
    case 'task/fetch':
    case 'task/submit':
      return pressIn(parseInvoke(dialogSchema, value).data);
    default:
      return null;
  }
}

function pressIn(data: unknown): Pressed | null {
  const button = buttonSchema.safeParse(data).data;
  if (button !== undefined) return { kind: 'button', ...button };
  const submitted = formSchema.safeParse(data).data;
  if (submitted === undefined) return null;
  const { form, ...fields } = submitted;
  const choices = Object.entries(fields).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && Math.max(entry[0].length, entry[1].length) <= CHOICE_CHARACTERS,
  );
  return { kind: 'form', form, choices: Object.fromEntries(choices.slice(0, CHOICES_MAX)) };
}

function parseInvoke<Data>(schema: z.ZodType<Data>, value: unknown): Data {
  const result = schema.safeParse(value);
  if (!result.success) throw new BadActivity('This invoke has no such value.');
  return result.data;
}

/** Nothing typed, and no way to change how the answer is delivered. */
function received({
  type,
  id: activityId,
  serviceUrl,
  from,
  recipient,
  conversation,
  name,
  action,
}: Parsed): ReceivedActivity {
  return {
    type,
    id: activityId,
    serviceUrl,
    fromId: from.id,
    recipientId: recipient.id,
    conversationId: conversation.id,
    conversationType: conversation.conversationType ?? '',
    name: name ?? null,
    action: action ?? null,
  };
}

const NAME_CHARACTERS = 100;

function nameOf(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, NAME_CHARACTERS);
}

const GREETINGS = new Set(['hi', 'hello', 'hey', 'help', '?']);
/** Words that are commands in the personal chat without `/glir` before them. */
const BARE = /^(?:list|revoke|settings|help|\?)(?:\s|$)/i;

/**
 * Reads what a person typed; nothing of the text comes out. In a conversation with others the mention of the bot stands
 * for `/glir`; in the personal chat other texts may be meant for the bot, and may be the note.
 *
 * @param text as Teams delivers it, with mentions as `<at>name</at>`
 */
export function readTyped(text: string, where: 'personal' | 'group'): Command {
  const withoutMentions = text
    .replace(/<at\b[^<>]{0,200}>[^<>]{0,200}<\/at>/gi, ' ')
    .replace(/&nbsp;|\u00a0/gi, ' ')
    .trim();
  const match = /^\/?glir(?:\s+([\s\S]*))?$/i.exec(withoutMentions);
  const command = match === null ? withoutMentions : (match[1] ?? '').trim();
  if (match !== null || where === 'group') return parseCommand(command.replace(/^\/(?=settings$)/i, ''));
  if (command === '' || GREETINGS.has(command.toLowerCase())) return { kind: 'help' };
  const bare = command.replace(/^\//, '');
  return BARE.test(bare) ? parseCommand(bare) : { kind: 'do-not-type' };
}
