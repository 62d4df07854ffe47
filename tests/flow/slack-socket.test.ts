import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { SOON } from '../support/server/soon.ts';
import { type SlackCloud, startSlackCloud } from '../support/slack/cloud.ts';
import { SlackDoctor } from '../support/slack/doctor.ts';
import {
  APP_TOKEN,
  announceEnd,
  greet,
  type SlackSockets,
  say,
  startSlackSockets,
} from '../support/slack/socket-server.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';

let clinic: SlackClinic;
let slack: SlackCloud;
let sockets: SlackSockets;
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  sockets = await startSlackSockets();
  slack = await startSlackCloud('http://localhost/slack/oauth_redirect');
  slack.instead = sockets.instead;
  clinic = await startSlackClinic({ GLIR_SLACK_APP_TOKEN: APP_TOKEN, GLIR_SLACK_API_URL: slack.url });
});
afterAll(async () => {
  await clinic.stop();
  await slack.close();
  await sockets.close();
  process.off('unhandledRejection', onUnhandled);
});
beforeEach(async () => {
  unhandled.length = 0;
  await connected();
});
afterEach(async () => {
  sockets.behave = greet;
  sockets.refusal = null;
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});

const newest = (): WebSocket => {
  const socket = sockets.open().at(-1);
  if (socket === undefined) throw new Error('no connection');
  return socket;
};
const health = async () => (await fetch(`${clinic.glir.url}/healthz`)).json();

/** Lets the pauses between two tries pass until GLIR is connected. */
async function connected(): Promise<void> {
  await expect
    .poll(async () => {
      clinic.glir.clock.advance(10_000);
      return (await health()).status;
    }, SOON)
    .toBe('ok');
}

let envelopes = 0;
/** Types a command over this connection; gives what the doctor sees. */
async function commandOver(socket: WebSocket): Promise<string> {
  envelopes += 1;
  const id = `e${envelopes}`;
  const payload = new SlackDoctor(clinic).commandFields('15m', id, 'http://127.0.0.1:1/');
  say(socket, { type: 'slash_commands', envelope_id: id, payload, accepts_response_payload: true });
  const answer = () => sockets.answers.find(({ envelope_id: answered }) => answered === id);
  await expect.poll(answer, SOON).toBeDefined();
  return JSON.stringify(answer()?.payload);
}

it('without a public URL, Slack’s requests come over a connection that GLIR opens', async () => {
  expect(clinic.glir.log.join('')).toContain('slack-connected');
  expect(await commandOver(newest())).toContain('install it again');
});

it('then nobody can send them to the address for requests', async () => {
  const fields = new SlackDoctor(clinic).commandFields('15m', 'http', 'http://127.0.0.1:1/');
  expect((await clinic.send(fields)).status).toBe(404);
});

describe('when Slack is in trouble, GLIR is degraded, goes on, and connects again', () => {
  const json = (body: object) => ({ status: 200, body: JSON.stringify(body) });

  const refusing = (refusal: SlackSockets['refusal']) => () => {
    sockets.refusal = refusal;
  };
  const behaving = (behave: SlackSockets['behave']) => () => {
    sockets.behave = behave;
  };

  it.each<[string, () => unknown, (() => Promise<void>) | null]>([
    ['cannot be reached', () => sockets.refuse(), () => sockets.listen()],
    ['gives no address', refusing({ status: 503, body: 'down' }), null],
    ['gives rubbish for an address', refusing(json({ ok: true, url: 'no address' })), null],
    ['takes the token back', refusing(json({ ok: false, error: 'invalid_auth' })), null],
    ['asks to wait', refusing({ status: 429, body: '', headers: { 'retry-after': '3' } }), null],
    ['closes each connection at once', behaving((socket) => socket.close()), null],
    ['hangs without a word', behaving(() => undefined), null],
    ['turns socket mode off', behaving((socket) => announceEnd(socket, 'link_disabled')), null],
    ['sends rubbish', behaving((socket) => socket.send('{"type":')), null],
  ])('that %s', async (_what, begin, end) => {
    await begin();
    for (const socket of sockets.open()) socket.terminate();
    await expect.poll(async () => (await health()).status, SOON).toBe('degraded');
    expect((await fetch(`${clinic.glir.url}/healthz`)).status).toBe(200);
    const before = sockets.asked();
    // Ten minutes of it.
    for (let second = 0; second < 600; second += 10) {
      clinic.glir.clock.advance(10_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await health()).toMatchObject({ status: 'degraded', slack: 'not-connected' });
    // No more than two tries in a minute, once it lasts.
    expect(sockets.asked() - before).toBeLessThan(40);
    sockets.behave = greet;
    sockets.refusal = null;
    await end?.();
    await connected();
    expect(await commandOver(newest())).toContain('install it again');
  });

  it('a connection that is silent is left', async () => {
    const dead = newest();
    dead.pause();
    for (let second = 0; second < 60; second += 10) {
      clinic.glir.clock.advance(10_000);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    dead.resume();
    await expect.poll(() => sockets.open().includes(dead), SOON).toBe(false);
    await connected();
  });
});

describe('what Slack sends over a connection', () => {
  it.each([
    ['no JSON', 'hello?'],
    ['a number', '42'],
    ['an envelope without a payload', '{"type":"events_api","envelope_id":"x1"}'],
    ['an event without an event', '{"type":"events_api","envelope_id":"x2","payload":{"type":"app_rate_limited"}}'],
    ['a payload of another form', '{"type":"slash_commands","envelope_id":"x3","payload":[1]}'],
    ['an unknown type', '{"type":"parcel","envelope_id":"x4","payload":{}}'],
    ['an interaction without a user', '{"type":"interactive","envelope_id":"x5","payload":{"type":"block_actions"}}'],
    ['a command that names nobody', '{"type":"slash_commands","envelope_id":"x6","payload":{"command":"/glir"}}'],
  ])('does no harm: %s', async (_what, text) => {
    const socket = newest();
    socket.send(text);
    expect(await commandOver(socket)).toContain('install it again');
    expect(sockets.open()).toContain(socket);
  });
});

describe('when Slack renews a connection', () => {
  it.each(['warning', 'refresh_requested'] as const)(
    'after “%s” the next one is there before it goes',
    async (reason) => {
      clinic.glir.clock.advance(60_000);
      await connected();
      const old = newest();
      clinic.glir.clock.advance(31_000);
      await connected();
      announceEnd(old, reason);
      await expect.poll(() => sockets.open().length, SOON).toBe(2);
      // Both are served meanwhile.
      expect(await commandOver(old)).toContain('install it again');
      expect(await commandOver(newest())).toContain('install it again');
      expect((await health()).status).toBe('ok');
      await expect
        .poll(() => {
          clinic.glir.clock.advance(1_000);
          return sockets.open().includes(old);
        }, SOON)
        .toBe(false);
      expect(sockets.open()).toHaveLength(1);
      expect(await commandOver(newest())).toContain('install it again');
    },
  );
});
