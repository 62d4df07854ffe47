import { z } from 'zod';
import type { DoctorId, Room } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { statusView } from '../commands/note-views.ts';
import { type PingPlaces, RoomPings } from '../commands/pings.ts';
import { overStatus, type RoomStatus } from '../commands/room-status.ts';
import type { View } from '../commands/view.ts';
import { remedyFor } from '../delivery/delivery-error.ts';
import {
  createMessageReferences,
  type EarlierMessage,
  type MessageReferences,
} from '../delivery/message-references.ts';
import { type Message, messageOf } from './blocks.ts';
import type { SlackSender } from './connection/slack-sender.ts';
import { createEphemeralMessage, type EphemeralMessage } from './ephemeral-message.ts';
import { errorFields } from './slack-log.ts';

/** The messages that show doctors the status of their live notes: an ephemeral one, and a direct one where allowed. */
export interface StatusMessages {
  /**
   * Keeps a doctor's messages about a room up to date until it is over.
   *
   * @param responseUrl the command's, or null where there is none
   * @param usesLeft of the response_url
   */
  follow(room: Room, options: { responseUrl: string | null; usesLeft?: number }): void;
  /** The same for a room that was begun from the page of another one: in a direct message alone. */
  followAgain(room: Room): void;
  /**
   * A button of a room's ephemeral message was pressed; `refresh` shows the status even if nothing has changed. A message
   * that is not followed here, because another node sent it or this one before it was restarted, is followed from now on.
   */
  pressed(room: RoomOfDoctor, responseUrl: string, options: { refresh: boolean }): void;
  /**
   * The same for a button of a direct message: `other` when another direct message is the one about this room, `elsewhere`
   * when another node follows it and shows what changes. Never rejects.
   */
  pressedDirectly(room: RoomOfDoctor, place: MessagePlace): Promise<'followed' | 'other' | 'elsewhere'>;
  /** Goes on with the direct messages of servers that are gone, from now on. May be called again. */
  resume(): void;
  stop(): void;
}

type RoomOfDoctor = { id: string; doctor: DoctorId };

const placeSchema = z.object({ channel: z.string(), ts: z.string() });
/** Where a direct message is, as Slack names it. */
export type MessagePlace = z.infer<typeof placeSchema>;

/** What is kept of a note's direct message: where it is, and where its pings are. */
const keptSchema = placeSchema.extend({
  pings: z
    .object({
      waiting: z.object({ reader: z.string(), place: placeSchema }).optional(),
      ending: placeSchema.optional(),
    })
    .optional(),
});
type KeptPlace = z.infer<typeof keptSchema>;

type Dependencies = Pick<BotContext, 'preferences' | 'board' | 'clock' | 'log' | 'store' | 'rooms' | 'isGone'> & {
  sender: SlackSender;
};

export function createStatusMessages(deps: Dependencies): StatusMessages {
  const { board, clock, log, sender, preferences } = deps;
  const references = createMessageReferences('slack', keptSchema, deps);
  const followed = new Map<string, { message: EphemeralMessage; stop: () => void }>();
  const direct = new Map<string, DirectMessage>();

  /** The board shows the status at once, and then every change. */
  function show({ id: roomId, doctor }: RoomOfDoctor, message: EphemeralMessage): () => void {
    return board.follow(roomId, async (status) => {
      await message.show(status, await preferences.languageOf(doctor));
      if (status.over !== null) followed.delete(roomId);
    });
  }

  function ephemeral(options: Parameters<typeof createEphemeralMessage>[0]): EphemeralMessage {
    return createEphemeralMessage(options, clock, (url, message, how) => sender.respondOnce(url, message, how));
  }

  function followDirectly(
    { id, doctor }: RoomOfDoctor,
    kept: KeptPlace | null,
    facts: Pick<RoomStatus, 'again'> = {},
  ): DirectMessage {
    const message = new DirectMessage(id, doctor, kept, { sender, references });
    const pings = new RoomPings(
      {
        async post(view) {
          const posted = await sender.once(doctor, { scope: DIRECT, urgent: true }, (client) =>
            client.chat.postMessage({ channel: doctor.user, ...messageOf(view), ...NO_PREVIEW }),
          );
          return placeSchema.safeParse(posted).data ?? null;
        },
        async remove(place) {
          await sender.once(doctor, { scope: DIRECT, urgent: false }, (client) => client.chat.delete(place));
        },
        keep: (places) => message.keepPings(places),
      },
      { language: () => preferences.languageOf(doctor), clock, log },
      kept?.pings,
    );
    board.follow(id, (status) => pings.show(status));
    direct.set(id, message);
    board.follow(id, async (status) => {
      await message.show({ ...status, ...facts }, await preferences.languageOf(doctor));
      if (status.over !== null) direct.delete(id);
    });
    return message;
  }

  /** Never rejects. */
  async function end(
    { doctor, tag, place: { pings, ...place } }: EarlierMessage<KeptPlace>,
    how: Parameters<typeof overStatus>[1],
  ): Promise<void> {
    const message = messageOf(statusView(overStatus(tag, how), await preferences.languageOf(doctor)));
    try {
      await sender.send(doctor, { scope: DIRECT }, (client) =>
        client.chat.update({ ...place, ...message, ...NO_PREVIEW }),
      );
      for (const ping of [pings?.waiting?.place, pings?.ending]) {
        if (ping !== undefined) await sender.send(doctor, { scope: DIRECT }, (client) => client.chat.delete(ping));
      }
      await references.over(doctor, tag, place);
    } catch (error) {
      log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
    }
  }

  return {
    follow(room, options) {
      const { id } = room;
      const message = followDirectly(room, null);
      const inCommand = ephemeral({ ...options, isAlone: () => !message.isThere() });
      followed.set(id, { message: inCommand, stop: show(room, inCommand) });
    },
    followAgain: (room) => void followDirectly(room, null, { again: true }),
    pressed(room, responseUrl, { refresh }) {
      const { id } = room;
      const note = followed.get(id);
      const message = note?.message ?? ephemeral({ responseUrl: null, isAlone: () => false });
      message.pressed(responseUrl, refresh);
      if (note !== undefined && !refresh) return;
      note?.stop();
      followed.set(id, { message, stop: show(room, message) });
    },
    async pressedDirectly(room, place) {
      let message = direct.get(room.id);
      if (message === undefined) {
        const claimed = await references.claim(room.doctor, room.id, place);
        if (claimed === null) return 'elsewhere';
        // Two presses can be here at the same time.
        message = direct.get(room.id) ?? followDirectly(room, claimed);
      }
      return message.isAt(place) ? 'followed' : 'other';
    },
    resume() {
      references.resume({
        on({ doctor, place }, { id }) {
          if (!direct.has(id)) followDirectly({ id, doctor }, place);
        },
        end: (message, how) => void end(message, how),
      });
    },
    stop: () => references.stop(),
  };
}

const NO_PREVIEW = { unfurl_links: false, unfurl_media: false } as const;
/** What GLIR has to be allowed for direct messages. */
const DIRECT = 'chat:write';

/** The one direct message about a note, where GLIR may write one. */
class DirectMessage {
  readonly #roomId: string;
  readonly #doctor: DoctorId;
  readonly #sender: SlackSender;
  readonly #references: MessageReferences<KeptPlace>;
  #place: MessagePlace | null;
  #pings: PingPlaces<MessagePlace> | undefined;
  /** What is on screen, as JSON. */
  #shown = '';
  /** Whether a message that cannot be changed any more still says something else. */
  #isOwed = false;
  #isOver = false;

  constructor(
    roomId: string,
    doctor: DoctorId,
    kept: KeptPlace | null,
    { sender, references }: { sender: SlackSender; references: MessageReferences<KeptPlace> },
  ) {
    this.#roomId = roomId;
    this.#doctor = doctor;
    this.#place = kept === null ? null : { channel: kept.channel, ts: kept.ts };
    this.#pings = kept?.pings;
    this.#sender = sender;
    this.#references = references;
    void this.#keep(false);
  }

  /** Never rejects. */
  async #keep(isOver: boolean): Promise<void> {
    if (this.#place === null) return;
    const { waiting, ending } = this.#pings ?? {};
    const pings = {
      ...(waiting === undefined ? {} : { waiting }),
      ...(ending === undefined ? {} : { ending }),
    };
    const kept = Object.keys(pings).length === 0 ? this.#place : { ...this.#place, pings };
    await (isOver
      ? this.#references.over(this.#doctor, this.#roomId, kept)
      : this.#references.save(this.#doctor, this.#roomId, kept));
  }

  /** Keeps where the note's pings are, beside itself. Never rejects. */
  async keepPings(pings: PingPlaces<MessagePlace>): Promise<void> {
    this.#pings = { ...pings };
    if (!this.#isOver) await this.#keep(false);
  }

  /** Whether it is there. */
  isThere(): boolean {
    return this.#place !== null;
  }

  isAt({ channel, ts }: MessagePlace): boolean {
    return this.#place?.channel === channel && this.#place.ts === ts;
  }

  /**
   * Posts it once the note is shared, and changes it in place from then on. Where Slack no longer changes it, another one
   * takes its place. Rejects when Slack does not take it.
   */
  async show(status: RoomStatus, language: ChatLanguage): Promise<void> {
    if (!this.#isWorthIt(status)) return;
    const message = messageOf(statusView(status, language));
    const shown = JSON.stringify(message);
    // What changed may be nothing that is shown, such as whether the doctor sees the page.
    if (shown === this.#shown && this.#place !== null) return;
    this.#shown = '';
    if (!(await this.#changed(status, message))) await this.#post(status, message);
    this.#shown = shown;
  }

  /** A draft that nobody shared leaves no trace in the doctor's messages. */
  #isWorthIt({ state, over, restarting }: RoomStatus): boolean {
    if (this.#place !== null || this.#isOwed) return state !== 'draft' || restarting === true;
    return state !== 'draft' && over === null && restarting !== true;
  }

  /** False when there is no message any more that could be changed. */
  async #changed(status: RoomStatus, shown: Message): Promise<boolean> {
    const place = this.#place;
    if (place === null) return false;
    const message = { ...place, ...shown, ...NO_PREVIEW };
    const urgent = status.waiting.length > 0;
    try {
      const updated = await this.#sender.once(this.#doctor, { scope: DIRECT, urgent }, (client) =>
        client.chat.update(message),
      );
      if (updated === null) return true;
    } catch (error) {
      if (remedyFor(error) !== 'post-anew') throw error;
      await this.#takeAway(place);
      this.#place = null;
      this.#isOwed = true;
      return false;
    }
    await this.#ended(status);
    return true;
  }

  /** A message that is not true any more and has live buttons; often it is gone already. */
  async #takeAway(place: MessagePlace): Promise<void> {
    try {
      await this.#sender.once(this.#doctor, { scope: DIRECT, urgent: false }, (client) => client.chat.delete(place));
    } catch {
      // What cannot be taken away still answers a press with what is true.
    }
  }

  async #post(status: RoomStatus, shown: Message): Promise<void> {
    const message = { channel: this.#doctor.user, ...shown, ...NO_PREVIEW };
    const urgent = status.waiting.length > 0;
    const posted = await this.#sender.once(this.#doctor, { scope: DIRECT, urgent }, (client) =>
      client.chat.postMessage(message),
    );
    const place = placeSchema.safeParse(posted).data;
    if (place === undefined) return;
    this.#place = place;
    this.#isOwed = false;
    if (status.over === null) await this.#keep(false);
    else await this.#ended(status);
  }

  async #ended({ over }: RoomStatus): Promise<void> {
    if (over === null) return;
    this.#isOver = true;
    await this.#keep(true);
  }
}

/** Sends one direct message, where GLIR may write one. Never rejects. */
export async function sendDirectly(
  doctor: DoctorId,
  view: View,
  { sender, log }: Pick<Dependencies, 'sender' | 'log'>,
): Promise<void> {
  try {
    const message = { channel: doctor.user, ...messageOf(view) };
    await sender.send(doctor, { scope: DIRECT }, (client) => client.chat.postMessage(message));
  } catch (error) {
    log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
  }
}
