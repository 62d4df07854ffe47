import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { MeddlingProxy } from '../../../support/network/meddling-proxy.ts';
import type { Fault, Outcome } from '../fault.ts';
import type { Place } from '../place.ts';
import type { ServerProcess } from '../server-process.ts';
import { NOTE, type PatientSeat, type Stage } from '../stage.ts';
import { now } from '../watch.ts';
import { between, forbid, machines, readingScene, type Scene, SIDES, type Side } from './scene.ts';

/** How soon a page has to say what is in the way. */
const WORDS_MS = 10_000;
/** A socket that died without a sign is noticed by then, and another one opened. */
const NOTICED_MS = 5_000;
const OUTSIDE = '203.0.113.5';

type Built = Pick<Scene, 'network' | 'at'> & { server: ServerProcess };

/** What a page says, and the log. */
interface Expected {
  heading: string;
  words: string;
  code: string;
}

const HEADINGS: Record<Side, string> = { doctor: 'Your network blocks GLIR', patient: 'This network blocks the note' };
const LOG_SIDES: Record<Side, string> = { doctor: 'composer', patient: 'reader' };
export const DATA_WORDS: Record<Side, string> = {
  doctor: 'does not reach the port that notes go through',
  patient: 'The way for the note is shut',
};

/** When a page came to say what is expected, after `since`; null when it took too long. */
function saidAfter(page: Page, since: number, { heading, words }: Expected): Promise<number | null> {
  const patience = { timeout: WORDS_MS * 2 };
  return page
    .getByRole('heading', { name: heading })
    .waitFor(patience)
    .then(() => page.getByText(words).first().waitFor(patience))
    .then(
      () => now() - since,
      () => null,
    );
}

/** The log's lines with this code. */
function logged({ log }: ServerProcess, code: string): { side?: string; arrived?: string }[] {
  return log
    .join('')
    .split('\n')
    .filter((line) => line.includes('"connection-failed"'))
    .map((line) => JSON.parse(line))
    .filter((line) => line.code === code);
}

function secondsOf(ms: number | null): string {
  return ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`;
}

/** What is seen of one side, and whether it is right: words in time, and one line of the log. */
async function verdict(
  stage: Stage,
  server: ServerProcess,
  side: Side,
  said: Promise<number | null>,
  expected: Expected,
): Promise<Outcome> {
  const tookMs = await said;
  // A line that came twice would be there by then.
  await delay(500);
  const lines = logged(server, expected.code).filter((line) => line.side === LOG_SIDES[side]);
  const [line] = lines;
  stage.progress(`${side}: "${expected.heading}" after ${secondsOf(tookMs)}, ${lines.length} line(s)`);
  const arrived = line?.arrived === undefined ? '' : `, arrived ${line.arrived}`;
  return {
    seen: `${side} read "${expected.heading}: ${expected.words}" after ${secondsOf(tookMs)}; log: ${expected.code}${arrived} (${lines.length} line)`,
    recoveredMs: tookMs,
    ok: tookMs !== null && tookMs <= WORDS_MS && lines.length === 1,
  };
}

function together(outcomes: readonly Outcome[]): Outcome {
  return {
    seen: outcomes.map(({ seen }) => seen).join('. '),
    recoveredMs: Math.max(...outcomes.map(({ recoveredMs }) => recoveredMs ?? 0)),
    ok: outcomes.every(({ ok }) => ok),
  };
}

/** Runs in the doctor's page, which connects when somebody begins to write: when that was, by its own clock. */
function noticeWriting(): void {
  const began = ({ timeStamp }: Event) => {
    document.documentElement.dataset['began'] ??= String(performance.timeOrigin + timeStamp);
  };
  addEventListener('input', began, { capture: true });
}

interface Block {
  code: string;
  words: Record<Side, string>;
  sides: readonly Side[];
  settings?: (at: Scene['at']) => NodeJS.ProcessEnv;
  begin?: (built: Built) => Promise<unknown>;
  /** Where browsers find the server; at its own address where nothing is said. */
  reach?: (built: Pick<Scene, 'network' | 'at'>) => Promise<Pick<Place, 'address'>>;
  /** Of both browsers. */
  args?: readonly string[];
}

/** The people on the blocked sides open their pages; whoever is not blocked has shared a note before. */
export async function playBlock(stage: Stage, block: Block): Promise<Outcome> {
  const { code, words, sides, settings, begin, reach, args = [] } = block;
  const built = await machines(stage);
  const { at } = built;
  const server = await stage.server({ place: at.server, settings: settings?.(at) ?? {} });
  const where = (await reach?.(built)) ?? at.server;
  await begin?.({ ...built, server });
  const [doctor, patient] = await Promise.all([
    stage.doctor(server, { place: at.doctor, server: where, args }),
    stage.patient({ place: at.patient, server: where, args }),
  ]);
  const expected = (side: Side): Expected => ({ heading: HEADINGS[side], words: words[side], code });
  const outcomes: Promise<Outcome>[] = [];
  await doctor.context.addInitScript(noticeWriting);
  const link = await doctor.doctor.shares(NOTE, { admission: 'link' });
  if (sides.includes('doctor')) {
    const began = await doctor.doctor.composer.evaluate(() => Number(document.documentElement.dataset['began']));
    const said = saidAfter(doctor.doctor.composer, began, expected('doctor'));
    outcomes.push(verdict(stage, server, 'doctor', said, expected('doctor')));
  }
  if (sides.includes('patient')) {
    const followed = now();
    await patient.patient.follows(link);
    const said = saidAfter(patient.patient.page, followed, expected('patient'));
    outcomes.push(verdict(stage, server, 'patient', said, expected('patient')));
  }
  return together(await Promise.all(outcomes));
}

/** Nothing of one side, or both, reaches the port of the data channels. */
const closePort =
  (...sides: Side[]) =>
  (built: Built) =>
    forbid(
      built,
      sides.flatMap((side) =>
        (['udp', 'tcp'] as const).map((proto) => `${between(built, side, proto, built.server.rtcPort)[0]} drop`),
      ),
    );

/** A packet of DTLS begins with 20 to 63 (RFC 7983), one of STUN with 0 to 3. */
function dropDtls(built: Built): Promise<unknown> {
  const { rtcPort } = built.server;
  return forbid(
    built,
    SIDES.flatMap((side) => [
      `${between(built, side, 'tcp', rtcPort)[0]} drop`,
      `${between(built, side, 'udp', rtcPort)[0]} @th,64,8 20-63 drop`,
    ]),
  );
}

/** The router has the public address, and passes what comes for it from outside on to the server; not what comes from inside. */
function withoutHairpin({ network, at, server }: Built): Promise<unknown> {
  const { outer } = at.patient.line;
  const inside = at.doctor.line.outer;
  return Promise.all([
    ...(['udp', 'tcp'] as const).map((proto) =>
      network.redirect(
        `iifname ${outer} ip daddr ${OUTSIDE} ${proto} dport ${server.rtcPort} dnat to ${at.server.address}`,
      ),
    ),
    network.forbid(`iifname ${inside} ip daddr ${OUTSIDE} drop`),
    // Outside, the inner address leads nowhere.
    ...(['udp', 'tcp'] as const).map((proto) =>
      network.forbid(
        `iifname ${outer} ct original ip daddr ${at.server.address} ${proto} dport ${server.rtcPort} drop`,
      ),
    ),
  ]);
}

/** Doctor inside and patient outside read and write over the two announced addresses. */
async function playHairpin(stage: Stage): Promise<Outcome> {
  const built = await machines(stage);
  const { at } = built;
  const settings = { GLIR_RTC_ANNOUNCED: `${OUTSIDE},${at.server.address}` };
  const server = await stage.server({ place: at.server, settings });
  await withoutHairpin({ ...built, server });
  const [doctor, patient] = await Promise.all([
    stage.doctor(server, { place: at.doctor, server: at.server }),
    stage.patient({ place: at.patient, server: at.server }),
  ]);
  return reads(patient, await doctor.doctor.shares(NOTE, { admission: 'link' }));
}

export async function reads({ patient, watch }: PatientSeat, link: string): Promise<Outcome> {
  await patient.follows(link);
  const tapped = now();
  await patient.opens();
  const shown = await watch.appears(tapped, 20_000);
  const tookMs = shown === null ? null : shown - tapped;
  return {
    seen: `the note was read ${secondsOf(tookMs)} after the tap`,
    recoveredMs: tookMs,
    ok: tookMs !== null && tookMs < 5_000,
  };
}

/** The router as a machine sees it, where the proxy listens. */
function routerOf(machine: Scene['at'][Side]): Place {
  return { address: machine.line.router, command: (words) => machine.command(words) };
}

/** Both people come through a proxy that does something to what passes it. */
async function behindProxy(stage: Stage) {
  const built = await machines(stage);
  const { at } = built;
  const server = await stage.server({ place: at.server });
  const proxy = await MeddlingProxy.start(
    { address: at.server.address, port: server.port },
    {},
    {
      address: '0.0.0.0',
      port: server.port,
    },
  );
  stage.defer(() => proxy.close());
  const [doctor, patient] = await Promise.all([
    stage.doctor(server, { place: at.doctor, server: routerOf(at.doctor) }),
    stage.patient({ place: at.patient, server: routerOf(at.patient) }),
  ]);
  return { server, proxy, doctor: doctor.doctor, patient: patient.patient };
}

async function playStripped(stage: Stage): Promise<Outcome> {
  const { server, proxy, doctor, patient } = await behindProxy(stage);
  const link = `${server.url}/n/abcdefghijklmnopqrstuv#${'A'.repeat(43)}`;
  const composeLink = await doctor.asks('/glir');
  proxy.meddling = { stripsUpgrade: true };
  const began = now();
  await Promise.all([doctor.opens(composeLink), patient.follows(link)]);
  const words: Record<Side, string> = { doctor: 'stops GLIR', patient: 'Its live connection is shut' };
  const outcome = (side: Side, page: Page): Promise<Outcome> => {
    const expected = { heading: HEADINGS[side], words: words[side], code: 'socket-blocked' };
    return verdict(stage, server, side, saidAfter(page, began, expected), expected);
  };
  const both = together(await Promise.all([outcome('doctor', doctor.composer), outcome('patient', patient.page)]));
  const seenByServer = logged(server, 'upgrade-stripped').length;
  return { ...both, seen: `${both.seen}; upgrade-stripped (${seenByServer} line)`, ok: both.ok && seenByServer === 1 };
}

async function playAltered(stage: Stage): Promise<Outcome> {
  const { server, proxy, doctor, patient } = await behindProxy(stage);
  const composeLink = await doctor.asks('/glir');
  proxy.meddling = { altersScripts: true };
  const began = now();
  const link = `${server.url}/n/abcdefghijklmnopqrstuv#${'A'.repeat(43)}`;
  await Promise.all([doctor.opens(composeLink), patient.follows(link)]);
  const expected = {
    heading: 'This page did not start',
    words: 'Something on the way changed it',
    code: 'page-altered',
  };
  const pages = { doctor: doctor.composer, patient: patient.page };
  const said = await Promise.all(SIDES.map((side) => saidAfter(pages[side], began, expected)));
  const lines = logged(server, 'page-altered').length;
  return {
    seen: `"${expected.heading}" after ${said.map(secondsOf).join(' (doctor), ')} (patient); log: page-altered (${lines} line)`,
    recoveredMs: Math.max(...said.map((ms) => ms ?? 0)),
    ok: lines === 1 && said.every((ms) => ms !== null && ms <= WORDS_MS),
  };
}

/** Three sockets in a row live as long: from the third cut on, the page knows why. */
async function playCut(stage: Stage): Promise<Outcome> {
  const { server, proxy, doctor } = await behindProxy(stage);
  proxy.meddling = { cutsAfterMs: 8_000 };
  await doctor.shares(NOTE, { admission: 'link' });
  const expected = {
    heading: HEADINGS.doctor,
    words: 'cuts the connection after 8 s',
    code: 'socket-cut',
  };
  const page = doctor.composer;
  await page.getByText(expected.words).first().waitFor({ timeout: 40_000 });
  const shownAt = now();
  const third = proxy.cutAt[2] ?? Number.NaN;
  const said = Promise.resolve(shownAt - third);
  await delay(3_000);
  return verdict(stage, server, 'doctor', said, expected);
}

/** The note is on the screen when the patient comes into a network that blocks the port, and later leaves it again. */
async function playMoved(stage: Stage): Promise<Outcome> {
  const scene = await readingScene(stage);
  const { network, at, patient, server } = scene;
  const home = at.patient.line;
  const blocked = await network.line(at.patient);
  const port = server.rtcPort;
  await forbid(
    scene,
    ['udp', 'tcp'].map((proto) => `iifname ${blocked.outer} ${proto} dport ${port} drop`),
  );
  const expected = { heading: 'The note is hidden for now', words: DATA_WORDS.patient, code: 'data-port-blocked' };
  await at.patient.use(blocked);
  const changed = now();
  const outcome = await verdict(stage, server, 'patient', saidAfter(patient.patient.page, changed, expected), expected);
  const left = now();
  await at.patient.use(home);
  const back = await patient.watch.appears(left, 30_000);
  const noticed = outcome.recoveredMs !== null && outcome.recoveredMs <= WORDS_MS + NOTICED_MS;
  return {
    seen: `${outcome.seen}; out of that network the note was back after ${secondsOf(back === null ? null : back - left)}`,
    recoveredMs: back === null ? null : back - left,
    ok: noticed && back !== null && back - left <= 10_000 && logged(server, expected.code).length === 1,
  };
}

export const SAYS = 'says within 10 s what is in the way and what to do; the log has one line for each side';

export const BLOCKS: readonly Fault[] = [
  ...SIDES.map((side) => ({
    name: `port-blocked-${side}`,
    fault: `A firewall at the ${side}'s lets nothing to the port of the data channels, neither UDP nor TCP, and there is no TURN.`,
    expected: `The ${side}'s page ${SAYS}, data-port-blocked.`,
    run: (stage: Stage) =>
      playBlock(stage, { code: 'data-port-blocked', words: DATA_WORDS, sides: [side], begin: closePort(side) }),
  })),
  {
    name: 'wrong-announced-address',
    fault: 'GLIR announces an address that is not its own.',
    expected: `Each page ${SAYS}, data-port-blocked.`,
    run: (stage) =>
      playBlock(stage, {
        code: 'data-port-blocked',
        words: DATA_WORDS,
        sides: SIDES,
        settings: () => ({ GLIR_RTC_ANNOUNCED: '10.78.99.9' }),
      }),
  },
  {
    name: 'dtls-dropped',
    fault: 'Firewalls let the addresses be tried (STUN) and drop what is encrypted (DTLS); TCP is blocked.',
    expected: `Each page ${SAYS}, dtls-failed.`,
    run: (stage) =>
      playBlock(stage, {
        code: 'dtls-failed',
        words: { doctor: 'stops the encrypted connection', patient: DATA_WORDS.patient },
        sides: SIDES,
        begin: dropDtls,
      }),
  },
  {
    name: 'hairpin-one-address',
    fault:
      'The doctor is inside, the router does not lead back from the public address, and that one alone is announced.',
    expected: `The doctor's page ${SAYS}, data-port-blocked.`,
    run: (stage) =>
      playBlock(stage, {
        code: 'data-port-blocked',
        words: DATA_WORDS,
        sides: ['doctor'],
        settings: () => ({ GLIR_RTC_ANNOUNCED: OUTSIDE }),
        begin: withoutHairpin,
      }),
  },
  {
    name: 'hairpin-two-addresses',
    fault: 'The same with the inner address announced as well; outside that one leads nowhere.',
    expected: 'The note is read within 5 s of the tap.',
    run: playHairpin,
  },
  {
    name: 'moves-into-blocked-network',
    fault: 'While the patient reads, the device changes to a network that blocks the port, and later back.',
    expected:
      "Within 15 s of the change the patient's hidden note says why it does not come back; the log has one line; in the other network it is back within 10 s.",
    run: playMoved,
  },
  {
    name: 'upgrade-stripped',
    fault: 'A proxy takes the header Upgrade away from every request.',
    expected: `Each page ${SAYS}, socket-blocked, and one of what the server saw itself.`,
    run: playStripped,
  },
  {
    name: 'script-altered',
    fault: 'A proxy changes the scripts in pages, although they are not to be transformed.',
    expected: 'Each page says within 10 s that it did not start; the log has one line, page-altered.',
    run: playAltered,
  },
  {
    name: 'sockets-cut',
    fault: 'A proxy cuts every WebSocket after 8 s.',
    expected:
      "Within 10 s of the third cut the doctor's page says so, with the time; the log has one line, socket-cut.",
    run: playCut,
  },
];
