/** GLIR, and a page that shows nothing but a button, with the patient's browser behind a line. */
import { type Browser, chromium } from 'playwright-core';
import { localAnswerSchema } from '../../../src/protocol/local-chat.ts';
import { CHROMIUM } from '../../support/browser/browsers.ts';
import { localhostCertificate } from '../../support/network/certificate.ts';
import { documentedBalancers, startBalancer } from '../../support/network/documented-balancer.ts';
import { freePort } from '../../support/server/free-port.ts';
import { visit } from '../browsers.ts';
import { plainNote, type Shared, share } from '../journey.ts';
import { startServer } from '../server.ts';
import { serveFloor } from './floor-page.ts';
import { type Line, LineRelay } from './relay.ts';

const NOTE = plainNote(800);
const PATIENT = '127.0.0.2';
const DOCTOR = '127.0.0.3';

/** What one visit took, read inside the page, in milliseconds from the start of the navigation. */
export interface LineVisit {
  textMs: number;
  buttonMs: number;
  floorMs: number;
  /** From the relay's log, until the text was there. */
  roundTrips: number;
}

export interface LineStage {
  visit(): Promise<LineVisit>;
  /** Cuts every connection of a patient who reads; milliseconds until the note is back. */
  cut(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Starts everything for one line. Nothing is answered before the stage is complete; `secure` puts nginx in front, as documented,
 * with TLS and HTTP/2.
 */
export async function openStage(
  line: Line,
  { secure, doctorBehindLine }: { secure: boolean; doctorBehindLine: boolean },
): Promise<LineStage> {
  const closes: (() => unknown)[] = [];
  const [port, rtcPort, frontPort, floorPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const pagePort = secure ? frontPort : port;
  const url = `${secure ? 'https' : 'http'}://localhost:${pagePort}`;
  const proxied = { PUBLIC_URL: url, GLIR_TRUST_PROXY: '1' };
  const server = await startServer({ port, settings: { GLIR_RTC_PORT: String(rtcPort), ...(secure ? proxied : {}) } });
  closes.push(() => server.stop());
  if (secure) {
    const nginx = documentedBalancers(process.env).found.find(({ name }) => name === 'nginx');
    if (nginx === undefined) throw new Error('nginx is not installed. On Debian: apt-get install nginx-light');
    const front = await startBalancer(nginx, frontPort, [port, port, port]);
    closes.push(() => front.stop());
  }
  const floor = await serveFloor(floorPort, secure ? localhostCertificate() : null);
  closes.push(() => floor.close());

  async function browserAt(
    address: string,
    ports: readonly number[],
  ): Promise<{ browser: Browser; relay: LineRelay; udp: number }> {
    const relay = new LineRelay(line);
    for (const each of ports) await relay.tcp(address, each);
    const udp = await relay.udp(rtcPort);
    const args = [...CHROMIUM.args, '--ignore-certificate-errors', `--host-resolver-rules=MAP localhost ${address}`];
    const browser = await chromium.launch({ ...CHROMIUM, args });
    closes.push(
      () => browser.close(),
      () => relay.close(),
    );
    return { browser, relay, udp };
  }
  const patient = await browserAt(PATIENT, [pagePort, floorPort]);
  const doctors = doctorBehindLine
    ? await browserAt(DOCTOR, [pagePort])
    : {
        browser: await chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, '--ignore-certificate-errors'] }),
        udp: rtcPort,
      };
  closes.push(() => doctors.browser.close());
  const behind = { from: rtcPort, patient: patient.udp, doctor: doctors.udp };

  const shared: Shared = await share(
    { composeLink: () => composeLink(doctors.browser, url) },
    {
      doctor: throughPort(doctors.browser, behind.from, behind.doctor),
      patient: patient.browser,
      close: async () => undefined,
    },
    NOTE,
  );
  const visitor = throughPort(patient.browser, behind.from, behind.patient);
  return {
    async visit() {
      const first = await visit(visitor, `${url.replace(String(pagePort), String(floorPort))}/`, {
        note: NOTE,
        tapAtOnce: false,
      });
      const floorMs = (await first.until('button')) - (await first.began());
      await first.close();
      patient.relay.begin();
      const page = await visit(visitor, shared.noteLink, { note: NOTE, tapAtOnce: true });
      const text = await page.until('note');
      const now = performance.now();
      const [began, button] = [await page.began(), await page.until('button')];
      const ago = performance.timeOrigin + now - text;
      const roundTrips = patient.relay.roundTrips(now - ago);
      await page.close();
      return { textMs: text - began, buttonMs: button - began, floorMs, roundTrips };
    },
    async cut() {
      const { page, until, close } = await visit(visitor, shared.noteLink, { note: NOTE, tapAtOnce: true });
      await until('note');
      await page.getByRole('button', { name: 'I have understood' }).waitFor();
      const back = page.evaluate(untilBack, NOTE);
      // What the page asked for when the note came is over.
      await new Promise((resolve) => setTimeout(resolve, 4 * line.roundTripMs + 100));
      const cutAt = performance.timeOrigin + performance.now();
      patient.relay.cut();
      const ms = (await back) - cutAt;
      await close();
      return ms;
    },
    async close() {
      for (const close of closes.reverse()) await close();
    },
  };
}

/** Runs in the page; gives the time at which the note is there again after it was not. Has to stand by itself. */
function untilBack(note: string): Promise<number> {
  return new Promise((resolve) => {
    let wasGone = false;
    new MutationObserver(() => {
      const isThere = document.querySelector('section[aria-label="Note"]')?.textContent === note;
      if (isThere && wasGone) resolve(performance.timeOrigin + performance.now());
      wasGone ||= !isThere;
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** The same browser, whose WebRTC connections go to another port than the server names. */
function throughPort(browser: Browser, from: number, to: number): Browser {
  const newContext: Browser['newContext'] = async (options) => {
    const context = await browser.newContext(options);
    await context.addInitScript(takePort, { from, to });
    return context;
  };
  return new Proxy(browser, {
    get: (target, name) => (name === 'newContext' ? newContext : Reflect.get(target, name)),
  });
}

/** Runs in a page before its own scripts; has to stand by itself. */
function takePort({ from, to }: { from: number; to: number }): void {
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.setRemoteDescription = function ({
    type,
    sdp,
  }: RTCSessionDescriptionInit): Promise<void> {
    const moved = { type, sdp: (sdp ?? '').replaceAll(` ${from} typ `, ` ${to} typ `) };
    return Reflect.apply(setRemoteDescription, this, [moved]);
  };
}

/** Types `/glir` in the local chat's own page, whose origin the server knows. */
async function composeLink(browser: Browser, url: string): Promise<string> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    const answer = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch('/local/command', {
        method: 'POST',
        headers,
        body: JSON.stringify({ text: '/glir' }),
      });
      return (await response.json()) as unknown;
    });
    const [first] = localAnswerSchema.parse(answer).messages;
    if (first?.kind !== 'compose') throw new Error(`/glir was answered with ${first?.kind ?? 'nothing'}`);
    return first.url;
  } finally {
    await context.close();
  }
}
