import type { Policy } from '../../../src/protocol/messages.ts';
import { Refused } from '../../../src/protocol/refused.ts';
import { createOwnerTokens } from '../../../src/rooms/owner-token.ts';
import type { Origin } from '../../../src/rooms/room.ts';
import { type RoomEvent, Rooms } from '../../../src/rooms/rooms.ts';
import { memoryRoomStore } from '../../../src/rooms/store.ts';
import { createTickets } from '../../../src/rooms/tickets.ts';
import { type MovableClock, standingClock } from '../../support/movable-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const POLICY: Policy = { expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true };
export const ROSSI: Origin = { platform: 'slack', tenant: 'T1', user: 'U1', displayName: 'Dr Anna Rossi' };
/** SHA-256 of a join key, as far as the rules are concerned. */
export const JOIN_HASH = 'h'.repeat(43);

/** The rules of rooms on a clock that stands still, with every event and the number of running timers. */
export interface Practice {
  rooms: Rooms;
  clock: MovableClock;
  events: RoomEvent[];
  /** Kinds of the events, with the reason of an end: `opened`, `ended lost`. */
  told(): string[];
  timers(): number;
  /** A draft whose composer is there. */
  composed(): { roomId: string; owner: string; ticket: string };
  /** An open room. */
  open(policy?: Partial<Policy>): { roomId: string; owner: string; ticket: string };
}

export function practice({ expiryMaxSeconds = 86_400, key = new Uint8Array(32).fill(7) } = {}): Practice {
  const { clock, timers } = counted(standingClock());
  const rooms = new Rooms({
    clock,
    store: memoryRoomStore(),
    tickets: createTickets(clock),
    ownerTokens: createOwnerTokens(key),
    defaults: { policy: POLICY, expiryMaxSeconds },
  });
  const events: RoomEvent[] = [];
  rooms.onEvent((event) => events.push(event));

  function composed() {
    const { room, ticket } = rooms.draft(ROSSI);
    const { owner } = rooms.redeem(ticket, () => false);
    return { roomId: room.id, owner, ticket };
  }

  return {
    rooms,
    clock,
    events,
    told: () => events.map((event) => (event.kind === 'ended' ? `ended ${event.tombstone.reason}` : event.kind)),
    timers,
    composed,
    open(policy = {}) {
      const { roomId, ticket } = composed();
      const { owner } = rooms.open(roomId, JOIN_HASH, { ...POLICY, ...policy });
      return { roomId, owner, ticket };
    },
  };
}

/** The code that `act` is refused with. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
  return 'not refused';
}

function counted(clock: MovableClock): { clock: MovableClock; timers(): number } {
  const running = new Set<() => void>();
  return {
    timers: () => running.size,
    clock: {
      ...clock,
      after(ms, run) {
        const fire = () => {
          running.delete(fire);
          run();
        };
        running.add(fire);
        const timer = clock.after(ms, fire);
        return {
          cancel() {
            running.delete(fire);
            timer.cancel();
          },
        };
      },
    },
  };
}
