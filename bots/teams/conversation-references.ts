import type { Logger } from 'pino';
import { z } from 'zod';
import type { DoctorId, Store } from '../../src/store/store.ts';
import { errorFields } from '../commands/error-fields.ts';
import type { Contact, Conversation, TeamsClient } from './client/teams-client.ts';

/** How to reach a doctor in their personal chat, as it is stored. */
const storedSchema = z.object({
  serviceUrl: z.url(),
  conversationId: z.string(),
  botId: z.string(),
  userId: z.string(),
  /** Whether GLIR has introduced itself there. */
  welcomed: z.boolean().default(false),
});
type Stored = z.infer<typeof storedSchema>;

/** Doctors whose conversation is cached, so that only changes are written to the store. */
const CACHED_MAX = 10_000;

/** Doctors' personal chats, in the durable store. */
export interface ConversationReferences {
  /** Stores where the doctor's personal chat is. Never rejects. */
  seen(doctor: DoctorId, conversation: Conversation): Promise<void>;
  /** Like `seen`; gives true the first time, when GLIR has to introduce itself. Never rejects. */
  welcome(doctor: DoctorId, conversation: Conversation): Promise<boolean>;
  /** Something came from the doctor in another conversation: Teams may have moved their region. Never rejects. */
  seenElsewhere(doctor: DoctorId, contact: Contact): Promise<void>;
  /** The doctor's personal chat as it is known; null where there is none. Never rejects. */
  find(doctor: DoctorId): Promise<Conversation | null>;
  /** The doctor's personal chat, made where there is none. Rejects when it cannot be. */
  personal(doctor: DoctorId, contact: Contact): Promise<Conversation>;
  /** The doctor's personal chat, made now, whatever was known. Rejects when it cannot be. */
  anew(doctor: DoctorId, contact: Contact): Promise<Conversation>;
  /** A conversation at the address that Teams named last for the doctor. Never rejects. */
  current(doctor: DoctorId, conversation: Conversation): Promise<Conversation>;
  /** Drops the doctor from the cache. */
  forget(doctor: DoctorId): void;
}

export function createConversationReferences(store: Store, client: TeamsClient, log: Logger): ConversationReferences {
  const cached = new Map<string, Stored>();

  function cache(doctor: DoctorId, stored: Stored): void {
    cached.delete(keyOf(doctor));
    cached.set(keyOf(doctor), stored);
    const [oldest] = cached.keys();
    if (cached.size > CACHED_MAX && oldest !== undefined) cached.delete(oldest);
  }

  async function find(doctor: DoctorId): Promise<Stored | null> {
    const known = cached.get(keyOf(doctor));
    if (known !== undefined) return known;
    try {
      const stored = await store.conversations.find(doctor, storedSchema);
      const meanwhile = cached.get(keyOf(doctor));
      if (meanwhile !== undefined) return meanwhile;
      if (stored !== null) cache(doctor, stored);
      return stored;
    } catch (error) {
      log.warn({ event: 'teams-conversation-unreadable', ...errorFields(error) });
      return null;
    }
  }

  async function save(doctor: DoctorId, stored: Stored): Promise<void> {
    cache(doctor, stored);
    try {
      await store.conversations.save(doctor, stored);
    } catch (error) {
      log.warn({ event: 'teams-conversation-not-saved', ...errorFields(error) });
    }
  }

  async function update(doctor: DoctorId, conversation: Conversation, welcomes: boolean): Promise<boolean> {
    const found = await find(doctor);
    // Two activities can be here at the same time; the first of them is cached by now.
    const before = cached.get(keyOf(doctor)) ?? found;
    const welcomed = before?.welcomed ?? false;
    const { serviceUrl, conversationId, bot, user } = conversation;
    const stored = { serviceUrl, conversationId, botId: bot.id, userId: user.id, welcomed: welcomed || welcomes };
    if (JSON.stringify(stored) !== JSON.stringify(before)) await save(doctor, stored);
    return !welcomed;
  }

  async function anew(doctor: DoctorId, contact: Contact): Promise<Conversation> {
    const { serviceUrl } = (await find(doctor)) ?? contact;
    const newest = { ...contact, serviceUrl };
    const conversation = { ...newest, conversationId: await client.createConversation(newest) };
    await update(doctor, conversation, false);
    return conversation;
  }

  return {
    async seen(doctor, conversation) {
      await update(doctor, conversation, false);
    },
    welcome: (doctor, conversation) => update(doctor, conversation, true),
    async seenElsewhere(doctor, { serviceUrl }) {
      const stored = await find(doctor);
      if (stored !== null && stored.serviceUrl !== serviceUrl) await save(doctor, { ...stored, serviceUrl });
    },
    find: async (doctor) => conversationOf(doctor, await find(doctor)),
    personal: async (doctor, contact) => conversationOf(doctor, await find(doctor)) ?? (await anew(doctor, contact)),
    anew,
    async current(doctor, conversation) {
      const stored = await find(doctor);
      return stored === null ? conversation : { ...conversation, serviceUrl: stored.serviceUrl };
    },
    forget(doctor) {
      cached.delete(keyOf(doctor));
    },
  };
}

function keyOf({ tenant, user }: DoctorId): string {
  return `${tenant} ${user}`;
}

function conversationOf({ tenant }: DoctorId, stored: Stored | null): Conversation | null {
  if (stored === null) return null;
  const { serviceUrl, conversationId, botId, userId } = stored;
  return { serviceUrl, tenantId: tenant, conversationId, bot: { id: botId }, user: { id: userId } };
}
