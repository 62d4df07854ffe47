import { TcpRelay } from '../../../support/network/tcp-relay.ts';
import { UdpRelay } from '../../../support/network/udp-relay.ts';
import type { Fault, Outcome } from '../fault.ts';
import type { Stage } from '../stage.ts';
import { NOTE } from '../stage.ts';
import { now } from '../watch.ts';
import { corrects, forbid, machines, revokes, type Scene, seated } from './scene.ts';

/** A third of a second to and fro, as over a satellite or a crowded cell. */
const WEATHER = { loss: 0.1, delayMs: 125, jitterMs: 50 };
const TCP_DELAY_MS = 150;
const SEED = 20_261_122;
const CORRECTIONS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** Lets everything between the browsers and the server pass the two relays. */
async function throughRelays(stage: Stage, { network, at, server }: Pick<Scene, 'network' | 'at' | 'server'>) {
  const { address } = at.server;
  const udp = await UdpRelay.start({ address, port: server.rtcPort }, WEATHER, SEED);
  const tcp = await TcpRelay.start({ address, port: server.port }, TCP_DELAY_MS);
  stage.defer(() => Promise.all([udp.close(), tcp.close()]));
  for (const side of ['doctor', 'patient'] as const) {
    const { outer } = at[side].line;
    await network.redirect(`iifname ${outer} udp dport ${server.rtcPort} redirect to :${udp.port}`);
    await network.redirect(`iifname ${outer} tcp dport ${server.port} redirect to :${tcp.port}`);
  }
  // The other way would be a better one.
  await forbid({ network }, [`tcp dport ${server.rtcPort} drop`]);
  return udp;
}

async function play(stage: Stage): Promise<Outcome> {
  const built = await machines(stage);
  const server = await stage.server({ place: built.at.server });
  const relay = await throughRelays(stage, { ...built, server });
  const scene = await seated(stage, built, server);
  const { doctor, patient } = scene;
  const link = await doctor.doctor.shares(NOTE, { admission: 'link' });
  await patient.patient.follows(link);
  const tapped = now();
  await patient.patient.opens();
  const shown = await patient.watch.appears(tapped, 30_000);
  const times: number[] = [];
  for (const word of CORRECTIONS) times.push(await corrects(scene, word));
  const revoking = await revokes(scene);
  const wiped = await patient.watch.vanishes(revoking, 10_000);
  const { lost, passed, reordered } = relay.counts;
  const slowest = Math.max(...times);
  return {
    seen: `${lost} of ${lost + passed} datagrams lost, ${reordered} out of order; tap to note ${ms(tapped, shown)}, ${times.length} corrections in order, the slowest ${Math.round(slowest)} ms; revoke to wiped ${ms(revoking, wiped)}`,
    recoveredMs: slowest,
    ok:
      shown !== null &&
      shown - tapped < 10_000 &&
      slowest < 5_000 &&
      wiped !== null &&
      wiped - revoking < 1_000 &&
      lost > 0 &&
      reordered > 0,
  };
}

function ms(since: number, moment: number | null): string {
  return moment === null ? 'never' : `${Math.round(moment - since)} ms`;
}

export const WEATHERS: readonly Fault[] = [
  {
    name: 'bad-line',
    fault: 'On both lines a tenth of the datagrams is lost, others overtake each other, and an answer takes 300 ms.',
    expected:
      'The note and every correction arrive in order, the note within 10 s of a tap that does not wait for the connection, a correction within 5 s; revoke wipes the page within 1 s.',
    limitMs: 120_000,
    run: play,
  },
];
