import { describe, expect, it } from 'vitest';
import type { Glir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { useSharedServer } from '../support/signalling/shared-server.ts';
import { composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

const MINUTE = 60_000;
const WRONG_KEY = 'k'.repeat(43);

let glir: Glir;
useSharedServer((started) => {
  glir = started;
});

describe('a note link', () => {
  it('to a room that never was is unknown', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const client = await rawClient(glir.url);
    await isRefused(client, await joinMessage(doctor.link, { roomId: 'r'.repeat(22) }), 'unknown-room');
    client.close();
  });

  it('to a draft is unknown, whatever key comes with it', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const client = await rawClient(glir.url);
    await isRefused(client, await joinMessage(doctor.link), 'unknown-room');
    await doctor.destroy();
    await isRefused(client, await joinMessage(doctor.link), 'unknown-room');
    client.close();
  });

  it('with another secret is refused, and the doctor hears nothing of it', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share();
    const client = await rawClient(glir.url);
    for (let guess = 0; guess < 5; guess++) {
      await isRefused(client, await joinMessage(link, { joinKey: WRONG_KEY }), 'wrong-key');
    }
    expect(doctor.client.received.filter(({ t }) => t !== 'reply')).toEqual([]);
    expect(await client.ask(await joinMessage(link))).toMatchObject({ t: 'reply' });
    client.close();
  });

  it('to a note that is over says how it ended to whoever has the right secret, and to nobody else', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share();
    await doctor.destroy();
    const guesser = await rawClient(glir.url);
    await isRefused(guesser, await joinMessage(link, { joinKey: WRONG_KEY }), 'wrong-key');
    expect(guesser.received).toHaveLength(1);
    guesser.close();
    const client = await rawClient(glir.url);
    await isRefused(client, await joinMessage(link), 'ended-room');
    expect(client.received[0]).toMatchObject({ t: 'ended', reason: 'revoked' });
    expect(await client.closed).toBe(1000);
  });

  it('has to wait while the composer is cut off, and is told when it is back', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share();
    doctor.cut();
    await expect.poll(() => glir.app.rooms.find(doctor.roomId)?.state, SOON).toBe('interrupted');
    const client = await rawClient(glir.url);
    await isRefused(client, await joinMessage(link), 'not-open');
    await doctor.resume();
    await client.next(({ t }) => t === 'resumed');
    expect(await client.ask(await joinMessage(link, { id: 2 }))).toMatchObject({ t: 'reply' });
    client.close();
  });
});

describe('a compose link', () => {
  const compose = (ticket: string) => ({ t: 'compose', id: 1, version: 1, ticket });

  it('opens one composer only: a second is told that there is one, and the first goes on', async () => {
    const ticket = await ticketFor(glir.url);
    const doctor = await composer(glir.url, { ticket });
    const second = await rawClient(glir.url);
    await isRefused(second, compose(ticket), 'composer-present');
    second.close();
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await patient.tap();
    await doctor.send(await doctor.knock(), 'still mine');
    expect(await patient.note()).toMatchObject({ note: { text: 'still mine' } });
  });

  it('opens one composer only when two come at the same moment', async () => {
    const ticket = await ticketFor(glir.url);
    const clients = await Promise.all([rawClient(glir.url), rawClient(glir.url), rawClient(glir.url)]);
    const answers = await Promise.all(clients.map((client) => client.ask(compose(ticket))));
    expect(answers.filter(({ t }) => t === 'reply')).toHaveLength(1);
    for (const answer of answers)
      if (answer.t === 'refused') expect(answer.code).toMatch(/^(used-ticket|composer-present)$/);
    for (const client of clients) client.close();
  });

  it('is used once the composer was there, also after it left', async () => {
    const ticket = await ticketFor(glir.url);
    const doctor = await composer(glir.url, { ticket });
    doctor.leave();
    await doctor.ended();
    const again = await rawClient(glir.url);
    await isRefused(again, compose(ticket), 'used-ticket');
    again.close();
  });

  it('is expired after ten minutes, and unknown when it was never given out', async () => {
    const ticket = await ticketFor(glir.url);
    glir.clock.advance(10 * MINUTE);
    const client = await rawClient(glir.url);
    await isRefused(client, compose(ticket), 'expired-ticket');
    await isRefused(client, compose('t'.repeat(43)), 'unknown-ticket');
    client.close();
  });

  it('of a room that the doctor revoked meanwhile opens nothing', async () => {
    const ticket = await ticketFor(glir.url);
    const [room] = glir.app.rooms.of({ platform: 'local', tenant: 'local', user: 'local' }).slice(-1);
    await glir.app.rooms.end(room?.id ?? '', 'revoked');
    const client = await rawClient(glir.url);
    await isRefused(client, compose(ticket), 'ended-room');
    client.close();
  });
});

describe('an owner token', () => {
  it('that nobody here signed is refused, and the owner stays', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const [claims = '', signature = ''] = doctor.ownerToken.split('.');
    const client = await rawClient(glir.url);
    for (const ownerToken of [
      '',
      'x.y',
      claims,
      `${claims}.`,
      `${claims}.${'A'.repeat(43)}`,
      `${claims}A.${signature}`,
    ]) {
      await isRefused(client, { t: 'resume', id: 1, version: 1, ownerToken }, 'wrong-owner');
    }
    client.close();
    await doctor.share();
    expect(glir.app.rooms.find(doctor.roomId)?.state).toBe('open');
  });

  it('of a room that is over brings nothing back', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    await doctor.share();
    await doctor.destroy();
    await expect(doctor.resume()).rejects.toMatchObject({ code: 'ended-room' });
    expect(await doctor.ended()).toMatchObject({ reason: 'revoked' });
    expect(glir.app.rooms.find(doctor.roomId)).toBeUndefined();
  });
});
