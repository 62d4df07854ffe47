import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { LIMITS } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import { SECRET_BYTES } from '../protocol/link.ts';

interface TicketEntry {
  roomId: string;
  /** In the clock's uptime. */
  until: number;
  /** Null until it is used; then the page that used it, or `nobody` when the page did not say who it is. */
  usedBy: string | null;
}

/** In no page's alphabet. */
const NOBODY = '';

/** Single-use tickets, each tied to one room; the server keeps only their hashes. */
export interface Tickets {
  /** A fresh ticket (base64url, 256 random bits) and the time until which it is good, in milliseconds. */
  issue(roomId: string): { ticket: string; until: number };
  /**
   * The ticket's room. A page that lost its connection before it heard the answer may ask again: `page` is a random word
   * that it chose for itself. Throws Refused: `unknown-ticket`, `expired-ticket`, `used-ticket`.
   */
  redeem(ticket: string, page?: string): string;
  /** The ticket can be redeemed again, because it came to nothing. */
  release(ticket: string): void;
  /** The room of a ticket that was used already by another page, for a better word to whoever tries it again. */
  roomOf(ticket: string, page?: string): string | undefined;
}

/** Keeps tickets for twice their life, so that a late click is told why it fails. */
export function createTickets(clock: Clock): Tickets {
  const entries = new Map<string, TicketEntry>();
  const lifeMs = LIMITS.ticketSeconds * 1000;
  const entryOf = (ticket: string) => entries.get(hashOf(ticket));

  return {
    issue(roomId) {
      const ticket = toBase64Url(randomBytes(SECRET_BYTES));
      // The timer holds the hash alone: the ticket itself stays nowhere.
      const hash = hashOf(ticket);
      entries.set(hash, { roomId, until: clock.uptime() + lifeMs, usedBy: null });
      clock.after(2 * lifeMs, () => entries.delete(hash));
      return { ticket, until: clock.now() + lifeMs };
    },
    redeem(ticket, page = NOBODY) {
      const entry = entryOf(ticket);
      if (entry === undefined) throw new Refused('unknown-ticket');
      if (entry.usedBy !== null && (page === NOBODY || entry.usedBy !== page)) throw new Refused('used-ticket');
      if (clock.uptime() >= entry.until) throw new Refused('expired-ticket');
      entry.usedBy = page;
      return entry.roomId;
    },
    release(ticket) {
      const entry = entryOf(ticket);
      if (entry !== undefined) entry.usedBy = null;
    },
    roomOf(ticket, page) {
      const entry = entryOf(ticket);
      return entry === undefined || entry.usedBy === page ? undefined : entry.roomId;
    },
  };
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
