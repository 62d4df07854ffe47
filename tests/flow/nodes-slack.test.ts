import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Doctor, type Room, roomTag } from '../../src/rooms/room.ts';
import { Balancer } from '../support/network/balancer.ts';
import { type Nodes, startNodesBehind } from '../support/server/nodes.ts';
import { SOON } from '../support/server/soon.ts';
import { type SlackCloud, startSlackCloud } from '../support/slack/cloud.ts';
import { buttonIn, SlackDoctor, shownIn, wordsOf } from '../support/slack/doctor.ts';
import {
  install,
  peopleOf,
  type SlackClinic,
  sendAsSlack,
  slackSettings,
  TEAM,
  TOKEN_GONE,
} from '../support/slack/workspace.ts';

const MOST = 10;
const JOIN_HASH = 'h'.repeat(43);
const READER = { readerId: 'a'.repeat(22), number: 1, shortCode: '123456' };

let balancer: Balancer;
let slack: SlackCloud;
let hospital: Nodes | undefined;
let doctor: SlackDoctor;
let mine: Doctor;
/** Which node Slack asks. */
let asked = 0;

beforeAll(async () => {
  balancer = await Balancer.before(() => hospital?.nodes.map(({ port }) => port) ?? []);
  slack = await startSlackCloud(`${balancer.url}/slack/oauth_redirect`);
  const settings = { ...slackSettings(slack), GLIR_LIMIT_USER_NOTES: String(MOST), GLIR_AUDIT_DAYS: '90' };
  hospital = await startNodesBehind(balancer.url, 2, { settings });
  const rossi = { id: (await peopleOf(slack)).get('anna.rossi') ?? '', name: 'anna.rossi' };
  mine = { platform: 'slack', tenant: TEAM, user: rossi.id, displayName: '' };
  await install(balancer.url, slack, rossi);
  // To one node: a connection to the balancer stays where it is.
  const send: SlackClinic['send'] = (body, options) => sendAsSlack(urlOf(asked), body, options);
  doctor = new SlackDoctor({ slack, rossi, token: () => '', send });
});
afterEach(async () => {
  for (const { app } of hospital?.nodes ?? []) await app.rooms.endAll('revoked');
});
afterAll(async () => {
  await hospital?.stop();
  await slack.close();
  await balancer.close();
});

function node(index: number) {
  const found = hospital?.nodes[index];
  if (found === undefined) throw new Error('no such node');
  return found;
}

function urlOf(index: number): string {
  return `http://127.0.0.1:${node(index).port}`;
}

/** What the doctor is answered by this node. */
async function asksAt(index: number, triggerId?: string): Promise<string> {
  asked = index;
  return (await doctor.types('15m', triggerId === undefined ? {} : { triggerId })).text;
}

const posted = () => slack.callsTo('chat.postMessage').filter(({ answer }) => answer.includes('"ok":true'));
const placeSchema = z.object({ channel: z.string(), ts: z.string() });

/** A note that was begun at this node, which follows its direct message, and where that is. */
async function sharedAt(index: number): Promise<{ room: Room; place: z.infer<typeof placeSchema> }> {
  const before = posted().length;
  await asksAt(index);
  const { rooms } = node(index).app;
  const room = rooms.of(mine).at(-1);
  if (room === undefined) throw new Error('no room');
  await rooms.open(room.id, JOIN_HASH, room.policy);
  await expect.poll(() => posted().length, SOON).toBe(before + 1);
  const place = placeSchema.parse(JSON.parse(posted().at(-1)?.answer ?? 'null'));
  return { room, place };
}

/** What the message at a place shows, as far as it was changed. */
function shownAt({ ts }: { ts: string }): string {
  const call = slack.callsTo('chat.update').findLast(({ fields }) => fields['ts'] === ts);
  return call === undefined ? '' : wordsOf(shownIn(call.fields));
}

async function shows(place: { ts: string }, words: string, stepMs = 1_001): Promise<void> {
  await expect
    .poll(() => {
      for (const { clock } of hospital?.nodes ?? []) clock.advance(stepMs);
      return shownAt(place);
    }, SOON)
    .toContain(words);
}

describe('a hospital in Slack with two nodes', () => {
  it('carries out a command that is delivered to both once', async () => {
    const begun = () => [0, 1].reduce((sum, index) => sum + node(index).app.rooms.of(mine).length, 0);
    const before = begun();
    const answers = [await asksAt(0, 'the-same'), await asksAt(1, 'the-same'), await asksAt(0, 'the-same')];
    expect(answers.map((text) => text.includes('/compose#'))).toEqual([true, false, true]);
    expect(answers[1]).toBe('');
    expect(begun() - before).toBe(1);
  });

  it('shows a press at one node in the message that the other one follows, and posts no second one', async () => {
    const { room, place } = await sharedAt(0);
    node(0).app.rooms.setReaders(room.id, { waiting: [READER], readBy: 0 });
    await shows(place, '123 456');
    const before = posted().length;
    const decided: string[] = [];
    const unlisten = node(0).app.rooms.onEvent((event) => decided.push(event.kind));
    asked = 1;
    const update = slack.callsTo('chat.update').findLast(({ fields }) => fields['ts'] === place.ts);
    await doctor.pressesDirectly(buttonIn(shownIn(update?.fields), 'Admit'), place, slack.responseUrl('admit'));
    await expect.poll(() => decided, SOON).toContain('decision-requested');
    unlisten();
    node(0).app.rooms.setReaders(room.id, { waiting: [], readBy: 0 });
    await expect
      .poll(() => {
        for (const { clock } of hospital?.nodes ?? []) clock.advance(1_001);
        return shownAt(place);
      }, SOON)
      .not.toContain('123 456');
    const revoke = { type: 'button', action_id: 'glir-revoke', value: roomTag(room.id) };
    await doctor.pressesDirectly(revoke, place, slack.responseUrl('revoke'));
    await expect.poll(() => slack.responses('revoke').length, SOON).toBe(1);
    expect(wordsOf(shownIn(slack.responses('revoke')[0]?.fields))).toContain('You revoked it');
    await shows(place, 'You revoked it');
    expect(posted()).toHaveLength(before);
    // The node that was pressed at followed nothing.
    expect(node(1).log.join('')).not.toContain('messages-resumed');
  });

  it('goes on with the message at the other node when the one that follows it has stopped', async () => {
    const { place } = await sharedAt(0);
    await node(0).pause();
    try {
      await expect
        .poll(() => {
          node(1).clock.advance(30_000);
          return node(1).log.join('');
        }, SOON)
        .toContain('messages-resumed');
      await expect
        .poll(() => {
          node(1).clock.advance(60_000);
          return shownAt(place);
        }, SOON)
        .toContain('Its time was up');
    } finally {
      // Whose clock differs from PostgreSQL's does not start.
      for (const { clock } of hospital?.nodes ?? []) clock.set(Date.now() - clock.now());
      await node(0).again();
    }
  });

  it('takes over what rang because somebody waits, from the node that has stopped', async () => {
    const pings = () => posted().filter(({ fields }) => String(fields['text']).includes('Somebody waits'));
    const deleted = () => slack.callsTo('chat.delete').map(({ fields }) => fields['ts']);
    const before = pings().length;
    const { room } = await sharedAt(0);
    const { rooms } = node(0).app;
    rooms.setReaders(room.id, { waiting: [READER], readBy: 0, isPageVisible: false });
    await expect
      .poll(() => {
        for (const { clock } of hospital?.nodes ?? []) clock.advance(1_001);
        return pings().length - before;
      }, SOON)
      .toBe(1);
    const { ts } = placeSchema.parse(JSON.parse(pings().at(-1)?.answer ?? 'null'));
    // It dies: nobody takes the message away.
    slack.instead = ({ path }) =>
      path === '/api/chat.delete'
        ? { status: 200, body: JSON.stringify({ ok: false, error: 'fatal_error' }) }
        : undefined;
    await node(0).pause();
    slack.instead = null;
    try {
      await expect
        .poll(() => {
          node(1).clock.advance(60_000);
          return deleted().filter((one) => one === ts).length > 0 && slack.callsTo('chat.delete').at(-1)?.answer;
        }, SOON)
        .toContain('"ok":true');
      expect(pings().length - before).toBe(1);
    } finally {
      for (const { clock } of hospital?.nodes ?? []) clock.set(Date.now() - clock.now());
      await node(0).again();
    }
  });

  it('counts the notes that a doctor begins in an hour over both', async () => {
    let index = 0;
    await expect
      .poll(() => {
        index = 1 - index;
        return asksAt(index);
      }, SOON)
      .toContain(`You have begun ${MOST} notes within an hour`);
    for (const each of [0, 1]) {
      await expect.poll(() => asksAt(each), SOON).toContain(`You have begun ${MOST} notes within an hour`);
    }
    expect([0, 1].reduce((sum, each) => sum + node(each).app.rooms.of(mine).length, 0)).toBeLessThanOrEqual(MOST);
  });

  it('writes down once that GLIR was removed, of which Slack tells both', async () => {
    slack.instead = TOKEN_GONE;
    const removal = (type: string, event: object) =>
      JSON.stringify({ type: 'event_callback', event_id: type, team_id: TEAM, event: { type, ...event } });
    for (const [index, body] of [
      removal('app_uninstalled', {}),
      removal('tokens_revoked', { tokens: { oauth: [], bot: ['UBOT'] } }),
    ].entries()) {
      expect((await sendAsSlack(urlOf(index), body)).status).toBe(200);
    }
    const removed = () =>
      [0, 1].reduce(
        (sum, each) => sum + node(each).log.filter((line) => line.includes('"event":"slack-removed"')).length,
        0,
      );
    await expect.poll(removed, SOON).toBe(1);
    for (const { clock } of hospital?.nodes ?? []) clock.advance(120_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(removed()).toBe(1);
  });
});
