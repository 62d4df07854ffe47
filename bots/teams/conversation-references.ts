import type { Logger } from 'pino';
import { z } from 'zod';
import type { Doctor } from '../../src/rooms/room.ts';
import type { DoctorId, Store } from '../../src/store/store.ts';
import { errorFields } from '../commands/bot-context.ts';
import type { Contact, Conversation, TeamsConnector } from './connector.ts';

/** How to reach a doctor in their personal chat, as it is kept. */
const storedSchema = z.object({
  serviceUrl: z.url(),
  conversationId: z.string(),
  botId: z.string(),
  userId: z.string(),
  /** Whether GLIR has introduced itself there. */
  welcomed: z.boolean().default(false),
});
type Stored = z.infer<typeof storedSchema>;

/** People whose conversation is remembered in memory as well, to write down only what has changed. */
const REMEMBERED_MAX = 10_000;

/** Doctors' personal chats, in the durable store. */
export interface ConversationReferences {
  /** The doctor was heard of in their personal chat. Never rejects. */
  seen(doctor: DoctorId, conversation: Conversation): Promise<void>;
  /** Like `seen`; whether GLIR has not introduced itself there yet, which it is then taken to do. Never rejects. */
  welcome(doctor: DoctorId, conversation: Conversation): Promise<boolean>;
  /** The doctor's personal chat, made where there is none. Rejects when it cannot be. */
  personal(doctor: Doctor, contact: Contact): Promise<Conversation>;
  /** Forgets what is remembered in memory. */
  forget(doctor: DoctorId): void;
}

export function createConversationReferences(
  store: Store,
  connector: TeamsConnector,
  log: Logger,
): ConversationReferences {
  const remembered = new Map<string, Stored>();

  function remember(doctor: DoctorId, stored: Stored): void {
    remembered.delete(keyOf(doctor));
    remembered.set(keyOf(doctor), stored);
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
  }

  async function find(doctor: DoctorId): Promise<Stored | null> {
    const known = remembered.get(keyOf(doctor));
    if (known !== undefined) return known;
    try {
      const stored = await store.conversations.find(doctor, storedSchema);
      const meanwhile = remembered.get(keyOf(doctor));
      if (meanwhile !== undefined) return meanwhile;
      if (stored !== null) remember(doctor, stored);
      return stored;
    } catch (error) {
      log.warn({ event: 'teams-conversation-unreadable', ...errorFields(error) });
      return null;
    }
  }

  async function save(doctor: DoctorId, stored: Stored): Promise<void> {
    remember(doctor, stored);
    try {
      await store.conversations.save(doctor, stored);
    } catch (error) {
      log.warn({ event: 'teams-conversation-not-kept', ...errorFields(error) });
    }
  }

  async function update(doctor: DoctorId, conversation: Conversation, welcomes: boolean): Promise<boolean> {
    const found = await find(doctor);
    // Two activities can be here at the same time; the first of them is remembered by now.
    const before = remembered.get(keyOf(doctor)) ?? found;
    const welcomed = before?.welcomed ?? false;
    const { serviceUrl, conversationId, bot, user } = conversation;
    const stored = { serviceUrl, conversationId, botId: bot.id, userId: user.id, welcomed: welcomed || welcomes };
    if (JSON.stringify(stored) !== JSON.stringify(before)) await save(doctor, stored);
    return !welcomed;
  }

  return {
    async seen(doctor, conversation) {
      await update(doctor, conversation, false);
    },
    welcome: (doctor, conversation) => update(doctor, conversation, true),
    async personal(doctor, contact) {
      const stored = await find(doctor);
      if (stored !== null) {
        const { serviceUrl, conversationId, botId, userId } = stored;
        return { ...contact, serviceUrl, conversationId, bot: { id: botId }, user: { id: userId } };
      }
      const conversation = { ...contact, conversationId: await connector.personalChat(contact) };
      await update(doctor, conversation, false);
      return conversation;
    },
    forget(doctor) {
      remembered.delete(keyOf(doctor));
    },
  };
}

function keyOf({ tenant, user }: DoctorId): string {
  return `${tenant} ${user}`;
}
