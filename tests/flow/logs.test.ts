import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

const PHONE = '06 555 0199';
const PIN = '271828182845';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir({ GLIR_PHONE: PHONE });
});
afterEach(closeAllPages);
afterAll(() => glir.stop());

/** Lines of the log that hold a text. */
const linesWith = (text: string) => glir.log.filter((line) => line.toLowerCase().includes(text.toLowerCase()));

const post = (body: string, type = 'application/json') =>
  fetch(`${glir.url}/local/command`, { method: 'POST', headers: { 'content-type': type, origin: glir.url }, body });

it('the log of a note’s whole life, at its most talkative, holds nothing that is private', async () => {
  const note = 'NOTEMARKER take one in the morning';
  const ticket = await ticketFor(glir.url);
  const doctor = await composer(glir.url, { ticket });
  const link = await doctor.share({ admission: 'pin', expirySeconds: 600 });
  const patient = await reader(link, { language: 'en', readmissionToken: 'PASSMARKER' });
  await fetch(link);
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.reveal(knock);
  await patient.shortCode();
  await patient.tell({ kind: 'pin', pin: PIN });
  expect(await doctor.hear(knock)).toEqual({ kind: 'pin', pin: PIN });
  const waiting = [{ readerId: knock.readerId, number: 1, shortCode: knock.shortCode }];
  expect(await doctor.client.ask({ t: 'report-readers', id: 1, waiting, readBy: 0 })).toMatchObject({ t: 'reply' });
  await doctor.admit(knock);
  await doctor.send(knock, note);
  expect(await patient.note()).toMatchObject({ note: { text: note } });
  await patient.show();
  await doctor.shown(knock);
  await patient.tell({ kind: 'point', rev: 1, place: { part: 'text', index: 7_654_321 }, on: true });
  await doctor.hear(knock);
  await doctor.extend(300);
  await isRefused(doctor.client, { t: 'extend', id: 7, totalSeconds: 59 }, 'bad-message');
  expect(linesWith('"room-extended"').map((line) => JSON.parse(line))).toMatchObject([{ expirySeconds: 900 }]);

  // Everything that goes wrong on the way is logged no more than what goes right.
  for (const text of ['COMMANDMARKER twice a day', '/glir COMMANDMARKER', '/glir revoke COMMANDMARKER']) {
    await post(JSON.stringify({ text }));
  }
  await post('{"text": "COMMANDMARKER');
  await post(JSON.stringify({ text: 'COMMANDMARKER'.repeat(5_000) }));
  await fetch(`${glir.url}/n/COMMANDMARKER%E0%A4%A?COMMANDMARKER`);
  const stranger = await rawClient(glir.url);
  await isRefused(stranger, { t: 'COMMANDMARKER' }, 'bad-message');
  await isRefused(stranger, { t: 'sealed', ciphertext: 'b', pin: PIN }, 'bad-message');
  await isRefused(
    stranger,
    { t: 'resume', id: 1, version: 1, ownerToken: `${doctor.ownerToken}COMMANDMARKER` },
    'wrong-owner',
  );
  await isRefused(stranger, await joinMessage(link, { id: 2, joinKey: 'k'.repeat(43) }), 'wrong-key');
  stranger.close();
  doctor.cut();
  await patient.client.next(({ t }) => t === 'interrupted');
  await doctor.resume();
  await doctor.destroy();
  await patient.ended();
  await expect.poll(() => linesWith('"room-ended"'), SOON).toHaveLength(1);

  const secrets = {
    note: 'NOTEMARKER',
    'link secret': new URL(link).hash.slice(1),
    'join key': toBase64Url(doctor.keys.joinKey),
    'pre-shared key': toBase64Url(doctor.keys.psk),
    ticket,
    'owner token': doctor.ownerToken,
    'signature of the owner token': doctor.ownerToken.split('.')[1] ?? '',
    'command text': 'COMMANDMARKER',
    'pass of a reader': 'PASSMARKER',
    "doctor's name": 'Rossi',
    'short code': knock.shortCode,
    'note link': '/n/',
    PIN,
    "practice's phone number": PHONE,
    'line that a patient points at': '7654321',
    'whole room id': doctor.roomId,
    'reader id': knock.readerId,
  };
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret, what).not.toBe('');
    expect(linesWith(secret), what).toEqual([]);
  }
});

it('the same search finds what is there', () => {
  const before = glir.log.length;
  expect(linesWith('"room-opened"').length).toBeGreaterThan(0);
  expect(linesWith('PLANTEDMARKER')).toEqual([]);
  glir.log.push(JSON.stringify({ level: 30, msg: `follow ${glir.url}/n/x#PLANTEDMARKER` }));
  expect(linesWith('plantedmarker')).toHaveLength(1);
  expect(linesWith('/n/')).toHaveLength(1);
  expect(glir.log).toHaveLength(before + 1);
});
