import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Outcome } from '../fault.ts';
import { within } from '../fault.ts';
import type { Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { readAgain } from './cuts.ts';
import { after, readingScene, revokes, SIDES, type Side } from './scene.ts';

const BACK_MS = 5_000;
/** The page gives a silent socket up after 8 s, the server after 9 to 12. */
const SETTLED_MS = 13_000;

/** The old network is gone in the moment the new one is there. */
async function play(stage: Stage, side: Side): Promise<Outcome> {
  // With one place alone nobody gets in beside a connection that only the server still believes in.
  const scene = await readingScene(stage, { settings: { GLIR_READERS_DEFAULT: '1' } });
  const { network, at, doctor, patient } = scene;
  const mobile = await network.line(at[side]);
  const before = at[side].address;
  const began = now();
  await at[side].use(mobile);
  const changed = now();
  const text = await doctor.doctor.note.inputValue();
  await doctor.doctor.note.fill(`${text}, at noon`);
  const took = await readAgain(scene, 'at noon', changed);
  // The old address's sockets are given up by now, by whoever has noticed.
  await delay(changed + SETTLED_MS - now());
  const hidden = await patient.watch.vanishes(began, 0);
  const back = hidden === null ? null : await patient.watch.appears(hidden, 5_000);
  const still = hidden === null || (back !== null && back - changed <= BACK_MS);
  const revoked = await revokes(scene);
  const wiped = await patient.watch.vanishes(revoked, 5_000);
  const hiding = hidden === null ? 'never hidden' : `hidden ${after(changed, hidden)}, back ${after(changed, back)}`;
  const recovered = took === null || back === null ? took : Math.max(took, back - changed);
  return {
    seen: `${before} became ${mobile.address}; a correction read ${after(0, took)}; ${hiding}; revoked later, wiped ${after(revoked, wiped)}`,
    recoveredMs: recovered,
    ok: within(BACK_MS, took) && still && wiped !== null && wiped - revoked <= 1_000,
  };
}

export const ADDRESS_CHANGES: readonly Fault[] = SIDES.map((side) => ({
  name: `address-change-${side}`,
  fault: `The ${side} goes from Wi-Fi to mobile data while the patient reads: another address, another route.`,
  expected:
    "Everything goes on by itself within 5 s, without a new tap, PIN or question; the doctor's correction arrives.",
  run: (stage) => play(stage, side),
}));
