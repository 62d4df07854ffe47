import { composeLink } from '../../src/protocol/link.ts';
import type { Origin, Room } from '../../src/rooms/room.ts';
import type { Desk } from './desk.ts';
import { type Choice, type EffectiveSettings, type PolicyAnswer, policyFor } from './settings.ts';

/** A fresh draft with its compose link, or why the choice is refused. `ticketUntil` is in milliseconds. */
export type Opened =
  | { kind: 'opened'; room: Room; url: string; ticketUntil: number }
  | Exclude<PolicyAnswer, { kind: 'policy' }>;

/** Opens a draft room for a doctor, with the tenant's defaults for whatever the doctor did not choose. */
export function openRoom(
  choice: Choice,
  origin: Origin,
  settings: EffectiveSettings,
  { rooms, publicUrl }: Pick<Desk, 'rooms' | 'publicUrl'>,
): Opened {
  const answer = policyFor(settings, choice);
  if (answer.kind !== 'policy') return answer;
  const { expiryMaxSeconds, readersMax: maxReaders, phone } = settings;
  const limits = { expiryMaxSeconds, maxReaders, admissions: [...settings.admissions] };
  const { room, ticket, ticketUntil } = rooms.draft(origin, answer.policy, limits, phone);
  return { kind: 'opened', room, url: composeLink(publicUrl, ticket), ticketUntil };
}
