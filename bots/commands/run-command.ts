import { isNodeUnreachable } from '../../src/cluster/room-directory.ts';
import type { DraftExcess } from '../../src/limits/draft-limits.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { composeLink } from '../../src/protocol/link.ts';
import { type Doctor, type DoctorId, type Room, roomTag } from '../../src/rooms/room.ts';
import type { BotContext } from './bot-context.ts';
import { errorFields } from './error-fields.ts';
import type { Command } from './parse-command.ts';
import {
  type Choice,
  type DoctorSettings,
  type EffectiveSettings,
  loadSettings,
  type PolicyRefusal,
  policyFor,
} from './settings.ts';

/** What came of a command that opens nothing. Never the note, never a link. */
export type Answer =
  | { kind: 'list'; rooms: ListedRoom[] }
  | { kind: 'revoked'; count: number }
  | { kind: 'not-found' }
  | { kind: 'help' }
  | { kind: 'do-not-type' }
  /** Another node has to be asked and does not answer; the others have done what the command says. */
  | { kind: 'node-unreachable'; command: 'list' | 'revoke' };

/** A live room in a doctor's list. `id` is short, and enough for `/glir revoke`. */
export interface ListedRoom {
  id: string;
  state: 'draft' | 'open' | 'interrupted';
  readers: number;
  leftSeconds: number;
}

/** A fresh draft with its compose link; `ticketUntil` is in milliseconds since the Unix epoch. */
export interface OpenedRoom {
  kind: 'opened';
  room: Room;
  url: string;
  ticketUntil: number;
}

/** Why no draft is opened; `unavailable` is while tombstones or the audit cannot be written. */
export type OpenRefusal = PolicyRefusal | { kind: 'limited'; excess: DraftExcess } | { kind: 'unavailable' };

/** What came of any command. With `form`, the `noteForm` is to be shown; with `opened`, the room is to be followed. */
export type CommandResult =
  | Answer
  | OpenedRoom
  | OpenRefusal
  | { kind: 'form'; settings: DoctorSettings }
  /** The doctor's own settings are to be shown. */
  | { kind: 'settings' }
  /** Something failed, and the log says what. */
  | { kind: 'trouble' };

/** Runs a doctor's command, and writes one line about it into the log. Never rejects. */
export async function runCommand(command: Command, doctor: Doctor, bot: BotContext): Promise<CommandResult> {
  const { platform } = doctor;
  bot.log.info({ event: 'command', platform, command: command.kind });
  try {
    if (command.kind === 'settings') return command;
    if (command.kind !== 'open') return await answerCommand(command, doctor, bot);
    const settings = await loadSettings(doctor, bot);
    if (command.expirySeconds === null) return { kind: 'form', settings };
    return await openRoom({ expirySeconds: command.expirySeconds }, doctor, settings, bot);
  } catch (error) {
    bot.log.error({ event: 'command-error', platform, ...errorFields(error) });
    return { kind: 'trouble' };
  }
}

/**
 * Opens a draft room for a doctor, with the tenant's defaults for whatever the doctor did not choose. Whoever chose all of it,
 * in the form, is not asked again by the composer's page.
 */
export async function openRoom(
  choice: Choice,
  doctor: Doctor,
  settings: EffectiveSettings & Partial<Pick<DoctorSettings, 'name'>>,
  { rooms, drafts, publicUrl }: Pick<BotContext, 'rooms' | 'drafts' | 'publicUrl'>,
): Promise<OpenedRoom | OpenRefusal> {
  const result = policyFor(settings, choice);
  if (result.kind !== 'policy') return result;
  const { expiryMaxSeconds, readersMax: maxReaders, phone } = settings;
  const limits = { expiryMaxSeconds, maxReaders, admissions: [...settings.admissions] };
  const isChosen = [choice.expirySeconds, choice.admission, choice.maxReaders].every((one) => one !== undefined);
  const owner: Doctor = { ...doctor, displayName: settings.name ?? doctor.displayName };
  try {
    return await drafts.begin(doctor, async (): Promise<OpenedRoom> => {
      const { room, ticket, ticketUntil } = await rooms.draft(owner, result.policy, limits, phone, isChosen);
      return { kind: 'opened', room, url: composeLink(publicUrl, ticket), ticketUntil };
    });
  } catch (error) {
    if (error instanceof Refused && error.code === 'unavailable') return { kind: 'unavailable' };
    throw error;
  }
}

/** Runs a command that opens nothing. A doctor sees and ends their own rooms only. */
export async function answerCommand(
  command: Exclude<Command, { kind: 'open' | 'settings' }>,
  doctor: Doctor,
  bot: Pick<BotContext, 'rooms' | 'clock'>,
): Promise<Answer> {
  switch (command.kind) {
    case 'list':
    case 'revoke':
      try {
        return await answerAboutRooms(command, doctor, bot);
      } catch (error) {
        if (!isNodeUnreachable(error)) throw error;
        return { kind: 'node-unreachable', command: command.kind };
      }
    case 'help':
    case 'do-not-type':
      return { kind: command.kind };
  }
}

async function answerAboutRooms(
  command: Extract<Command, { kind: 'list' | 'revoke' }>,
  doctor: Doctor,
  bot: Pick<BotContext, 'rooms' | 'clock'>,
): Promise<Answer> {
  if (command.kind === 'list') return { kind: 'list', rooms: await listRooms(doctor, bot) };
  const count = await revoke(command.target, doctor, bot);
  return count === 0 ? { kind: 'not-found' } : { kind: 'revoked', count };
}

async function revoke(target: string, doctor: Doctor, { rooms }: Pick<BotContext, 'rooms'>): Promise<number> {
  if (target.toLowerCase() === 'all') return await rooms.endAllOfDoctor(doctor, 'revoked');
  const chosen = (await rooms.of(doctor)).filter(({ id }) => id.startsWith(target));
  const ended = await Promise.all(chosen.map(({ id }) => rooms.end(id, 'revoked')));
  return ended.filter(Boolean).length;
}

/** A doctor's live rooms, oldest first. Rejects with Refused `node-unreachable`. */
export async function listRooms(
  doctor: DoctorId,
  { rooms, clock }: Pick<BotContext, 'rooms' | 'clock'>,
): Promise<ListedRoom[]> {
  return (await rooms.of(doctor)).flatMap(({ id, state, reading, expiresAt }) => {
    if (state === 'ended') return [];
    return { id: roomTag(id), state, readers: reading, leftSeconds: Math.ceil((expiresAt - clock.now()) / 1000) };
  });
}
