import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { SECRET_BYTES } from '../protocol/link.ts';
import { Refused } from '../protocol/refused.ts';
import { LIMITS } from '../protocol/terms.ts';

interface TicketRow {
  roomId: string;
  until: number;
  used: boolean;
}

/** Single-use tickets, each tied to one room; the server keeps only their hashes. */
export interface Tickets {
  /** A fresh ticket (base64url, 256 random bits) and the time until which it is good, in milliseconds. */
  issue(roomId: string): { ticket: string; until: number };
  /** The ticket's room. Throws Refused: `unknown-ticket`, `expired-ticket`, `used-ticket`. */
  redeem(ticket: string): string;
  /** The room of a ticket that was used already, for a better word to whoever tries it again. */
  roomOf(ticket: string): string | undefined;
}

/** Keeps tickets for twice their life, so that a late click is told why it fails. */
export function createTickets(clock: Clock): Tickets {
  const rows = new Map<string, TicketRow>();
  const lifeMs = LIMITS.ticketSeconds * 1000;
  const rowOf = (ticket: string) => rows.get(hashOf(ticket));

  return {
    issue(roomId) {
      const ticket = toBase64Url(randomBytes(SECRET_BYTES));
      const until = clock.now() + lifeMs;
      rows.set(hashOf(ticket), { roomId, until, used: false });
      clock.after(2 * lifeMs, () => rows.delete(hashOf(ticket)));
      return { ticket, until };
    },
    redeem(ticket) {
      const row = rowOf(ticket);
      if (row === undefined) throw new Refused('unknown-ticket');
      if (row.used) throw new Refused('used-ticket');
      if (clock.now() >= row.until) throw new Refused('expired-ticket');
      row.used = true;
      return row.roomId;
    },
    roomOf: (ticket) => rowOf(ticket)?.roomId,
  };
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
