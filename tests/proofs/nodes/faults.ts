import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Hospital } from './hospital.ts';
import { type LiveNote, until } from './live-note.ts';

/** What happens to a hospital while notes are read in it. */
export interface NodeFault {
  readonly name: string;
  readonly fault: string;
  readonly expected: string;
  /** For how long a note may be hidden, in milliseconds. */
  readonly hiddenMs: number;
  /** How long after the beginning everything is as before. */
  readonly overMs: number;
  /** Makes it happen, and ends when the hospital is whole again; what a doctor or a patient does meanwhile is checked by it. */
  play(hospital: Hospital, notes: readonly LiveNote[]): Promise<void>;
}

/** The node that is hit. The notes are written at each node in turn, so this one has the first, the fourth and so on. */
const HIT = 0;
const NODES = 3;
const FROZEN_MS = 20_000;
const AWAY_MS = 60_000;
/** All notes of a node move at once, so how long that takes says how fast the machine is. */
const ROLLING_MS = 10_000;
/** Beyond what a heartbeat may be missing, pages take the server for gone and look for another one. */
const UNHEARD_MS = 10_000;

export const NODE_FAULTS: readonly NodeFault[] = [
  {
    name: 'none',
    fault: 'Nothing happens.',
    expected: 'No note is hidden.',
    hiddenMs: 0,
    overMs: 1_000,
    play: () => delay(1_000),
  },
  {
    name: 'drain',
    fault: 'A node is asked to stop (SIGTERM), and is started again.',
    expected: 'Its notes are hidden for 2 s at most.',
    hiddenMs: 2_000,
    overMs: 5_000,
    async play(hospital) {
      const { server } = hospital.node(HIT);
      await server.kill('SIGTERM');
      await server.start();
    },
  },
  {
    name: 'rolling',
    fault: 'Every node in turn is asked to stop (SIGTERM), is waited for until it is gone, and is started again.',
    expected: 'Every note goes to another node, also several times, and none is lost.',
    hiddenMs: ROLLING_MS,
    overMs: 15_000,
    async play({ nodes }, notes) {
      for (const { server } of nodes) {
        await server.kill('SIGTERM');
        await server.start();
        await until(() => notes.every(({ isRead }) => isRead), 'every note is read before the next node stops');
      }
    },
  },
  {
    name: 'kill',
    fault: 'A node is killed (SIGKILL), and started again 10 s later.',
    expected: 'Its notes are hidden for 5 s at most.',
    hiddenMs: 5_000,
    overMs: 15_000,
    async play(hospital) {
      const { server } = hospital.node(HIT);
      await server.kill('SIGKILL');
      await delay(10_000);
      await server.start();
    },
  },
  {
    name: 'freeze',
    fault: 'A node stands still for 20 s (SIGSTOP) and goes on.',
    expected: 'Its notes go to other nodes as soon as pages miss its heartbeat; when it wakes it lets go of them.',
    hiddenMs: UNHEARD_MS + 5_000,
    overMs: FROZEN_MS + 5_000,
    async play(hospital) {
      const { server } = hospital.node(HIT);
      process.kill(server.pid, 'SIGSTOP');
      await delay(FROZEN_MS);
      process.kill(server.pid, 'SIGCONT');
    },
  },
  {
    name: 'postgres-crash',
    fault: 'PostgreSQL crashes and recovers.',
    expected: 'No note is hidden.',
    hiddenMs: 0,
    overMs: 10_000,
    async play(hospital) {
      await hospital.crashPostgres();
      await until(() => begins(hospital), 'notes are begun again', RARELY);
    },
  },
  {
    name: 'postgres-away',
    fault: 'No node reaches PostgreSQL for a minute.',
    expected:
      'No note is hidden; a note that its doctor destroys is gone at once; new ones are refused, and begun again by themselves.',
    hiddenMs: 0,
    overMs: AWAY_MS + 10_000,
    async play(hospital, notes) {
      for (const { cable } of hospital.nodes) cable.pull();
      await until(async () => !(await begins(hospital)), 'new notes are refused', RARELY);
      await destroyFirst(notes);
      await delay(AWAY_MS - 5_000);
      for (const { cable } of hospital.nodes) cable.putBack();
      await until(() => begins(hospital), 'notes are begun again', RARELY);
    },
  },
  {
    name: 'cut-off',
    fault: 'One node does not reach PostgreSQL for a minute; people reach it.',
    expected:
      'No note is hidden; a note that its doctor destroys, or revokes in the chat at another node, is gone at once.',
    hiddenMs: 0,
    overMs: AWAY_MS + 10_000,
    async play(hospital, notes) {
      const { cable } = hospital.node(HIT);
      cable.pull();
      await delay(6_000);
      await destroyFirst(notes);
      await revokeAt(hospital, HIT + 1, notes[NODES]);
      await delay(AWAY_MS - 6_000);
      cable.putBack();
      await delay(2_000);
    },
  },
];

/** Each question begins three notes. */
const RARELY = { pollMs: 500 };
/** At once is within a second; the machine may be busy with all the others. */
const AT_ONCE_MS = 1_500;

/** The doctor destroys the first note, whichever node has it. */
async function destroyFirst([first]: readonly LiveNote[]): Promise<void> {
  const ms = await first?.destroy();
  if (ms === undefined || ms > AT_ONCE_MS) throw new Error(`a destroyed note was gone after ${ms} ms`);
}

/** The doctor revokes a note in the chat, which another node hears. */
async function revokeAt(hospital: Hospital, index: number, note: LiveNote | undefined): Promise<void> {
  const from = performance.now();
  const command = `/glir revoke ${note?.roomId.slice(0, 8)}`;
  const answer = await answerOf(hospital.node(index).server.port, hospital.url, command);
  await until(() => note?.goneBecause === 'revoked', `the revoked note is gone (${answer})`);
  const ms = performance.now() - from;
  if (ms > 2 * AT_ONCE_MS) throw new Error(`a revoked note was gone after ${ms} ms`);
}

/** Whether every node begins new notes. */
async function begins({ nodes, url }: Hospital): Promise<boolean> {
  const answers = await Promise.all(nodes.map(({ server }) => answerOf(server.port, url).catch(() => '')));
  return answers.every((answer) => answer.includes('"compose"'));
}

/** What a node answers to a command, asked as if by the balancer. */
async function answerOf(port: number, url: string, command = '/glir'): Promise<string> {
  const headers = { 'content-type': 'application/json', origin: url, host: new URL(url).host };
  const signal = AbortSignal.timeout(5_000);
  const asked = request({ host: '127.0.0.1', port, path: '/local/command', method: 'POST', headers, signal });
  asked.end(JSON.stringify({ text: command }));
  const [response] = await once(asked, 'response');
  return (await response.toArray()).join('');
}
