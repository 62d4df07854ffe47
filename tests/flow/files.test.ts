import { describe, expect, it } from 'vitest';
import type { Glir } from '../support/server/glir.ts';
import { isRefused } from '../support/signalling/raw.ts';
import { useSharedServer } from '../support/signalling/shared-server.ts';
import { composer, reader } from '../support/signalling/wrtc.ts';

const fingerprint = (byte: string) => ({
  fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill(byte).join(':') }],
});
const DTLS = fingerprint('AB');

let glir: Glir;
useSharedServer((started) => {
  glir = started;
});

describe('a connection for files', () => {
  it('is for readers whom the doctor let in, once the doctor’s page has one', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'ask' }));
    await isRefused(patient.client, { t: 'open-files', id: 900, dtls: DTLS }, 'not-allowed');
    await patient.tap();
    const knocked = await doctor.knock();
    await isRefused(patient.client, { t: 'open-files', id: 901, dtls: DTLS }, 'not-allowed');
    await doctor.admit(knocked);
    await isRefused(patient.client, { t: 'open-files', id: 902, dtls: DTLS }, 'not-open');

    expect(await doctor.client.ask({ t: 'open-files', id: 900, dtls: DTLS })).toMatchObject({ t: 'reply' });
    expect(await patient.client.ask({ t: 'open-files', id: 903, dtls: DTLS })).toMatchObject({ t: 'reply' });
    const opened = await doctor.client.next(({ t }) => t === 'files-opened');
    expect(opened).toMatchObject({ readerId: patient.joined.readerId, streamId: 0 });
    // Another one replaces it, on another stream.
    expect(await patient.client.ask({ t: 'open-files', id: 904, dtls: fingerprint('CD') })).toMatchObject({
      t: 'reply',
    });
    const again = await doctor.client.next((message) => message.t === 'files-opened' && message !== opened);
    expect(again).toMatchObject({ readerId: patient.joined.readerId, streamId: 1 });
  });

  it('is not made again and again for somebody who asks without end', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const answers: unknown[] = [];
    await doctor.share({ admission: 'link' });
    for (let id = 900; id < 912; id++) answers.push(await doctor.client.ask({ t: 'open-files', id, dtls: DTLS }));
    expect(answers.slice(0, 8)).toEqual(Array(8).fill(expect.objectContaining({ t: 'reply' })));
    expect(answers.slice(-3)).toEqual(Array(3).fill(expect.objectContaining({ code: 'too-often' })));
  });

  it('with parameters that cannot be right is refused', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    await doctor.share({ admission: 'link' });
    await isRefused(doctor.client, { t: 'open-files', id: 900, dtls: { fingerprints: [] } }, 'bad-message');
  });
});
