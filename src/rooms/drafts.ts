import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { Refused } from '../protocol/errors.ts';
import { ROOM_ID_BYTES } from '../protocol/link.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import { limitsWithin, within } from './policy.ts';
import type { Doctor, Room } from './room.ts';
import type { Registry } from './room-persistence.ts';
import type { RoomStore } from './room-store.ts';
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
  store: RoomStore;
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
    deps.store.onEvent(({ kind, room }) => kind === 'ended' && this.#unopened.delete(room.id), true);
  }

  /** Drafts that no tab could bring back after a restart. */
  get unopened(): Room[] {
    return this.#deps.store.all().filter(({ id }) => this.#unopened.has(id));
  }

  /** See `Rooms.draft`. */
  begin(
    doctor: Doctor,
    choice: Partial<Policy>,
    limits: Partial<PolicyLimits>,
    phone: string | null,
  ): { room: Room; ticket: string; ticketUntil: number } {
    const { clock, registry, store, tickets, defaults, mayDraft } = this.#deps;
    registry.check();
    const own = limitsWithin(defaults.expiryMaxSeconds, limits);
    const id = toBase64Url(randomBytes(ROOM_ID_BYTES));
    const { ticket, until } = tickets.issue(id);
    const room: Room = {
      id,
      doctor,
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
    store.add(room, until - clock.now());
    this.#unopened.add(id);
    store.tell({ kind: 'drafted', room });
    return { room, ticket, ticketUntil: until };
  }

  /** See `Rooms.redeem`. */
  open(
    ticket: string,
    composerPresent: (roomId: string) => boolean,
    page: string | undefined,
  ): { room: Room; release: () => void } {
    const { store, tickets } = this.#deps;
    const known = tickets.roomOf(ticket, page);
    if (known !== undefined && composerPresent(known)) throw new Refused('composer-present');
    const room = store.live(tickets.redeem(ticket, page));
    if (room.state !== 'draft') throw new Refused('used-ticket');
    if (!this.#unopened.delete(room.id)) return { room, release: () => undefined };
    const ticketMs = store.leftMs(room.id);
    // The ticket's ten minutes are for opening it; writing may take as long as a note may live.
    store.expireIn(room, room.limits.expiryMaxSeconds * 1000);
    return { room, release: () => this.#release(room, ticket, ticketMs) };
  }

  #release(room: Room, ticket: string, ticketMs: number): void {
    const { store, tickets } = this.#deps;
    if (store.find(room.id) === undefined) return;
    tickets.release(ticket);
    this.#unopened.add(room.id);
    store.awaitNoMore(room.id);
    store.expireIn(room, ticketMs);
  }
}
