import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { ROOM_ID_BYTES } from '../protocol/link.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { Refused } from '../protocol/refused.ts';
import { limitsWithin, within } from './policy.ts';
import type { Registry } from './registry.ts';
import type { Origin, Room } from './room.ts';
import type { Roster } from './roster.ts';
import type { Tickets } from './tickets.ts';

/** The admin's defaults and limits for new rooms. */
interface RoomDefaults {
  policy: Policy;
  expiryMaxSeconds: number;
}

/** What drafts are made with. */
export interface DraftDependencies {
  clock: Clock;
  registry: Registry;
  roster: Roster;
  tickets: Tickets;
  defaults: RoomDefaults;
  /** Called before a draft comes to be, which it refuses by throwing. */
  mayDraft?: (room: Room) => void;
}

/** How rooms begin: with a ticket that one page may redeem. */
export class Drafts {
  readonly #deps: DraftDependencies;
  /** Drafts whose compose link nobody has opened. */
  readonly #unopened = new Set<string>();

  constructor(deps: DraftDependencies) {
    this.#deps = deps;
    deps.roster.onEvent(({ kind, room }) => kind === 'ended' && this.#unopened.delete(room.id), true);
  }

  /** Drafts that no tab could bring back after a restart. */
  get unopened(): Room[] {
    return this.#deps.roster.all().filter(({ id }) => this.#unopened.has(id));
  }

  /** See `Rooms.draft`. */
  begin(
    origin: Origin,
    choice: Partial<Policy>,
    limits: Partial<PolicyLimits>,
    phone: string | null,
  ): { room: Room; ticket: string; ticketUntil: number } {
    const { clock, registry, roster, tickets, defaults, mayDraft } = this.#deps;
    registry.check();
    const own = limitsWithin(defaults.expiryMaxSeconds, limits);
    const id = toBase64Url(randomBytes(ROOM_ID_BYTES));
    const { ticket, until } = tickets.issue(id);
    const room: Room = {
      id,
      origin,
      policy: within(own, { ...defaults.policy, ...choice }),
      limits: own,
      phone,
      state: 'draft',
      joinHash: null,
      createdAt: clock.now(),
      openedAt: null,
      expiresAt: until,
      reading: 0,
      waiting: [],
      readBy: 0,
    };
    mayDraft?.(room);
    roster.add(room, until - clock.now());
    this.#unopened.add(id);
    roster.tell({ kind: 'drafted', room });
    return { room, ticket, ticketUntil: until };
  }

  /** See `Rooms.redeem`. */
  open(
    ticket: string,
    composerPresent: (roomId: string) => boolean,
    page: string | undefined,
  ): { room: Room; release: () => void } {
    const { roster, tickets } = this.#deps;
    const known = tickets.roomOf(ticket, page);
    if (known !== undefined && composerPresent(known)) throw new Refused('composer-present');
    const room = roster.live(tickets.redeem(ticket, page));
    if (room.state !== 'draft') throw new Refused('used-ticket');
    if (!this.#unopened.delete(room.id)) return { room, release: () => undefined };
    const ticketMs = roster.leftMs(room.id);
    // The ticket's ten minutes are for opening it; writing may take as long as a note may live.
    roster.expireIn(room, room.limits.expiryMaxSeconds * 1000);
    return { room, release: () => this.#release(room, ticket, ticketMs) };
  }

  #release(room: Room, ticket: string, ticketMs: number): void {
    const { roster, tickets } = this.#deps;
    if (roster.find(room.id) === undefined) return;
    tickets.release(ticket);
    this.#unopened.add(room.id);
    roster.awaitNoMore(room.id);
    roster.expireIn(room, ticketMs);
  }
}
