import { Refused } from '../../src/protocol/errors.ts';
import type { OwnerClaims } from '../../src/rooms/owner-tokens.ts';
import type { Room } from '../../src/rooms/room.ts';
import type { BotContext } from './bot-context.ts';
import { loadSettings } from './settings.ts';

/** Begins another note for the page that owns one. Gives the new ticket. */
export type DraftAgain = (claims: OwnerClaims) => Promise<string>;

/**
 * "Open again" and "Send to another patient": another draft for a doctor whose page has the text, as if /glir was typed. What
 * holds is what the admin allows now, and never more than the note before was allowed.
 *
 * @param onBegun the chat may show the new note as well
 * Rejects with Refused: `too-many-notes` when a limit of the doctor's or of the tenant's is reached, `unavailable`.
 */
export function createDraftAgain(
  bot: Pick<BotContext, 'rooms' | 'drafts' | 'store' | 'limits' | 'log' | 'preferences'>,
  onBegun: (room: Room) => void,
): DraftAgain {
  return async ({ doctor, policy, isChosen, limits }) => {
    const settings = await loadSettings(doctor, bot);
    const both = settings.admissions.filter((admission) => limits.admissions.includes(admission));
    const allowed = {
      expiryMaxSeconds: Math.min(settings.expiryMaxSeconds, limits.expiryMaxSeconds),
      maxReaders: Math.min(settings.readersMax, limits.maxReaders),
      // The strictest of all, where the two have nothing in common.
      admissions: both.length > 0 ? both : (['ask'] as const).slice(),
    };
    const owner = { ...doctor, displayName: settings.name ?? doctor.displayName };
    const begun = await bot.drafts.begin(doctor, () =>
      bot.rooms.draft(owner, policy, allowed, settings.phone, isChosen),
    );
    if ('kind' in begun) throw new Refused('too-many-notes');
    onBegun(begun.room);
    return begun.ticket;
  };
}
