import { observer, type types } from 'mediasoup';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import { findsIn } from '../support/server/search.ts';

/** Everything that goes through the SFU while it is tapped. */
interface SfuTap {
  /** Each message, as the SFU's own consumer gets it: what came in from the composer and goes out to the reader. */
  messages: Buffer[];
}

/**
 * Listens in on every stream of every worker that starts from now on, through mediasoup's own means: a direct transport
 * beside each producer. Call it before the server starts.
 */
function tapSfu(): SfuTap {
  const messages: Buffer[] = [];
  observer.on('newworker', (worker) => {
    worker.observer.on('newrouter', (router) => {
      let direct: Promise<types.DirectTransport> | null = null;
      router.observer.on('newtransport', (transport) => {
        if (transport.type === 'direct') return;
        transport.observer.on('newdataproducer', async ({ id }) => {
          direct ??= router.createDirectTransport();
          const consumer = await (await direct).consumeData({ dataProducerId: id });
          consumer.on('message', (message) => messages.push(Buffer.from(message)));
        });
      });
    });
  });
  return { messages };
}

const MARKER = 'Quetiapine-25mg-for-Giulia';
const NOTE = `${MARKER}: half a tablet at night. `.repeat(40);

const FILE = `${MARKER}: the report.\n`.repeat(400);

/** All that a page says to the server and hears from it, outside the data channel. */
function listen(page: Page): string[] {
  const wire: string[] = [];
  page.on('request', (request) => {
    wire.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '');
  });
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => wire.push(String(payload)));
    socket.on('framereceived', ({ payload }) => wire.push(String(payload)));
  });
  return wire;
}

describe('the server is blind', () => {
  let sfu: SfuTap;
  beforeAll(() => {
    sfu = tapSfu();
  });
  const clinic = useClinic();

  test('neither the note, nor a file or its name, nor the link’s secret passes the SFU, the signalling, HTTP or the log in the clear', async () => {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    const composer = await doctor.opens('about:blank');
    const fromClinic = listen(composer);
    const fromHome = listen(patient.page);
    const composeLink = await doctor.asks('/glir');
    await composer.goto(composeLink);
    await doctor.note.fill(NOTE);
    await composer.getByRole('button', { name: 'Share' }).click();
    const link = await composer.getByRole('textbox', { name: 'Note link' }).inputValue();
    await patient.follows(link);
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
    await composer.getByText('1 reading').waitFor();
    await doctor.adds({ name: `${MARKER}.txt`, content: FILE });
    const shown = (await patient.opensFile(`${MARKER}.txt`)).locator('pre');
    await expect.poll(() => shown.textContent()).toBe(FILE);

    const secret = link.slice(link.indexOf('#') + 1);
    const secretBytes = Buffer.from(secret, 'base64url');
    const wire = [...fromClinic, ...fromHome, ...clinic.glir.log];
    // The tap heard the note pass, and the wires were listened to: otherwise finding nothing would mean nothing.
    expect(sfu.messages.some(({ length }) => length > NOTE.length)).toBe(true);
    expect(sfu.messages.some(({ length }) => length > FILE.length)).toBe(true);
    for (const t of ['open-files', 'compose', 'share', 'prekey', 'admit', 'join', 'knock', 'sealed']) {
      expect(
        wire.some((line) => line.startsWith(`{"t":"${t}"`)),
        t,
      ).toBe(true);
    }
    expect(findsIn([...sfu.messages, ...wire], MARKER)).toBe(false);
    expect(findsIn([...sfu.messages, ...wire], secret)).toBe(false);
    const places = [...sfu.messages, ...wire.map((line) => Buffer.from(line))];
    expect(places.some((place) => place.includes(secretBytes) || place.includes(secretBytes.toString('hex')))).toBe(
      false,
    );
  });

  test('the search finds a marker in every spelling, so it can fail', () => {
    const planted = `before ${MARKER} after`;
    const places = [planted, Buffer.from(planted, 'utf16le'), Buffer.from(planted).toString('hex')];
    for (const shift of ['', 'x', 'xy']) places.push(Buffer.from(shift + planted).toString('base64url'));
    for (const place of places) expect(findsIn([place], MARKER)).toBe(true);
    expect(findsIn(['nothing here'], MARKER)).toBe(false);
  });

  test('pages ask for nothing from anywhere else, and keep nothing in the browser', async () => {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    const asked: string[] = [];
    patient.page.on('request', (request) => asked.push(new URL(request.url()).origin));
    const problems: string[] = [];
    patient.page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) problems.push(message.text());
    });
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    await patient.reads();
    await doctor.adds({ name: 'report.txt', content: FILE });
    await (await patient.opensFile('report.txt')).getByText(MARKER).first().waitFor();
    expect(new Set(asked)).toEqual(new Set([clinic.glir.url]));
    expect(problems).toEqual([]);
    const kept = await patient.page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      cookies: document.cookie,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
    }));
    expect(kept).toEqual({ local: 0, session: 0, cookies: '', databases: 0, caches: 0 });
  });
});
