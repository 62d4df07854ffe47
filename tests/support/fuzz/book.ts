import { Knowledge } from './knowledge.ts';
import type { Attacker } from './socket.ts';
import type { Witness } from './witness.ts';

/** A reader as its own socket was told of it. */
interface Joined {
  readonly socket: number;
  readonly roomId: string;
  readonly readerId: string;
  readonly admission: string;
}

/** What was said and heard on all sockets of a fuzz, and what of it must not be. */
export class Book {
  readonly knowledge = new Knowledge();
  readonly wrong: string[] = [];
  readonly answers = { reply: 0, refused: 0 };
  readonly refusals: Record<string, number> = {};
  readonly #composers = new Map<string, Set<number>>();
  readonly #roomOfRouter = new Map<string, string>();
  readonly #readers = new Map<string, Joined>();
  readonly #linkRooms = new Set<string>();
  readonly #knocks = new Set<number>();
  /** Reader ids that a composer's socket asked to admit. */
  readonly #admits = new Map<string, Set<number>>();
  /** Rooms that are none of the attackers' business, with their admission by the doctor. */
  readonly #wards = new Set<string>();
  readonly #witness: Witness;
  /** Streams that flowed, told apart from those that nobody could be asked about. */
  flowsSeen = 0;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  /** A room whose doctor and patient are real: its id is known to everybody, its secrets to nobody. */
  ward(roomId: string, readerId: string): void {
    this.#wards.add(roomId);
    this.knowledge.add({ roomId, ticket: null, ownerToken: null, joinKey: 'w'.repeat(43), readerIds: [readerId] });
  }

  sent(by: Attacker, said: Record<string, unknown>): void {
    if (said['t'] === 'knock') this.#knocks.add(by.number);
    if (said['t'] === 'admit' && typeof said['readerId'] === 'string') {
      this.#admits.set(said['readerId'], (this.#admits.get(said['readerId']) ?? new Set()).add(by.number));
    }
    const policy = said['policy'];
    const isLink =
      typeof policy === 'object' && policy !== null && 'admission' in policy && policy.admission === 'link';
    if (said['t'] === 'share' && by.roomId !== null && isLink) this.#linkRooms.add(by.roomId);
  }

  composed(by: Attacker, t: string, roomId: string, transportId: string): void {
    if (this.#wards.has(roomId)) this.wrong.push(`an attacker composes somebody else's room by "${t}"`);
    this.#composers.set(roomId, (this.#composers.get(roomId) ?? new Set()).add(by.number));
    const router = this.#witness.routerOf.get(transportId);
    if (router !== undefined) this.#roomOfRouter.set(router, roomId);
  }

  joined(by: Attacker, readerId: string, channelId: string, admission: string): void {
    const roomId = by.roomId ?? '';
    if (this.#wards.has(roomId)) this.wrong.push("an attacker joined somebody else's room");
    this.#readers.set(channelId, { socket: by.number, roomId, readerId, admission });
    this.knowledge.reader(roomId, readerId);
  }

  ownerToken(roomId: string, token: string): void {
    const loot = this.knowledge.of(roomId);
    if (loot !== undefined) loot.ownerToken = token;
  }

  /** Boxes of the real doctor and patient are none that an attacker may see. */
  told(_by: Attacker, ciphertext: string): void {
    if (ciphertext.length > 1_000) this.wrong.push('an attacker was told a sealed box that no attacker sent');
  }

  /** Every stream that flowed so far was let flow by its room's doctor, or by the tap where the link is enough. */
  checkFlows(): void {
    for (const { consumerId, routerId } of this.#witness.flows.splice(0)) {
      this.flowsSeen += 1;
      const reader = this.#readers.get(consumerId);
      if (reader !== undefined) this.#checkFlow(reader);
      else this.#checkUnheard(this.#roomOfRouter.get(routerId));
    }
    for (const [channelId] of [...this.#readers].slice(0, -2_000)) this.#readers.delete(channelId);
  }

  #checkFlow({ roomId, readerId, socket, admission }: Joined): void {
    const composers = this.#composers.get(roomId) ?? new Set();
    const isAdmitted = [...(this.#admits.get(readerId) ?? [])].some((by) => composers.has(by));
    if (!this.#knocks.has(socket)) this.wrong.push('a stream flows to a reader who never knocked');
    if (!isAdmitted && admission !== 'link') this.wrong.push('a stream flows to a reader whom nobody admitted');
  }

  /** Its socket closed before it heard of its channel, so that no doctor heard its id either. */
  #checkUnheard(roomId: string | undefined): void {
    if (roomId === undefined || this.#linkRooms.has(roomId)) return;
    this.wrong.push('a stream flows to a reader who had gone, in a room where the link is not enough');
  }
}
