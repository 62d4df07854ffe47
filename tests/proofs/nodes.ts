/**
 * `npm run proof:nodes [-- NOTES [name...]]`: three nodes on one PostgreSQL behind a balancer, 42 notes for each fault (about
 * 300 in all) unless said otherwise. Prints what was done, promised and seen as a Markdown table on stdout; progress goes to
 * stderr. Ends with 1 when a note was lost that its doctor's page still held, was on two nodes, or ended for a wrong reason.
 */
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { actAsBrowser } from '../bench/wrtc.ts';
import { NODE_FAULTS, type NodeFault } from './nodes/faults.ts';
import { Hospital } from './nodes/hospital.ts';
import { LiveNote, until } from './nodes/live-note.ts';

const NODES = 3;
/** Notes that are read at the same time: more than this is a question of how fast the machine is. */
const NOTES = 42;

interface Played {
  readonly fault: NodeFault;
  readonly notes: number;
  readonly problems: readonly string[];
  readonly hiddenMs: number;
  readonly wipedMs: number;
  readonly moved: number;
}

const [count = String(NOTES), ...names] = process.argv.slice(2);
const known = NODE_FAULTS.map(({ name }) => name);
if (!(Number(count) > 0) || names.some((name) => !known.includes(name))) {
  process.stderr.write(`Use: npm run proof:nodes [-- NOTES [name...]]\nNames: ${known.join(', ')}\n`);
  process.exit(2);
}
const hospital = await Hospital.start(NODES);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void hospital.stop().then(() => process.exit(1)));
}
actAsBrowser(hospital.url);
const played: Played[] = [];
try {
  for (const fault of NODE_FAULTS) {
    if (names.length > 0 && !names.includes(fault.name)) continue;
    process.stderr.write(`${fault.name} …\n`);
    played.push(await play(fault, Number(count)));
    process.stderr.write(`${fault.name}: ${played.at(-1)?.problems.join('; ') || 'as promised'}\n`);
  }
} finally {
  await hospital.stop();
}
process.stdout.write(table(played));
process.exit(played.every(({ problems }) => problems.length === 0) ? 0 : 1);

async function play(fault: NodeFault, total: number): Promise<Played> {
  const notes: LiveNote[] = [];
  for (let number = 0; number < total; number++) {
    // Every pair of nodes.
    notes.push(await LiveNote.open(hospital, number, number % NODES, Math.floor(number / NODES) % NODES));
  }
  const problems: string[] = [];
  const from = performance.now();
  const movedBefore = hospital.count('room-recovered');
  try {
    await fault.play(hospital, notes);
  } catch (error) {
    problems.push(String(error));
  }
  const left = notes.filter(({ goneBecause }) => goneBecause !== 'revoked');
  await delay(Math.max(0, fault.overMs - (performance.now() - from)));
  await until(() => left.every(({ isRead }) => isRead), 'every note is read again').catch(() => undefined);
  const hiddenMs = Math.max(...left.map((note) => note.longestHiddenSince(from)));
  for (const note of left) {
    if (!note.isRead) problems.push(`a note is not read (${note.goneBecause}): ${note.story(from)}`);
    else if (note.longestHiddenSince(from) > fault.hiddenMs) problems.push(`hidden for too long: ${note.story(from)}`);
  }
  problems.push(...hostedTwice(left));
  const wipedMs = await destroyAll(left, problems);
  await delay(500);
  problems.push(...(await wrongTombstones(notes)));
  for (const note of notes) note.leave();
  const moved = hospital.count('room-recovered') - movedBefore;
  return { fault, notes: total, problems, hiddenMs, wipedMs, moved };
}

/** The doctors destroy their notes; gives the longest time that one was still on a patient's screen. */
async function destroyAll(notes: readonly LiveNote[], problems: string[]): Promise<number> {
  let longest = 0;
  for (const note of notes.filter(({ isRead }) => isRead)) {
    longest = Math.max(longest, await note.destroy());
    if (note.goneBecause !== 'revoked') problems.push(`a destroyed note is gone because of "${note.goneBecause}"`);
  }
  return longest;
}

/** Rooms whose row and whose nodes say different things: each has one host, and only one node has let it in last. */
function hostedTwice(notes: readonly LiveNote[]): string[] {
  const problems: string[] = [];
  for (const { roomId } of notes) {
    const tag = roomId.slice(0, 8);
    const hosts = hospital.nodes.filter(({ server }) => isHost(server.log.join(''), tag));
    if (hosts.length !== 1) problems.push(`${hosts.length} nodes host ${tag}`);
  }
  return problems;
}

/** Whether a node's log says that it has a room: begun or brought there, and not moved, not ended, and not a life ago. */
function isHost(log: string, tag: string): boolean {
  const life = log.slice(log.lastIndexOf('"event":"ready"') < 0 ? 0 : lastStart(log));
  const lines = life.split('\n').filter((line) => line.includes(`"room":"${tag}"`));
  const last = lines.findLast((line) => /"event":"room-(drafted|recovered|moved|ended)"/.test(line));
  return last !== undefined && /room-(drafted|recovered)/.test(last);
}

/** Where the log of the present life of a node begins. */
function lastStart(log: string): number {
  return log.lastIndexOf('"event":"ready"');
}

async function wrongTombstones(notes: readonly LiveNote[]): Promise<string[]> {
  const rows = await hospital.query(
    `SELECT reason, count(*)::int AS count FROM tombstones WHERE join_hash IS NOT NULL GROUP BY reason`,
  );
  const others = rows.filter(({ reason }) => reason !== 'revoked' && reason !== 'expired');
  const live = await hospital.query('SELECT count(*)::int AS count FROM rooms WHERE join_hash IS NOT NULL');
  const problems = others.map(({ reason, count: many }) => `${String(many)} notes ended as ${String(reason)}`);
  const left = Number(live[0]?.['count']);
  if (left > 0) problems.push(`${left} of ${notes.length} destroyed notes still have a row`);
  return problems;
}

function table(all: readonly Played[]): string {
  const lines = all.map(({ fault, notes, problems, hiddenMs, wipedMs, moved }) => {
    const seen = problems.length === 0 ? 'as promised' : problems.slice(0, 3).join('; ');
    const times = `hidden ${Math.round(hiddenMs)} ms at most, wiped in ${Math.round(wipedMs)} ms at most`;
    return `| ${fault.fault} | ${fault.expected} | ${notes} notes, ${moved} moved: ${seen} | ${times} |`;
  });
  return ['| fault | promised | seen | time |', '|---|---|---|---|', ...lines, ''].join('\n');
}
