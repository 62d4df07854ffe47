import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Outcome } from '../fault.ts';
import { NOTE, type Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { after, forbid, machines, readingScene, type Scene, seated } from './scene.ts';

const HIDE_MS = 8_500;
/** How long the page is watched after it is back. */
const WATCHED_MS = 10_000;

/** How the patient loses the network. */
interface Outage {
  begin(scene: Scene): Promise<() => Promise<void>>;
}

/** As in a lift: the device itself believes that it is online. */
const SILENT: Outage = {
  begin: (scene) => {
    const { outer } = scene.at.patient.line;
    return forbid(scene, [`iifname ${outer} drop`, `oifname ${outer} drop`]);
  },
};

/** As with flight mode: the device knows. */
const KNOWN: Outage = {
  async begin({ at }) {
    await at.patient.unplug();
    return () => at.patient.plugIn();
  },
};

async function playRevoke(stage: Stage, outage: Outage): Promise<Outcome> {
  const scene = await readingScene(stage);
  const { doctor, patient } = scene;
  const at = now();
  const back = await outage.begin(scene);
  await doctor.doctor.destroys();
  const revoked = now();
  const hidden = await patient.watch.vanishes(at, HIDE_MS + 1000);
  await delay(at + 12_000 - now());
  await back();
  const returned = now();
  const over = await patient.patient.page
    .getByRole('heading', { name: 'This note is gone' })
    .waitFor({ timeout: WATCHED_MS })
    .then(
      () => now(),
      () => null,
    );
  await delay(Math.max(0, returned + WATCHED_MS - now()));
  const again = hidden === null || (await patient.watch.shownSince(hidden));
  return {
    seen: `revoked ${after(at, revoked)} offline; hidden ${after(at, hidden)}; back after 12 s: "This note is gone" ${after(returned, over)}, ${again ? 'the note was shown again' : 'the note never shown again'}`,
    recoveredMs: over === null ? null : over - returned,
    ok: hidden !== null && hidden - at <= HIDE_MS && !again && over !== null && over - returned <= 5_000,
  };
}

/** The outage begins less than a heartbeat before the end, so that only the page's own clock can end it. */

/** The outage begins less than a heartbeat before the end, so that only the page's own clock can end it. */
async function playExpiry(stage: Stage): Promise<Outcome> {
  const built = await machines(stage);
  const server = await stage.server({ place: built.at.server });
  const scene = await seated(stage, built, server);
  const { doctor, patient } = scene;
  const link = await doctor.doctor.shares(NOTE, { command: '/glir 1m', admission: 'link' });
  const end = now() + 60_000;
  await stage.follows(patient, doctor, link, { admission: 'link' });
  await delay(end - 2_000 - now());
  const back = await SILENT.begin({ ...scene, link });
  const at = now();
  const wiped = await patient.watch.vanishes(at, 10_000);
  await delay(end + 5_000 - now());
  await back();
  await delay(5_000);
  const again = wiped === null || (await patient.watch.shownSince(wiped));
  return {
    seen: `cut off 2 s before the end; wiped ${after(end, wiped)} of it, by a page that heard nothing; ${again ? 'the note was shown again' : 'never shown again'}`,
    recoveredMs: null,
    ok: wiped !== null && wiped > at && wiped <= end + 1_000 && !again,
  };
}

export const OFFLINE: readonly Fault[] = [
  {
    name: 'offline-silent-revoke',
    fault: 'Nothing of the patient passes any more, and the doctor destroys the note meanwhile.',
    expected:
      'Hidden within 8.5 s, never shown again after the return; the page says within 5 s that the note is gone.',
    run: (stage) => playRevoke(stage, SILENT),
  },
  {
    name: 'offline-known-revoke',
    fault: "The patient's device is switched to flight mode, and the doctor destroys the note meanwhile.",
    expected:
      'Hidden within 8.5 s, never shown again after the return; the page says within 5 s that the note is gone.',
    run: (stage) => playRevoke(stage, KNOWN),
  },
  {
    name: 'offline-past-expiry',
    fault: "The patient's line dies 2 s before the note's time is over.",
    expected: "Wiped by the page's own clock within 1 s of the end, and never shown again.",
    limitMs: 120_000,
    run: playExpiry,
  },
];
