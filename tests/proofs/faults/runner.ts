import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Fault, Outcome } from './fault.ts';
import { Stage } from './stage.ts';
import { now } from './watch.ts';

const LIMIT_MS = 90_000;
const CLEAR_MS = 20_000;

/** A fault and what came of it. */
export interface Played extends Outcome {
  fault: Fault;
}

/** Plays faults one by one, each on a stage of its own and in limited time. `tell` gets a line of progress at a time. */
export async function play(faults: readonly Fault[], tell: (text: string) => void): Promise<Played[]> {
  const played: Played[] = [];
  for (const fault of faults) {
    const began = now();
    tell(`${fault.name}: ${fault.fault}`);
    const outcome = await playOne(fault, (text) => tell(`  ${text}`));
    tell(`  ${outcome.ok ? 'ok' : 'NOT OK'} after ${seconds(now() - began)}: ${outcome.seen}`);
    played.push({ fault, ...outcome });
  }
  return played;
}

async function playOne(fault: Fault, tell: (text: string) => void): Promise<Outcome> {
  const stage = new Stage(tell);
  const { limitMs = LIMIT_MS } = fault;
  const over = new AbortController();
  const late = delay(limitMs, failed(`nothing came of it in ${seconds(limitMs)}`), { signal: over.signal });
  const run = fault.run(stage).catch((error: unknown) => failed(plain(error)));
  // The loser of the race may still fail when its browser is taken away.
  late.catch(() => undefined);
  const outcome = await Promise.race([run, late]);
  over.abort();
  const cleared = await Promise.race([stage.close(), delay(CLEAR_MS, ['clearing up took too long'], { ref: false })]);
  for (const failure of cleared) tell(`not cleared up: ${failure}`);
  return outcome;
}

function failed(seen: string): Outcome {
  return { seen, recoveredMs: null, ok: false };
}

function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return stripVTControlCharacters(text).split('\n').slice(0, 3).join(' ');
}

/** The table of a run, in Markdown. */
export function table(played: readonly Played[]): string {
  const rows = played.map(({ fault, seen, recoveredMs, ok }) => [
    `\`${fault.name}\`: ${fault.fault}`,
    fault.expected,
    seen,
    recoveredMs === null ? '–' : seconds(recoveredMs),
    ok ? 'yes' : '**no**',
  ]);
  const lines = [['fault', 'expected', 'seen', 'time to recover', 'ok'], Array<string>(5).fill('---'), ...rows];
  return `${lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}
