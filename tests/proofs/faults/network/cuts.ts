import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Outcome } from '../fault.ts';
import { within } from '../fault.ts';
import type { Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { after, between, forbid, readingScene, type Scene, SIDES, type Side } from './scene.ts';

const BACK_MS = 5_000;
/** The page hides the note when it has heard nothing for 8 s; the server's beats come every 3 s. */
const HIDE_MS = 8_500;
/** The server gives a socket up with its third unanswered beat. */
const NOTICED_MS = 12_000;
const CUT_MS = 14_000;

/** What passes no more, and what the patient's page has to make of it. */
interface Cut {
  rules(scene: Scene, side: Side): string[];
  /** How long the line is cut. */
  cutMs: number;
  /** By when the note has to be hidden; null where it may stay. */
  hideMs(side: Side): number | null;
}

const SOCKET_DROPPED: Cut = {
  rules: (scene, side) => between(scene, side, 'tcp', scene.server.port).map((what) => `${what} drop`),
  cutMs: CUT_MS,
  hideMs: (side) => (side === 'patient' ? HIDE_MS : NOTICED_MS),
};

const CHANNEL_DROPPED: Cut = {
  rules: (scene, side) =>
    (['udp', 'tcp'] as const).flatMap((proto) =>
      between(scene, side, proto, scene.server.rtcPort).map((what) => `${what} drop`),
    ),
  cutMs: CUT_MS,
  hideMs: () => null,
};

/** A line is cut for a while, during which the doctor corrects the note; recovered when the correction is read. */
async function playCut(stage: Stage, side: Side, cut: Cut): Promise<Outcome> {
  const scene = await readingScene(stage);
  const { doctor, patient } = scene;
  const at = now();
  const allow = await forbid(scene, cut.rules(scene, side));
  const limit = cut.hideMs(side);
  const hidden = limit === null ? null : await patient.watch.vanishes(at, limit);
  const text = await doctor.doctor.note.inputValue();
  await delay(at + cut.cutMs - now());
  await doctor.doctor.note.fill(`${text}, at noon`);
  await allow();
  const returned = now();
  const took = await readAgain(scene, 'at noon', returned);
  const hiding = limit === null ? '' : `hidden ${after(at, hidden)}; `;
  return {
    seen: `${hiding}cut for ${Math.round((returned - at) / 1000)} s; the correction made meanwhile read ${after(0, took)}`,
    recoveredMs: took,
    ok: within(BACK_MS, took) && (limit === null || (hidden !== null && hidden - at <= limit)),
  };
}

/** How long after `since` these words stood in the patient's page; null when not in 40 s. */
export async function readAgain(
  { patient }: Pick<Scene, 'patient'>,
  words: string,
  since: number,
): Promise<number | null> {
  const found = await patient.patient.note
    .getByText(words)
    .waitFor({ timeout: 40_000 })
    .then(
      () => true,
      () => false,
    );
  return found ? now() - since : null;
}

/** Sockets are reset on both ends; the way is free again at once. */
async function playReset(stage: Stage, side: Side): Promise<Outcome> {
  const scene = await readingScene(stage);
  const { doctor, patient, at, server } = scene;
  const began = now();
  const killed = await at[side].run('ss', '-K', 'dst', at.server.address, 'dport', '=', `:${server.port}`);
  const sockets = killed.trim().split('\n').length - 1;
  const hidden = await patient.watch.vanishes(began, 5_000);
  const text = await doctor.doctor.note.inputValue();
  await doctor.doctor.note.fill(`${text}, at noon`);
  const took = await readAgain(scene, 'at noon', began);
  return {
    seen: `${sockets} socket(s) reset; hidden ${after(began, hidden)}; a correction read ${after(0, took)}`,
    recoveredMs: took,
    ok: sockets > 0 && within(BACK_MS, took),
  };
}

const PERSON = { doctor: 'the doctor', patient: 'the patient' };

export const CUTS: readonly Fault[] = [
  ...SIDES.map(
    (side): Fault => ({
      name: `socket-dropped-${side}`,
      fault: `What ${PERSON[side]}'s WebSocket sends and should get is swallowed for ${CUT_MS / 1000} s; the data channel lives.`,
      expected: `Hidden within ${side === 'patient' ? HIDE_MS / 1000 : NOTICED_MS / 1000} s, back by itself within 5 s of the return, with the doctor's correction.`,
      run: (stage) => playCut(stage, side, SOCKET_DROPPED),
    }),
  ),
  ...SIDES.map(
    (side): Fault => ({
      name: `socket-reset-${side}`,
      fault: `${side === 'doctor' ? "The doctor's" : "The patient's"} WebSocket is reset; the data channel lives.`,
      expected: 'The note is back by itself within 5 s.',
      run: (stage) => playReset(stage, side),
    }),
  ),
  ...SIDES.map(
    (side): Fault => ({
      name: `channel-dropped-${side}`,
      fault: `UDP and TCP of ${PERSON[side]}'s data channel are swallowed for ${CUT_MS / 1000} s; the WebSocket lives.`,
      expected: "The doctor's correction is read within 5 s of the return.",
      run: (stage) => playCut(stage, side, CHANNEL_DROPPED),
    }),
  ),
];
