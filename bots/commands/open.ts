import type { DraftExcess } from '../../src/limits/draft-limits.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { composeLink } from '../../src/protocol/link.ts';
import type { Doctor, Room } from '../../src/rooms/room.ts';
import type { BotContext } from './desk.ts';
import { type Choice, type EffectiveSettings, type PolicyAnswer, policyFor } from './settings.ts';

/** A fresh draft with its compose link, or why the choice is refused. `ticketUntil` is in milliseconds. */
export type Opened =
  | { kind: 'opened'; room: Room; url: string; ticketUntil: number }
  | { kind: 'limited'; excess: DraftExcess }
  /** What has to outlive the server cannot be kept at this moment. */
  | { kind: 'unavailable' }
  | Exclude<PolicyAnswer, { kind: 'policy' }>;

/** Opens a draft room for a doctor, with the tenant's defaults for whatever the doctor did not choose. */
export async function openRoom(
  choice: Choice,
  doctor: Doctor,
  settings: EffectiveSettings,
  { rooms, drafts, publicUrl }: Pick<BotContext, 'rooms' | 'drafts' | 'publicUrl'>,
): Promise<Opened> {
  const answer = policyFor(settings, choice);
  if (answer.kind !== 'policy') return answer;
  const excess = await drafts.take(doctor);
  if (excess !== null) return { kind: 'limited', excess };
  const { expiryMaxSeconds, readersMax: maxReaders, phone } = settings;
  const limits = { expiryMaxSeconds, maxReaders, admissions: [...settings.admissions] };
  try {
    const { room, ticket, ticketUntil } = await rooms.draft(doctor, answer.policy, limits, phone);
    return { kind: 'opened', room, url: composeLink(publicUrl, ticket), ticketUntil };
  } catch (error) {
    if (error instanceof Refused && error.code === 'unavailable') return { kind: 'unavailable' };
    throw error;
  }
}
