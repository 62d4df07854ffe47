import type { Machine } from '../../../support/network/network.ts';
import { run } from '../../../support/network/network.ts';
import type { Fault, Outcome } from '../fault.ts';
import type { Stage } from '../stage.ts';
import { NOTE } from '../stage.ts';
import { now } from '../watch.ts';
import { corrects, machines, revokes, seated } from './scene.ts';

/** A first-aid mobile line: 4 kB a second. Its queue holds at most one second. */
const LINE = ['rate', '32kbit', 'burst', '1600', 'latency', '1s'];
const LONG = `${NOTE}\n${'Paracetamol 500 mg: 1 tablet when in pain. '.repeat(230)}`;
const WORDS = ['one', 'two', 'three', 'four', 'five'];
const PAGE_MS = 90_000;

async function narrow(machine: Machine): Promise<void> {
  const { inner, outer } = machine.line;
  await run('tc', 'qdisc', 'add', 'dev', outer, 'root', 'tbf', ...LINE);
  await machine.run('tc', 'qdisc', 'add', 'dev', inner, 'root', 'tbf', ...LINE);
}

async function play(stage: Stage): Promise<Outcome> {
  const built = await machines(stage);
  const far = await built.network.machine('far');
  await narrow(far);
  const server = await stage.server({ place: built.at.server });
  const scene = await seated(stage, built, server);
  const { doctor, patient } = scene;
  const slow = await stage.patient({ place: far, server: built.at.server });
  const link = await doctor.doctor.shares(LONG, { admission: 'link' });
  await stage.follows(patient, doctor, link, { admission: 'link' });
  const before = await median(WORDS, (word) => corrects(scene, `alone-${word}`));

  slow.patient.page.setDefaultTimeout(PAGE_MS);
  slow.patient.page.setDefaultNavigationTimeout(PAGE_MS);
  const followed = now();
  await slow.patient.follows(link);
  await slow.patient.opens();
  const shown = await slow.watch.appears(followed, PAGE_MS);
  const beside = await median(WORDS, (word) => corrects(scene, `beside-${word}`));
  const corrected = now();
  await slow.patient.note.getByText('beside-five').waitFor({ timeout: 60_000 });
  const latest = now();

  // A version is on its way to the slow reader, and its line is full.
  await corrects(scene, 'last');
  const revoking = await revokes(scene);
  const [fastWiped, slowWiped] = await Promise.all([
    patient.watch.vanishes(revoking, 10_000),
    slow.watch.vanishes(revoking, 20_000),
  ]);
  const took = slowWiped === null ? null : slowWiped - revoking;
  return {
    seen: `the slow one read a ${Math.round(LONG.length / 1000)} kB note ${secondsOf(followed, shown)} after the link and the last of five corrections ${secondsOf(corrected, latest)} after the fast one; corrections for the fast one took ${Math.round(beside)} ms beside it, ${Math.round(before)} ms without; revoke to wiped ${secondsOf(revoking, fastWiped)} and ${secondsOf(revoking, slowWiped)}`,
    recoveredMs: took,
    ok:
      shown !== null &&
      beside < before + 250 &&
      fastWiped !== null &&
      fastWiped - revoking <= 1_000 &&
      took !== null &&
      took <= 2_000,
  };
}

async function median(words: readonly string[], measure: (word: string) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (const word of words) times.push(await measure(word));
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function secondsOf(since: number, moment: number | null): string {
  return moment === null ? 'never' : `${((moment - since) / 1000).toFixed(1)} s`;
}

export const SLOW_READERS: readonly Fault[] = [
  {
    name: 'slow-reader',
    fault: 'One reader has a line of 32 kbit/s, another one a fast line; the note is long and is corrected.',
    expected:
      'The slow one gets the note and the latest correction; the fast one is not slowed; revoke wipes the fast page within 1 s and the slow one as soon as its line lets it through (1 s of queue).',
    limitMs: 240_000,
    run: play,
  },
];
