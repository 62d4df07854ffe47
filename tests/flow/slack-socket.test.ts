import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../support/server/glir.ts';
import { type SlackCloud, startSlackCloud } from '../support/slack/cloud.ts';
import { SlackDoctor } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';

let clinic: SlackClinic;
let slack: SlackCloud;
let sockets: WebSocketServer;
let socket: WebSocket;
beforeAll(async () => {
  const port = await freePort();
  sockets = new WebSocketServer({ host: '127.0.0.1', port });
  slack = await startSlackCloud('http://localhost/slack/oauth_redirect');
  slack.instead = ({ path, token }) =>
    path === '/api/apps.connections.open' && token === 'xapp-1-tests'
      ? { status: 200, body: JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/` }) }
      : undefined;
  const connected = once(sockets, 'connection');
  clinic = await startSlackClinic({ GLIR_SLACK_APP_TOKEN: 'xapp-1-tests', GLIR_SLACK_API_URL: slack.url });
  [socket] = await connected;
  socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }));
});
afterAll(async () => {
  await clinic.stop();
  await slack.close();
  sockets.close();
});

it('without a public URL, Slack’s requests come over a connection that GLIR opens', async () => {
  await expect.poll(() => clinic.glir.log.join('')).toContain('slack-connected');
  const doctor = new SlackDoctor(clinic);
  const answered = once(socket, 'message');
  const payload = doctor.commandFields('15m', 'socket', 'http://127.0.0.1:1/');
  socket.send(JSON.stringify({ type: 'slash_commands', envelope_id: 'e1', payload, accepts_response_payload: true }));
  const [data] = await answered;
  const answer = JSON.parse(String(data));
  expect(answer).toMatchObject({ envelope_id: 'e1' });
  expect(JSON.stringify(answer.payload)).toContain('install it again');
});

it('then nobody can send them to the address for requests', async () => {
  const fields = new SlackDoctor(clinic).commandFields('15m', 'http', 'http://127.0.0.1:1/');
  expect((await clinic.send(fields)).status).toBe(404);
});
