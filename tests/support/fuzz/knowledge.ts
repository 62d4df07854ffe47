import { createHash } from 'node:crypto';

/** What attackers know of a room. Whatever one of them hears, all of them use. */
export interface Loot {
  roomId: string;
  ticket: string | null;
  ownerToken: string | null;
  joinKey: string;
  readerIds: string[];
}

const KEPT = 40;
const MANY = 12;

/** A join key for a room, the same in every run of a seed. */
export function joinKeyOf(seed: number, number: number): string {
  return createHash('sha256').update(`${seed} ${number}`).digest('base64url');
}

/** What can be put into a message in the place of something made up. Old rooms are forgotten, some ended ones kept. */
export class Knowledge {
  readonly #rooms: Loot[] = [];

  add(loot: Loot): void {
    this.#rooms.push(loot);
    if (this.#rooms.length > KEPT) this.#rooms.splice(KEPT / 2, 1);
  }

  room(pick: number): Loot | undefined {
    return this.#rooms.at(-1 - (pick % Math.max(1, Math.min(this.#rooms.length, pick % 3 === 0 ? KEPT : 6))));
  }

  of(roomId: string | null): Loot | undefined {
    return this.#rooms.find((loot) => loot.roomId === roomId);
  }

  reader(roomId: string, readerId: string): void {
    const loot = this.of(roomId);
    if (loot !== undefined && !loot.readerIds.includes(readerId)) loot.readerIds.unshift(readerId);
    loot?.readerIds.splice(MANY);
  }

  /** Replaces what is made up by what is known; mostly of the socket's own room, else of any other. */
  fill(said: Record<string, unknown>, own: string | null, picks: readonly number[]): Record<string, unknown> {
    const [which = 0, keep = 0, deep = 0] = picks;
    const loot = (which % 4 === 0 ? undefined : this.of(own)) ?? this.room(which);
    if (loot === undefined || keep % 5 === 0) return said;
    const known: Record<string, unknown> = {
      version: 1,
      roomId: loot.roomId,
      joinKey: loot.joinKey,
      ticket: loot.ticket,
      ownerToken: loot.ownerToken,
      readerId: loot.readerIds[deep % Math.max(1, loot.readerIds.length)],
      joinHash: createHash('sha256').update(Buffer.from(loot.joinKey, 'base64url')).digest('base64url'),
    };
    const filled = Object.entries(said).map(([name, value], at) => {
      const better = known[name];
      return better == null || ((picks[3 + (at % 5)] ?? 0) + at) % 9 === 0 ? [name, value] : [name, better];
    });
    return Object.fromEntries(filled);
  }
}
