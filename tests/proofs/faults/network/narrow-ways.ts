import { run } from '../../../support/network/network.ts';
import type { Fault, Outcome } from '../fault.ts';
import { NOTE, type Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { corrects, machines, revokes, type Scene, seated } from './scene.ts';

const MTU = '1280';
const LONG = `${NOTE}\n${'Paracetamol 500 mg: 1 tablet when in pain. '.repeat(1400)}`;

/** The whole life of a note over lines that let less through; `narrow` comes before anybody connects. */
async function play(
  stage: Stage,
  note: string,
  narrow: (scene: Pick<Scene, 'network' | 'at' | 'server'>) => Promise<unknown>,
): Promise<Outcome> {
  const built = await machines(stage);
  const server = await stage.server({ place: built.at.server });
  await narrow({ ...built, server });
  const scene = await seated(stage, built, server);
  const { doctor, patient } = scene;
  const link = await doctor.doctor.shares(note, { admission: 'link' });
  await patient.patient.follows(link);
  const tapped = now();
  await patient.patient.opens();
  const shown = await patient.watch.appears(tapped, 30_000);
  const corrected = await corrects(scene, 'noon');
  const revoking = await revokes(scene);
  const wiped = await patient.watch.vanishes(revoking, 10_000);
  return {
    seen: `tap to note ${ms(tapped, shown)}, correction ${Math.round(corrected)} ms, revoke to wiped ${ms(revoking, wiped)}`,
    recoveredMs: shown === null ? null : shown - tapped,
    ok: shown !== null && shown - tapped < 5_000 && corrected < 5_000 && wiped !== null && wiped - revoking <= 1_000,
  };
}

function ms(since: number, moment: number | null): string {
  return moment === null ? 'never' : `${Math.round(moment - since)} ms`;
}

export const NARROW_WAYS: readonly Fault[] = [
  {
    name: 'udp-blocked',
    fault: 'A firewall lets no UDP through, from the start.',
    expected: 'The data channels take TCP: the note is read within 5 s of the tap, corrected and revoked as ever.',
    run: (stage) => play(stage, NOTE, ({ network }) => network.forbid('meta l4proto udp drop')),
  },
  {
    name: 'tcp-blocked',
    fault: "A firewall lets no TCP to the data channels' port, from the start.",
    expected: 'The data channels take UDP: the note is read within 5 s of the tap, corrected and revoked as ever.',
    run: (stage) => play(stage, NOTE, ({ network, server }) => network.forbid(`tcp dport ${server.rtcPort} drop`)),
  },
  {
    name: 'small-mtu',
    fault: `Lines of doctor and patient carry ${MTU} bytes at a time, and larger datagrams vanish without a word.`,
    expected: 'A note of 60 kB is read within 5 s of the tap, corrected and revoked as ever.',
    run: (stage) =>
      play(stage, LONG, async ({ network, at }) => {
        for (const machine of [at.doctor, at.patient]) {
          await run('ip', 'link', 'set', machine.line.outer, 'mtu', MTU);
          await machine.run('ip', 'link', 'set', machine.line.inner, 'mtu', MTU);
        }
        await network.forbid(`meta l4proto udp meta length > ${MTU} drop`);
      }),
  },
];
