import type { Logger } from 'pino';
import { z } from 'zod';
import { type DoctorId, roomTag } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { errorFields } from '../commands/error-fields.ts';
import { readyView, statusView, textView } from '../commands/note-views.ts';
import { type PingPlaces, RoomPings } from '../commands/pings.ts';
import { overStatus, type RoomStatus } from '../commands/room-status.ts';
import type { OpenedRoom } from '../commands/run-command.ts';
import { DeliveryError, remedyFor } from '../delivery/delivery-error.ts';
import {
  createMessageReferences,
  type EarlierMessage,
  type MessageReferences,
} from '../delivery/message-references.ts';
import type { Sender } from '../delivery/sender.ts';
import { type Card, viewCard } from './adaptive-cards.ts';
import type { Contact, Conversation, TeamsClient } from './client/teams-client.ts';
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
  /** Shows a note that was begun from the page of another one, from "Share" on. Never rejects. */
  followAgain(room: RoomOfDoctor): Promise<void>;
  /**
   * A button of a card in the personal chat was pressed: a card that no node follows is followed here from now on. Never
   * rejects.
   */
  pressed(room: RoomOfDoctor, conversation: Conversation, cardId: string): Promise<void>;
  /** Goes on with the cards of servers that are gone, from now on. */
  resume(): void;
  stop(): void;
}

type RoomOfDoctor = { id: string; doctor: DoctorId };

const placeSchema = z.object({
  serviceUrl: z.string(),
  tenantId: z.string(),
  bot: z.object({ id: z.string() }),
  user: z.object({ id: z.string() }),
  conversationId: z.string(),
  cardId: z.string(),
});
type CardPlace = z.infer<typeof placeSchema>;

/** What is kept of a note's card: where it is, and where its pings are. */
const keptSchema = placeSchema.extend({
  pings: z
    .object({
      waiting: z.object({ reader: z.string(), place: placeSchema }).optional(),
      ending: placeSchema.optional(),
    })
    .optional(),
});
type KeptCard = z.infer<typeof keptSchema>;

interface Parts {
  client: TeamsClient;
  sender: Sender;
  conversations: ConversationReferences;
  references: MessageReferences<KeptCard>;
  log: Logger;
}

export function createStatusCards({
  context,
  client,
  sender,
  conversations,
}: {
  context: BotContext;
  client: TeamsClient;
  sender: Sender;
  conversations: ConversationReferences;
}): StatusCards {
  const { board, clock, log, preferences } = context;
  const references = createMessageReferences('teams', keptSchema, context);
  const parts = { client, sender, conversations, references, log };
  /** What follows on a card: another note on the same card, from a form that was submitted twice, takes its place. */
  const onCard = new Map<string, () => void>();
  const followed = new Set<string>();

  /** In the personal chat, where Teams notifies the doctor. */
  function pingsOf(room: RoomOfDoctor, card: StatusCard, kept: KeptCard['pings']): RoomPings<CardPlace> {
    const { doctor } = room;
    const language = () => preferences.languageOf(doctor);
    return new RoomPings(
      {
        async post(view) {
          const known = await conversations.find(doctor);
          if (known === null) return null;
          const conversation = await conversations.current(doctor, known);
          const shown = viewCard(view, await language());
          return placeOf(conversation, await sender.once(doctor, true, () => client.send(conversation, shown)));
        },
        remove: (place) => removePing(doctor, place),
        keep: (places) => card.keepPings(places),
      },
      { language, clock, log },
      kept,
    );
  }

  /** Where Teams does not take it away, it says that there is nothing left to press. */
  async function removePing(doctor: DoctorId, place: CardPlace): Promise<void> {
    const there = await conversations.current(doctor, place);
    try {
      await sender.once(doctor, false, () => client.remove(there, place.cardId));
    } catch (error) {
      const remedy = remedyFor(error);
      if (remedy === 'later' || isGone(error)) throw error;
      const language = await preferences.languageOf(doctor);
      const shown = viewCard(textView(language.text('notWaiting')), language);
      await sender.once(doctor, false, () => client.update(there, place.cardId, shown));
    }
  }

  function follow(
    room: RoomOfDoctor,
    opened: OpenedRoom | null,
    location: CardLocation,
    { pings: kept, ...facts }: { pings?: KeptCard['pings'] } & Pick<RoomStatus, 'again'> = {},
  ): void {
    const card = new StatusCard(room, opened, location, parts, kept);
    const pings = pingsOf(room, card, kept);
    const key =
      location.kind === 'here' && location.cardId !== null ? keyOf(location.conversation, location.cardId) : null;
    if (key !== null) onCard.get(key)?.();
    followed.add(room.id);
    const stopFollowing = board.follow(room.id, async (status) => {
      if (status.over !== null && key !== null && onCard.get(key) === stop) onCard.delete(key);
      await card.show({ ...status, ...facts }, await preferences.languageOf(room.doctor));
      if (status.over !== null) followed.delete(room.id);
    });
    const stopPings = board.follow(room.id, (status) => pings.show(status));
    const stop = () => {
      followed.delete(room.id);
      stopFollowing();
      stopPings();
    };
    if (key !== null) onCard.set(key, stop);
  }

  /** Never rejects. */
  async function end(
    { doctor, tag, place: { pings, ...place } }: EarlierMessage<KeptCard>,
    how: Parameters<typeof overStatus>[1],
  ): Promise<void> {
    const language = await preferences.languageOf(doctor);
    const card = viewCard(statusView(overStatus(tag, how), language), language);
    try {
      await sender.send(doctor, async () =>
        client.update(await conversations.current(doctor, place), place.cardId, card),
      );
      for (const ping of [pings?.waiting?.place, pings?.ending]) {
        if (ping !== undefined) await removePing(doctor, ping).catch(() => undefined);
      }
      await references.over(doctor, tag, place);
    } catch (error) {
      log.warn({ event: 'teams-message-not-sent', ...errorFields(error) });
    }
  }

  return {
    follow: (opened, location) => follow(opened.room, opened, location),
    async followAgain(room) {
      const contact = await conversations.find(room.doctor);
      if (contact !== null) follow(room, null, { kind: 'later', contact }, { again: true });
    },
    async pressed(room, conversation, cardId) {
      if (followed.has(room.id)) return;
      const claimed = await references.claim(room.doctor, room.id, placeOf(conversation, cardId));
      // Two presses can be here at the same time.
      if (claimed === null || followed.has(room.id)) return;
      const { cardId: claimedId, pings, ...at } = claimed;
      follow(room, null, { kind: 'here', conversation: at, cardId: claimedId }, { pings });
    },
    resume() {
      references.resume({
        on({ doctor, place }, { id }) {
          const { cardId, pings, ...conversation } = place;
          if (!followed.has(id)) follow({ id, doctor }, null, { kind: 'here', conversation, cardId }, { pings });
        },
        end: (message, how) => void end(message, how),
      });
    },
    stop: () => references.stop(),
  };
}

/** Shows a note's statuses on one card, and on another one where Teams no longer changes that. */
class StatusCard {
  readonly #room: RoomOfDoctor;
  /** Null for a card of an earlier run: the link to write is known no more. */
  readonly #opened: OpenedRoom | null;
  readonly #location: CardLocation;
  readonly #parts: Parts;
  #conversation: Conversation | null;
  #cardId: string | null;
  /** Whether a card that cannot be changed any more still says something else. */
  #isOwed = false;
  #isRefused = false;

  /** What is on the card, as JSON. */
  #shown = '';
  #pings: KeptCard['pings'];
  #isOver = false;

  constructor(
    room: RoomOfDoctor,
    opened: OpenedRoom | null,
    location: CardLocation,
    parts: Parts,
    pings?: KeptCard['pings'],
  ) {
    this.#pings = pings;
    this.#room = room;
    this.#opened = opened;
    this.#location = location;
    this.#parts = parts;
    this.#conversation = location.kind === 'here' ? location.conversation : null;
    this.#cardId = location.kind === 'here' ? location.cardId : null;
    if (this.#conversation !== null && this.#cardId !== null) void this.#keep(this.#conversation, this.#cardId, false);
  }

  /** Rejects when Teams does not take it. */
  async show(status: RoomStatus, language: ChatLanguage): Promise<void> {
    if (!this.#isWorthACard(status)) return;
    const isReady = status.state === 'draft' && status.restarting === undefined && this.#opened !== null;
    const card = viewCard(
      isReady && this.#opened !== null ? readyView(this.#opened, language) : statusView(status, language),
      language,
    );
    const shown = JSON.stringify(card);
    // What changed may be nothing that is shown, such as whether the doctor sees the page.
    if (shown === this.#shown && this.#cardId !== null) return;
    this.#shown = '';
    const urgent = status.waiting.length > 0;
    try {
      if (!(await this.#changed(card, urgent))) await this.#post(card, urgent);
      this.#isRefused = false;
      this.#shown = shown;
    } catch (error) {
      this.#logRefusal(error);
      throw error;
    }
    if (status.over !== null && this.#conversation !== null && this.#cardId !== null) {
      await this.#keep(this.#conversation, this.#cardId, true);
    }
  }

  /** A draft's button to write stays until the note is shared; a draft that was never there leaves no trace. */
  #isWorthACard({ state, over, restarting }: RoomStatus): boolean {
    if (this.#cardId !== null || this.#isOwed) return true;
    if (restarting === true) return false;
    return state === 'draft' ? this.#location.kind === 'here' : over === null;
  }

  /** False when there is no card that could be changed. */
  async #changed(card: Card, urgent: boolean): Promise<boolean> {
    const [conversation, cardId] = [this.#conversation, this.#cardId];
    if (conversation === null || cardId === null) return false;
    const { client, sender, conversations } = this.#parts;
    const { doctor } = this.#room;
    try {
      await sender.once(doctor, urgent, async () =>
        client.update(await conversations.current(doctor, conversation), cardId, card),
      );
      return true;
    } catch (error) {
      const remedy = remedyFor(error);
      if (remedy !== 'post-anew' && remedy !== 'new-conversation') throw error;
      if (remedy === 'new-conversation') this.#conversation = null;
      this.#cardId = null;
      this.#isOwed = true;
      return false;
    }
  }

  async #post(card: Card, urgent: boolean): Promise<void> {
    const { conversations } = this.#parts;
    const { doctor } = this.#room;
    const contact = this.#conversation ?? contactOf(this.#location);
    // After a refusal the conversation that is known is the wrong one.
    const known = this.#isOwed && this.#conversation === null ? null : await conversations.find(doctor);
    const target = this.#conversation ?? known;
    if (target !== null) {
      try {
        return await this.#postIn(target, card, urgent);
      } catch (error) {
        if (remedyFor(error) !== 'new-conversation') throw error;
        this.#conversation = null;
      }
    }
    try {
      await this.#postIn(await conversations.anew(doctor, contact), card, urgent);
    } catch (error) {
      // Not even in a conversation of its own: GLIR may not write to this person.
      if (remedyFor(error) !== 'new-conversation') throw error;
      throw new DeliveryError('none', error instanceof DeliveryError ? error.code : 'refused');
    }
  }

  async #postIn(conversation: Conversation, card: Card, urgent: boolean): Promise<void> {
    const { client, sender, conversations } = this.#parts;
    const { doctor } = this.#room;
    const cardId = await sender.once(doctor, urgent, async () =>
      client.send(await conversations.current(doctor, conversation), card),
    );
    this.#conversation = conversation;
    this.#cardId = cardId;
    this.#isOwed = false;
    await this.#keep(conversation, cardId, false);
  }

  async #keep(conversation: Conversation, cardId: string, isOver: boolean): Promise<void> {
    const { waiting, ending } = this.#pings ?? {};
    const pings = { ...(waiting === undefined ? {} : { waiting }), ...(ending === undefined ? {} : { ending }) };
    const place = { ...placeOf(conversation, cardId), ...(Object.keys(pings).length === 0 ? {} : { pings }) };
    this.#isOver ||= isOver;
    const { references } = this.#parts;
    const { id, doctor } = this.#room;
    await (isOver ? references.over(doctor, id, place) : references.save(doctor, id, place));
  }

  /** Keeps where the note's pings are, beside its card. Never rejects. */
  async keepPings(pings: PingPlaces<CardPlace>): Promise<void> {
    this.#pings = { ...pings };
    if (this.#isOver || this.#conversation === null || this.#cardId === null) return;
    await this.#keep(this.#conversation, this.#cardId, false);
  }

  /** Once, and again after a card was taken. */
  #logRefusal(error: unknown): void {
    if (remedyFor(error) === 'later' || this.#isRefused) return;
    this.#isRefused = true;
    this.#parts.log.warn({ event: 'teams-no-status-card', room: roomTag(this.#room.id), ...errorFields(error) });
  }
}

function placeOf({ serviceUrl, tenantId, bot, user, conversationId }: Conversation, cardId: string): CardPlace {
  return { serviceUrl, tenantId, bot, user, conversationId, cardId };
}

/** Whether Teams says that there is no such card. */
function isGone(error: unknown): boolean {
  return error instanceof DeliveryError && error.code === '404';
}

function keyOf({ conversationId }: Conversation, cardId: string): string {
  return `${conversationId} ${cardId}`;
}

function contactOf(location: CardLocation): Contact {
  return location.kind === 'here' ? location.conversation : location.contact;
}
