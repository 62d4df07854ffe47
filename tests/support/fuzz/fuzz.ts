import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Glir } from '../server/glir.ts';
import { attacker } from './attacker.ts';
import { Book } from './book.ts';
import { journey, type Ward, ward } from './journey.ts';
import { joinKeyOf } from './knowledge.ts';
import { type Move, movesOf } from './moves.ts';
import type { Attacker } from './socket.ts';
import type { Witness } from './witness.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes of this process's heap that are in use, after everything that can go has gone. */
function heapBytes(): number {
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes of memory that this process's mediasoup workers hold at this moment; 0 where that cannot be read. */
function workerBytes(): number {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
    return children.map(residentBytes).reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return 0;
  }
}

function residentBytes(pid: string): number {
  if (!readdirSync(`/proc/${pid}`).includes('status')) return 0;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  if (!/^Name:\tmediasoup/m.test(status)) return 0;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

const SOCKETS = 24;
/** A socket that talks more than this is closed for it, which is tried often enough. */
const TALK_MAX = 130;
const WAITING_MAX = 200;
const STEP_MS = 400;
const OWN_IDS = 1_000_000_000;
const SOON_MS = 20_000;

/** What came of a fuzz; `wrong` is empty when everything held. */
export interface Fuzzed {
  messages: number;
  sockets: number;
  journeys: number;
  replies: number;
  refusals: Record<string, number>;
  flows: number;
  rooms: number;
  heapMb: number[];
  workerMb: number[];
  leftOver: { routers: number; transports: number; rooms: number };
  wrong: string[];
}

/** Limits of `startGlir` that let one address be a crowd. */
export const CROWD = Object.fromEntries(
  ['REQUESTS', 'SOCKETS', 'ENTRIES', 'WRONG_TRIES', 'USER_NOTES', 'USER_ROOMS', 'TENANT_NOTES', 'TENANT_ROOMS'].map(
    (name) => [`GLIR_LIMIT_${name}`, '1000000'],
  ),
);

/**
 * Says `messages` things on many sockets of a running server, all decided by `seed`, while real doctors and patients use
 * it: `journeys` times in between, and one note that is open all the time. `watched` has to see the server from its start.
 */
export async function fuzz(
  glir: Glir,
  watched: Witness,
  {
    messages,
    seed,
    journeys,
    tell,
  }: { messages: number; seed: number; journeys: number; tell?: (line: string) => void },
): Promise<Fuzzed> {
  const book = new Book(watched);
  const fault = (error: unknown): void => void book.wrong.push(`the process would have died: ${String(error)}`);
  process.on('unhandledRejection', fault).on('uncaughtException', fault);
  watched.watch(glir.app.rooms);
  const seats: (Attacker | null)[] = Array.from({ length: SOCKETS }, () => null);
  const result = { messages: 0, sockets: 0, journeys: 0, heapMb: [] as number[], workerMb: [] as number[] };
  const standing: Ward = await ward(glir.url, book);

  async function seat(pick: number): Promise<Attacker | null> {
    const at = pick % SOCKETS;
    const there = seats[at];
    if (there?.isOpen() === true && there.sent < TALK_MAX) return there;
    there?.end(pick % 2 === 0 ? 'cut' : 'close');
    result.sockets += 1;
    const made = await attacker(glir.url, result.sockets, book);
    seats[at] = made;
    return made;
  }

  async function draft(): Promise<void> {
    const number = watched.live() + watched.ended();
    const doctor = { platform: 'local', tenant: 'local', user: `u${number}`, displayName: 'Dr' } as const;
    const { room, ticket } = await glir.app.rooms.draft(doctor);
    book.knowledge.add({ roomId: room.id, ticket, ownerToken: null, joinKey: joinKeyOf(seed, number), readerIds: [] });
  }

  async function make({ kind, picks, ...move }: Move): Promise<void> {
    const [which = 0] = picks;
    if (kind === 'go' && 'how' in move && move.how === 'draft') return draft();
    const who = await seat(which);
    if (who === null) return;
    result.messages += 1;
    if (kind === 'go' && 'how' in move) return who.end(move.how === 'draft' ? 'close' : move.how);
    if ('data' in move) return who.say(move.data);
    if ('said' in move) say(who, move.said, picks);
  }

  function say(who: Attacker, made: Record<string, unknown>, picks: number[]): void {
    const said = book.knowledge.fill(steered(who, made, picks), who.roomId, picks);
    const { t } = said;
    // Ids are the socket's own count, far from those that are made up, so that each answer has one request.
    const isAsked = Number.isSafeInteger(said['id']) && Number(said['id']) > 0;
    const id = isAsked ? OWN_IDS + who.sent : undefined;
    const sent = id === undefined ? said : { ...said, id };
    if (t === 'join' && typeof said['roomId'] === 'string' && who.role === null) who.roomId = said['roomId'];
    book.sent(who, said);
    who.say(JSON.stringify(sent), id === undefined ? undefined : { id, t: typeof t === 'string' ? t : '', said });
  }

  async function settle(most: number): Promise<void> {
    const until = performance.now() + SOON_MS;
    const waiting = () => seats.reduce((sum, one) => sum + (one?.waiting() ?? 0), 0);
    for (let turn = 0; waiting() > most; turn++) {
      await delay(2);
      // A join waits for an offer as long as the clock says.
      if (turn % 5 === 4) glir.clock.advance(STEP_MS);
      if (performance.now() > until) return void book.wrong.push(`${waiting()} requests were never answered`);
    }
  }

  function readLog(): void {
    for (const line of glir.log.splice(0)) {
      if (/"level":(50|60)|fault/.test(line)) book.wrong.push(`logged: ${line.trim().slice(0, 600)}`);
    }
  }

  async function look(): Promise<void> {
    readLog();
    book.checkFlows();
    await standing.stillWell();
    await journey(glir.url, book);
    result.journeys += 1;
    result.heapMb.push(heapBytes() / 2 ** 20);
    result.workerMb.push(workerBytes() / 2 ** 20);
    tell?.(
      `${result.messages} messages, ${result.sockets} sockets, ${watched.live()} rooms, wrong: ${book.wrong.join(' | ')}`,
    );
  }

  try {
    await run();
  } catch (error) {
    book.wrong.push(
      `stopped after ${result.messages} messages: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  for (const one of seats) one?.end('close');
  standing.close();
  const left = await emptied(glir, watched);
  book.wrong.push(...watched.wrong);
  readLog();
  process.off('unhandledRejection', fault).off('uncaughtException', fault);
  if (left.routers + left.transports + left.rooms > 0) book.wrong.push(`left over: ${JSON.stringify(left)}`);
  return {
    ...result,
    replies: book.answers.reply,
    refusals: book.refusals,
    flows: book.flowsSeen,
    rooms: watched.ended(),
    leftOver: left,
    wrong: book.wrong,
  };

  async function breathe(): Promise<void> {
    if (result.messages % 8 === 0) await setImmediate();
    if (result.messages % 64 === 0) await settle(WAITING_MAX);
    if (result.messages % 256 === 0) glir.clock.advance(STEP_MS);
  }

  async function run(): Promise<void> {
    const every = Math.max(1, Math.floor(messages / journeys));
    const moves = movesOf(seed);
    for (let number = 0; number < 6; number++) await draft();
    for (let next = every; result.messages < messages && book.wrong.length < 20; ) {
      await make(moves.next().value as Move);
      await breathe();
      if (result.messages < next) continue;
      next += every;
      await look();
    }
    await settle(0);
    for (const one of seats) one?.end('close');
    await look();
  }
}

/** Half of the time something that fits the socket's part, so that rooms come far. */
function steered(who: Attacker, made: Record<string, unknown>, picks: readonly number[]): Record<string, unknown> {
  const [, , , , , , , how = 0] = picks;
  if (how % 2 === 0) return made;
  const [id, version, key] = [1, 1, 'k'.repeat(43)];
  const parts = {
    stranger: [
      { t: 'compose', id, version, ticket: key },
      { t: 'join', id, version, roomId: key.slice(0, 22), joinKey: key },
      { t: 'join', id, version, roomId: key.slice(0, 22), joinKey: key },
    ],
    composer: [
      {
        t: 'share',
        id,
        joinHash: key,
        policy: { expirySeconds: 600, admission: how % 5 === 0 ? 'link' : 'ask', maxReaders: 3, showName: true },
      },
      {
        t: 'prekey',
        id,
        sctp: { streamId: who.sent },
        prekey: { pkD: 'p'.repeat(87), nonce: 'n'.repeat(22), commit: key },
      },
      {
        t: 'prekey',
        id,
        sctp: { streamId: who.sent },
        prekey: { pkD: 'p'.repeat(87), nonce: 'n'.repeat(22), commit: key },
      },
      { t: 'admit', id, readerId: key.slice(0, 22) },
    ],
    reader: [
      { t: 'knock', id, enc: 'e'.repeat(87), ciphertext: 'b' },
      { t: 'sealed', ciphertext: 'b' },
    ],
  }[who.role ?? 'stranger'];
  return parts[Math.floor(how / 2) % parts.length] ?? made;
}

/** Waits until nobody is there any more, and gives what is left then. */
async function emptied(glir: Glir, watched: Witness): Promise<Fuzzed['leftOver']> {
  const until = performance.now() + SOON_MS;
  for (;;) {
    glir.clock.advance(60_000);
    await delay(20);
    const left = { ...((await glir.app.workers()?.dump()) ?? { routers: 0, transports: 0 }), rooms: watched.live() };
    if (left.routers + left.transports + left.rooms === 0 || performance.now() > until) return left;
  }
}
