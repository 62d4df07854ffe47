import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import { launchWithProfile, recordsAddresses } from '../../support/browser/profile.ts';
import { freePort } from '../../support/server/glir.ts';
import { type Capture, startCapture } from './capture.ts';
import { type Reading, reads } from './journey.ts';
import { type Lookout, lookInto, type Planting, type Row } from './look.ts';
import { linkMarkers, type Marker, makePrivate } from './markers.ts';
import { conversationsIn, filesIn, filesOf, memoryOf, namelessFilesOf, objectsOf } from './places.ts';
import * as plants from './plants.ts';
import { type CanaryServer, startClosedServer } from './server.ts';
import { type SlackSide, startSlack } from './slack.ts';
import { startTeams, type TeamsSide } from './teams.ts';
import { until } from './until.ts';

const AFTER_MS = 10_000;
const WORKERS = 2;

/** Everybody who takes part. */
interface Stage {
  url: string;
  rtcPort: number;
  server: CanaryServer;
  slack: SlackSide;
  teams: TeamsSide;
  capture: Capture;
  clinic: BrowserContext;
  home: BrowserContext;
  /** Where the two browsers keep their profiles. */
  profiles: { clinic: string; home: string };
}

/**
 * Two notes, one begun in Slack and one in Teams, read by two patients; searched for while they are read, right after their end,
 * 10 s later, and after the server has stopped.
 *
 * @param folder has the folders `server`, `evidence`, `clinic` and `home`
 */
export async function canary(folder: string, say: (text: string) => void): Promise<Row[]> {
  const stage = await setUp(folder);
  try {
    const rows = await searchThrough(stage, say);
    await stage.server.stop();
    const { packets, dropped } = await stage.capture.stop();
    say(`${packets} packets were captured, ${dropped} lost.`);
    if (dropped !== 0)
      throw new Error(`the capture lacks ${dropped} packets of ${packets}: run it again on a quieter machine`);
    return rows;
  } finally {
    await Promise.all([stage.clinic.close(), stage.home.close(), stage.server.stop()]);
    await Promise.all([stage.slack.close(), stage.teams.close()]);
  }
}

async function setUp(folder: string): Promise<Stage> {
  const capture = await startCapture(path.join(folder, 'evidence'));
  const teams = await startTeams();
  const url = `http://localhost:${teams.settings['PORT']}`;
  const slack = await startSlack(url);
  const rtcPort = await freePort();
  const server = await startClosedServer(path.join(folder, 'server'), url, {
    ...teams.settings,
    ...slack.settings,
    GLIR_RTC_PORT: String(rtcPort),
    GLIR_WORKERS: String(WORKERS),
  });
  const profiles = { clinic: path.join(folder, 'clinic'), home: path.join(folder, 'home') };
  const [clinic, home] = await Promise.all([launchWithProfile(profiles.clinic), launchWithProfile(profiles.home)]);
  await slack.install();
  return { url, rtcPort, server, slack, teams, capture, clinic, home, profiles };
}

async function searchThrough(stage: Stage, say: (text: string) => void): Promise<Row[]> {
  const { slack, teams, server } = stage;
  const [inSlack, inTeams] = [makePrivate('slack'), makePrivate('teams')];
  const begin = async (side: SlackSide | TeamsSide, own: typeof inSlack) => {
    const composeLink = await side.asks(own.typed);
    return { composeLink, reading: await reads(composeLink, own, stage) };
  };
  const first = await begin(slack, inSlack);
  const second = await begin(teams, inTeams);
  say('Both patients read.');
  const markers: Marker[] = [
    ...inSlack.markers,
    ...inTeams.markers,
    ...(await linkMarkers('slack', first.composeLink, first.reading.noteLink)),
    ...(await linkMarkers('teams', second.composeLink, second.reading.noteLink)),
  ];

  const rows: Row[] = [];
  const search = async (phase: string, lookouts: readonly Lookout[]): Promise<void> => {
    for (const lookout of lookouts) {
      say(`${phase}: ${lookout.place.name}`);
      rows.push(await lookInto(phase, lookout, markers));
    }
  };
  const [memory, evidence, profiles] = [memoryLookouts(stage), evidenceLookouts(stage), profileLookouts(stage)];

  await allShown([first.reading, second.reading]);
  await search('while it is read', [...memory, ...evidence, ...profiles]);
  await allShown([first.reading, second.reading]);

  await slack.revokes();
  await second.reading.doctor.destroys();
  await Promise.all([first.reading.over(), second.reading.over()]);
  await search('right after the end', memory);
  await delay(AFTER_MS);
  await search('10 s after the end', [...memory, ...evidence]);
  await search('after a garbage collection', [objectsLookout(stage), ...memory]);
  await server.stop();
  await search(
    'after the stop',
    evidence.filter(({ place }) => place.kind !== 'packets'),
  );
  await Promise.all([stage.clinic.close(), stage.home.close()]);
  await search('after the browsers are closed', profiles);
  return rows;
}

/** Throws when a screen lacks a part of its note. A page may hide it for a moment while the server stands still for its image. */
async function allShown(readings: readonly Reading[]): Promise<void> {
  await until('screen that shows the whole note', async () => {
    const lacking = await Promise.all(readings.map((reading) => reading.lacking()));
    return lacking.flat().length === 0 ? true : null;
  });
}

/** What is alive: only while the server runs. */
function memoryLookouts({ url, rtcPort, server, capture }: Stage): Lookout[] {
  const image = (pid: number) => ({ pid, file: path.join(path.dirname(capture.file), `memory-${pid}`) });
  const workers = server.workers.map(
    (pid, index): Lookout => ({
      place: memoryOf(`memory of worker ${index + 1}`, 'worker', image(pid)),
      plantings: [done((plant) => plants.sendToWorker(rtcPort + index, plant))],
    }),
  );
  return [{ place: memoryOf('memory of the server', 'server', image(server.pid)), plantings: [held(url)] }, ...workers];
}

/** What the server's program still refers to. */
function objectsLookout({ server, teams }: Stage): Lookout {
  return {
    place: objectsOf('objects of the server', server.pid),
    plantings: [done((plant) => teams.beginsAs(plant.bytes.toString()))],
    plant: plants.makeWordPlant,
  };
}

/** What stays. */
function evidenceLookouts({ url, server, slack, teams, capture }: Stage): Lookout[] {
  const { home, dataDir, logFile } = server;
  const portOf = (address: string): number => Number(new URL(address).port);
  const peer = (name: string, kind: 'slack' | 'teams', side: SlackSide | TeamsSide): Lookout => ({
    place: conversationsIn(name, kind, { file: capture.file, ports: [portOf(side.url)], texts: side.received }),
    plantings: [done((plant) => plants.sendToPlatform(side.url, plant))],
  });
  return [
    { place: filesOf('log', 'log', () => [logFile]), plantings: [done((plant) => plants.appendToLog(logFile, plant))] },
    {
      place: filesOf('database', 'files', () => filesIn(dataDir)),
      plantings: [done((plant) => plants.writeToDatabase(dataDir, plant))],
    },
    {
      place: filesOf('all other files', 'files', () => [
        ...filesIn(home, [dataDir, logFile]),
        ...namelessFilesOf([server.pid, ...server.workers]),
      ]),
      plantings: [done((plant) => plants.writeIntoFile(path.join(home, 'tmp', 'planted'), plant))],
    },
    {
      place: filesOf('packets of all interfaces', 'packets', () => [capture.file]),
      plantings: [done((plant) => plants.sendToNobody(plant))],
    },
    {
      place: conversationsIn('HTTP and WebSockets', 'packets', { file: capture.file, ports: [portOf(url)] }),
      plantings: [held(url, 3), done((plant) => plants.sendFrame(url, plant))],
    },
    peer('what Slack received', 'slack', slack),
    peer('what Teams received', 'teams', teams),
  ];
}

/** What the two browsers write to the disk: their records of addresses, and all else. */
function profileLookouts({ profiles }: Stage): Lookout[] {
  return Object.entries(profiles).flatMap(([whose, folder]) => {
    const which = (records: boolean) => () =>
      filesIn(folder).filter((file) => recordsAddresses(path.relative(folder, file)) === records);
    const planted = (name: string) => [done((plant) => plants.writeIntoFile(path.join(folder, name), plant))];
    return [
      {
        place: filesOf(`the ${whose}’s browser: addresses`, 'addresses', which(true)),
        plantings: planted('Default/Sessions/planted'),
      },
      {
        place: filesOf(`the ${whose}’s browser: all else`, 'profile', which(false)),
        plantings: planted('Default/planted'),
      },
    ];
  });
}

/** Plants what the server keeps until it is taken away. */
function held(url: string, parts?: number): Planting {
  return async (plant) => {
    const socket = await plants.holdRequest(url, plant, parts);
    return () => socket.destroy();
  };
}

/** A planting that leaves nothing to take away. */
function done(plant: (plant: plants.Plant) => Promise<void> | void): Planting {
  return async (planted) => {
    await plant(planted);
    return () => undefined;
  };
}
