import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bindingRequest, HALF_A_FRAME, isSuccess, type TcpTab, tcpTab } from '../support/network/ice-tcp.ts';
import { freePort, type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer } from '../support/signalling/wrtc.ts';

/** A connection without ICE credentials is dropped 5 s after it was made, looked for every second. */
const LATE_MS = 5_000;
/** Until the tests' own process has seen it, on a busy machine. */
const LATEST_MS = LATE_MS + 10_000;
const PER_NETWORK = 64;
const TOTAL = 512;

let glir: Glir;
let port: number;
const tabs: TcpTab[] = [];
beforeAll(async () => {
  port = await freePort();
  glir = await startGlir({ GLIR_RTC_PORT: String(port) });
});
afterAll(() => glir.stop());

async function tab(from?: string, says: Buffer | null = HALF_A_FRAME): Promise<TcpTab> {
  const made = await tcpTab(port, from);
  tabs.push(made);
  if (says !== null) made.socket.write(says);
  return made;
}

/** Closes whatever this process has open. */
function leave(): void {
  for (const { socket } of tabs.splice(0)) socket.destroy();
  closeAllPages();
}

const open = () => tabs.filter(({ isOpen }) => isOpen).length;
const workerPid = () =>
  glir.log.map((line) => JSON.parse(line)).findLast(({ event }) => event === 'worker-started').pid as number;
const residentKib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${workerPid()}/status`, 'utf8'))?.[1]);

const replySchema = z.object({
  data: z.object({
    transport: z.object({
      iceParameters: z.object({ usernameFragment: z.string(), password: z.string() }),
      iceCandidates: z.array(z.object({ protocol: z.string() })),
    }),
  }),
});

/** What a page learns that joins with the link. */
async function joined() {
  const doctor = await composer(glir.url, { command: '/glir 15m' });
  const client = await rawClient(glir.url);
  const reply = await client.ask(await joinMessage(await doctor.share()));
  return replySchema.parse(reply).data.transport;
}

/** Shows credentials, and waits for the answer. */
async function shows(made: TcpTab, request: Buffer): Promise<Buffer> {
  made.socket.write(request);
  const [frame]: Buffer[] = await once(made.socket, 'data');
  return frame ?? Buffer.alloc(0);
}

/** Each from an address of its own, all at the same time: what they share is that five seconds have to pass. */
describe('the TCP port of the data channels', () => {
  afterAll(leave);

  it.concurrent.each<[string, string, Buffer | null]>([
    ['half a frame', '127.0.5.1', HALF_A_FRAME],
    ['nothing', '127.0.5.2', null],
    ['half a length', '127.0.5.3', Buffer.from([1])],
    ['whole frames of nonsense', '127.0.5.4', Buffer.concat([Buffer.from([0, 4]), Buffer.from('abcd')])],
    ['empty frames', '127.0.5.5', Buffer.alloc(64)],
    [
      'credentials that nobody gave',
      '127.0.5.6',
      bindingRequest({ usernameFragment: 'a'.repeat(32), password: 'b'.repeat(32) }),
    ],
  ])('drops who sends %s after five seconds, and not before', async (_what, from, says) => {
    const sent = await Promise.all(Array.from({ length: 50 }, () => tab(from, says)));
    for (const ms of await Promise.all(sent.map(({ closed }) => closed))) {
      expect(ms).toBeGreaterThan(LATE_MS - 1_000);
      expect(ms).toBeLessThan(LATEST_MS);
    }
  });

  it.concurrent('drops who goes on sending as well: no trickle of bytes buys time', async () => {
    const made = await tab('127.0.5.7');
    const trickle = setInterval(() => made.socket.write('x'), 200);
    const ms = await made.closed;
    clearInterval(trickle);
    expect(ms).toBeLessThan(LATEST_MS);
  });

  it.concurrent('drops who knows a name and not its password, and keeps who knows both', async () => {
    const { iceParameters } = await joined();
    const [knows, guesses] = [await tab('127.0.5.8', null), await tab('127.0.5.8', null)];
    guesses.socket.write(bindingRequest({ ...iceParameters, password: 'b'.repeat(32) }));
    expect(isSuccess(await shows(knows, bindingRequest(iceParameters)))).toBe(true);
    expect(await guesses.closed).toBeLessThan(LATEST_MS);
    await delay(2_000);
    expect(knows.isOpen).toBe(true);
    expect(isSuccess(await shows(knows, bindingRequest(iceParameters)))).toBe(true);
  });
});

describe('the places of the TCP port', () => {
  afterEach(leave);

  it('are few for one network, and the newest keep them', async () => {
    for (let count = 0; count < 300; count++) await tab();
    await expect.poll(open, SOON).toBe(PER_NETWORK);
    expect(tabs.slice(-PER_NETWORK).every(({ isOpen }) => isOpen)).toBe(true);
  });

  it('are few for everybody, and who comes from elsewhere takes one of the most crowded networks’', async () => {
    const before = residentKib();
    for (let host = 1; host <= 20; host++) {
      await Promise.all(Array.from({ length: 50 }, () => tab(`127.0.7.${host}`)));
    }
    await expect.poll(open, SOON).toBe(TOTAL);
    const { iceParameters } = await joined();
    const elsewhere = await tab('127.9.9.9', null);
    // The crowd goes on, and does not reach whoever comes from another network.
    await Promise.all(Array.from({ length: 200 }, (_, index) => tab(`127.0.7.${30 + (index % 10)}`)));
    expect(elsewhere.isOpen).toBe(true);
    expect(isSuccess(await shows(elsewhere, bindingRequest(iceParameters)))).toBe(true);
    expect(open()).toBeLessThanOrEqual(TOTAL + 1);
    // 61 KiB for each of 1,200 connections would be 71 MiB.
    expect(residentKib() - before).toBeLessThan(45 * 1024);
    await Promise.all(tabs.filter((one) => one !== elsewhere).map(({ closed }) => closed));
    expect(elsewhere.isOpen).toBe(true);
  });

  it('are counted in the log: how many were dropped, and whose they were not', async () => {
    await expect
      .poll(() => glir.log.map((line) => JSON.parse(line)).find(({ event }) => event === 'rtc-tcp-dropped'), SOON)
      .toMatchObject({ late: expect.any(Number), forOthers: expect.any(Number), refused: 0, open: expect.any(Number) });
    expect(glir.log.filter((line) => line.includes('rtc-tcp-dropped')).join()).not.toContain('127.0.');
  });
});

it('with GLIR_RTC_TCP=off there is no such port, and no page is told of one', async () => {
  const rtc = await freePort();
  const other = await startGlir({ GLIR_RTC_PORT: String(rtc), GLIR_RTC_TCP: 'off' });
  try {
    const socket = connect({ host: '127.0.0.1', port: rtc });
    const [error]: Error[] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    const doctor = await composer(other.url, { command: '/glir 15m' });
    const client = await rawClient(other.url);
    const reply = await client.ask(await joinMessage(await doctor.share()));
    const { iceCandidates } = replySchema.parse(reply).data.transport;
    expect(iceCandidates.map(({ protocol }) => protocol)).toEqual(['udp']);
    closeAllPages();
  } finally {
    await other.stop();
  }
});
