import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type Doctor, type Room, roomTag } from '../../src/rooms/room.ts';
import { request } from '../support/signalling/channels.ts';
import { rawClient } from '../support/signalling/client.ts';
import { buttonIn, directMessageIn, type Shown, SlackDoctor, shownIn, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

const JOIN_HASH = 'h'.repeat(43);
/** The board makes at most one call a second. */
const SOON = { timeout: 5_000 };
const FIRST = { readerId: 'a'.repeat(22), number: 1, shortCode: '123456' };
const SECOND = { readerId: 'b'.repeat(22), number: 2, shortCode: '654321' };

let clinic: SlackClinic;
let doctor: SlackDoctor;
beforeAll(async () => {
  clinic = await startSlackClinic();
  doctor = new SlackDoctor(clinic);
});
afterEach(async () => {
  clinic.slack.instead = null;
  await clinic.glir.app.rooms.endAll('revoked');
});
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
const mine = (): Doctor => ({ platform: 'slack', tenant: TEAM, user: clinic.rossi.id, displayName: '' });

/** A note that was asked for with `/glir 15m` and shared; gives its room and what the doctor saw first. */
async function shared({ press = null }: { press?: string | null } = {}): Promise<{ room: Room; first: Shown }> {
  await rooms().endAll('revoked');
  const { shown } = await doctor.types('15m', { name: 'command' });
  const [room] = rooms().of(mine());
  if (shown === null || room === undefined) throw new Error('no room');
  if (press !== null) await doctor.presses(buttonIn(shown, 'Write the note'), { ephemeral: press });
  await rooms().open(room.id, JOIN_HASH, room.policy);
  return { room, first: shown };
}

/** Lets the board's pace of one call a second pass. */
function later(): void {
  clinic.glir.clock.advance(1_001);
}

describe('with the permission to write messages', () => {
  beforeAll(async () => {
    await clinic.install();
  });
  const posted = () => clinic.slack.callsTo('chat.postMessage');
  const updates = () => clinic.slack.callsTo('chat.update');
  const direct = () => directMessageIn(clinic.slack);
  beforeEach(async () => {
    await clinic.glir.app.rooms.endAll('revoked');
    clinic.slack.calls.splice(1 + clinic.slack.calls.findLastIndex(({ path }) => path === '/api/auth.test'));
  });

  it('one direct message to the doctor alone follows the note to its end', async () => {
    const { room } = await shared();
    await expect.poll(posted, SOON).toHaveLength(1);
    const fields = posted()[0]?.fields;
    expect(fields).toMatchObject({ channel: clinic.rossi.id, unfurl_links: 'false', unfurl_media: 'false' });
    expect(wordsOf(shownIn(fields))).toMatch(/<!date\^\d+\^\{ago\}\|[^>]+UTC>/);

    later();
    rooms().setReaders(room.id, { waiting: [FIRST, SECOND], readBy: 0 });
    await expect.poll(() => wordsOf(direct()), SOON).toContain('123 456');
    expect(wordsOf(direct())).toContain('654 321');
    later();
    rooms().setReaders(room.id, { waiting: [], readBy: 2 });
    rooms().setReading(room.id, 2);
    await expect.poll(() => wordsOf(direct()), SOON).toContain('2 people are reading, read by 2');
    await rooms().end(room.id, 'expired');
    later();
    await expect.poll(() => wordsOf(direct()), SOON).toContain('Its time was up');
    expect(wordsOf(direct())).toContain('Read by 2');
    expect(wordsOf(direct())).not.toContain('glir-');
    expect(posted()).toHaveLength(1);
    expect(new Set(updates().map(({ fields: { ts } }) => ts)).size).toBe(1);
  });

  describe('while the doctor does not see the page', () => {
    const isAnswered = ({ answer }: { answer: string }) => answer.includes('"ok":true');
    const pings = () => posted().slice(1).filter(isAnswered);
    const deleted = () => clinic.slack.callsTo('chat.delete').map(({ fields: { ts } }) => ts);
    const placeOf = (call: { answer: string } | undefined) => {
      const { channel, ts } = JSON.parse(call?.answer ?? '{}');
      return { channel: String(channel), ts: String(ts) };
    };

    /** What the database has of the direct message about a note. */
    const keptOf = (room: Room): unknown => {
      const database = new DatabaseSync(path.join(clinic.dataDir, 'glir.db'), { readOnly: true });
      const row = database.prepare('SELECT data FROM chat_messages WHERE room_tag = ?').get(roomTag(room.id));
      database.close();
      return JSON.parse(String(row?.['data']));
    };

    it('a short message of its own says who waits, and is gone when "Admit" was pressed there', async () => {
      const decisions: string[] = [];
      const unlisten = rooms().onEvent((event) => {
        if (event.kind === 'decision-requested') decisions.push(`${event.decision} ${event.readerId}`);
      });
      const { room } = await shared();
      await expect.poll(posted, SOON).toHaveLength(1);
      rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
      later();
      await expect.poll(pings, SOON).toHaveLength(1);
      const ping = pings()[0];
      expect(ping?.fields).toMatchObject({ channel: clinic.rossi.id, text: 'Somebody waits for your note. 123 456' });
      await expect
        .poll(() => keptOf(room), SOON)
        .toMatchObject({ pings: { waiting: { reader: '1-123456', place: placeOf(ping) } } });
      const at = clinic.slack.responseUrl('ping');
      await doctor.pressesDirectly(buttonIn(shownIn(ping?.fields), 'Admit'), placeOf(ping), at);
      expect(decisions).toEqual([`admit ${FIRST.readerId}`]);
      await expect.poll(() => clinic.slack.responses('ping').at(-1)?.fields).toMatchObject({ replace_original: true });
      rooms().setReaders(room.id, { waiting: [], readBy: 0, isPageVisible: false });
      later();
      await expect.poll(deleted, SOON).toEqual([placeOf(ping).ts]);
      unlisten();
    });

    it('and nothing rings for whom the doctor sees on the page', async () => {
      const { room } = await shared();
      await expect.poll(posted, SOON).toHaveLength(1);
      rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: true });
      later();
      await expect.poll(() => wordsOf(direct()), SOON).toContain('123 456');
      rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
      rooms().setReaders(room.id, { waiting: [FIRST, SECOND], readBy: 0, isPageVisible: false });
      later();
      await expect.poll(pings, SOON).toHaveLength(1);
      expect(pings()[0]?.fields['text']).toBe('Somebody waits for your note. 654 321');
    });

    it('five minutes before the end, "15 minutes more" reaches the composer', async () => {
      let asked = 0;
      const unlisten = rooms().onEvent(({ kind }) => {
        if (kind === 'more-time-requested') asked += 1;
      });
      const { room } = await shared();
      await expect.poll(posted, SOON).toHaveLength(1);
      rooms().setReaders(room.id, { waiting: [], readBy: 0, isPageVisible: false });
      later();
      // What the board does at the next turn of its timer.
      await new Promise((resolve) => setTimeout(resolve, 50));
      clinic.glir.clock.advance(10 * 60_000);
      await expect.poll(pings, SOON).toHaveLength(1);
      const ping = pings()[0];
      expect(ping?.fields['text']).toBe('5 minutes left');
      const button = buttonIn(shownIn(ping?.fields), '15 minutes more');
      await doctor.pressesDirectly(button, placeOf(ping), clinic.slack.responseUrl('more'));
      expect(asked).toBe(1);
      await rooms().extend(room.id, 1_800);
      later();
      await expect.poll(deleted, SOON).toContain(placeOf(ping).ts);
      unlisten();
    });
  });

  it('another one follows a note that the doctor’s page begins with the same text, and says so', async () => {
    const { room } = await shared();
    await expect.poll(posted, SOON).toHaveLength(1);
    const { ownerToken } = await rooms().open(room.id, JOIN_HASH, room.policy);
    const page = await rawClient(clinic.glir.url);
    const { ticket } = await request(page, 'draft-again', { version: PROTOCOL_VERSION, ownerToken });
    const { room: next } = await rooms().redeem(ticket, () => false);
    expect(posted()).toHaveLength(1);
    await rooms().open(next.id, JOIN_HASH, next.policy);
    later();
    await expect.poll(posted, SOON).toHaveLength(2);
    expect(wordsOf(shownIn(posted()[1]?.fields))).toContain('Opened again from your page');
    expect(wordsOf(shownIn(posted()[0]?.fields))).not.toContain('Opened again');
    later();
    rooms().setReaders(next.id, { waiting: [FIRST], readBy: 0 });
    await expect.poll(() => wordsOf(direct()), SOON).toContain('123 456');
  });

  it.each(['Admit', 'Refuse'] as const)('"%s" reaches the open composer, which decides', async (text) => {
    const decisions: string[] = [];
    const unlisten = rooms().onEvent((event) => {
      if (event.kind === 'decision-requested') decisions.push(`${event.decision} ${event.readerId}`);
    });
    const { room } = await shared();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    later();
    await expect.poll(() => wordsOf(direct()), SOON).toContain('123 456');
    const button = buttonIn(direct(), text);
    await doctor.presses(button, { triggerId: `press ${text}` });
    await doctor.presses(button, { triggerId: `press ${text}` });
    await expect.poll(() => decisions, SOON).toEqual([`${text.toLowerCase()} ${FIRST.readerId}`]);
    rooms().setReaders(room.id, { waiting: [], readBy: 0 });
    await doctor.presses(button);
    expect(decisions).toHaveLength(1);
    unlisten();
  });

  it('a note that was never shared leaves no direct message', async () => {
    await doctor.types('15m');
    const [room] = rooms().of(mine());
    await rooms().end(room?.id ?? '', 'expired');
    await shared();
    await expect.poll(posted, SOON).toHaveLength(1);
  });

  it('a burst of changes costs few calls, and Slack’s rate limit is waited out', async () => {
    const { room } = await shared();
    await expect.poll(posted, SOON).toHaveLength(1);
    let limited = 0;
    clinic.slack.instead = ({ path }) => {
      if (path !== '/api/chat.update' || limited > 0) return undefined;
      limited += 1;
      return { status: 429, body: 'slow down', headers: { 'retry-after': '1' } };
    };
    for (let reading = 1; reading <= 50; reading++) rooms().setReading(room.id, reading);
    later();
    await expect.poll(() => wordsOf(direct()), { timeout: 5_000 }).toContain('50 people are reading');
    expect(limited).toBe(1);
    expect(updates().length).toBeLessThan(5);
  });
});

describe('without it', () => {
  beforeAll(async () => {
    await clinic.install('commands');
  });
  const seen = (name: string) => clinic.slack.responses(name);
  const last = (name: string) => wordsOf(shownIn(seen(name).at(-1)?.fields));

  it('the message that only the doctor sees is replaced as the note lives, and by how it ended', async () => {
    const { room } = await shared({ press: clinic.slack.responseUrl('live') });
    await expect.poll(() => seen('live'), SOON).toHaveLength(1);
    expect(seen('live')[0]?.fields).toMatchObject({ replace_original: true, response_type: 'ephemeral' });
    later();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    await expect.poll(() => last('live'), SOON).toContain('123 456');
    await rooms().end(room.id, 'left');
    later();
    await expect.poll(() => last('live'), SOON).toContain('You closed the page');
  });

  it('nothing rings: who waits is shown with "Admit" in the message that only the doctor sees, and no call is tried', async () => {
    const before = clinic.slack.calls.length;
    const { room } = await shared({ press: clinic.slack.responseUrl('silent') });
    await expect.poll(() => seen('silent'), SOON).toHaveLength(1);
    later();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
    await expect.poll(() => last('silent'), SOON).toContain('123 456');
    expect(last('silent')).toContain('glir-admit');
    clinic.glir.clock.advance(120_000);
    await new Promise<void>((resolve) => setImmediate(resolve));
    const called = clinic.slack.calls.slice(before).map(({ path }) => path);
    expect(called.filter((path) => /chat\.(postMessage|postEphemeral|delete|update)/.test(path))).toEqual([]);
    expect(clinic.glir.log.join('')).not.toContain('ping-not-sent');
  });

  it('a response_url is used five times at most, and the last is kept for the end', async () => {
    const { room } = await shared({ press: clinic.slack.responseUrl('budget') });
    await expect.poll(() => last('budget'), SOON).toContain('Nobody is reading');
    for (const said of ['1 person is reading', '2 people are reading', '3 people are reading']) {
      rooms().setReading(room.id, Number.parseInt(said, 10));
      later();
      await expect.poll(() => last('budget'), SOON).toContain(said);
    }
    for (let reading = 4; reading <= 10; reading++) {
      rooms().setReading(room.id, reading);
      later();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect(seen('budget')).toHaveLength(4);
    await rooms().end(room.id, 'revoked');
    later();
    await expect.poll(() => last('budget'), SOON).toContain('You revoked it');
    expect(seen('budget')).toHaveLength(5);
  });

  it('"Refresh" brings a fresh response_url, and the status as it is now', async () => {
    const { room } = await shared({ press: clinic.slack.responseUrl('before') });
    await expect.poll(() => seen('before'), SOON).toHaveLength(1);
    clinic.glir.clock.advance(31 * 60 * 1000 - 20 * 60 * 1000);
    const shown = shownIn(seen('before')[0]?.fields);
    await doctor.presses(buttonIn(shown, 'Refresh'), { ephemeral: clinic.slack.responseUrl('after') });
    await expect.poll(() => seen('after'), SOON).toHaveLength(1);
    expect(last('after')).toContain('Nobody is reading');
    rooms().setReading(room.id, 1);
    later();
    await expect.poll(() => last('after'), SOON).toContain('1 person is reading');
  });

  it.each([
    ['Refresh', 'glir-refresh', 'Nobody is reading'],
    ['Revoke', 'glir-revoke', 'You revoked it'],
  ])(
    '"%s" on a message that another node sent is answered there, and it is followed from then on',
    async (name, action, said) => {
      // As after a restart: nothing here knows of the message.
      const { room } = await rooms().draft(mine());
      await rooms().open(room.id, JOIN_HASH, room.policy);
      rooms().setReaders(room.id, { waiting: [], readBy: 2 });
      const button = { type: 'button', action_id: action, value: roomTag(room.id) };
      await doctor.presses(button, { ephemeral: clinic.slack.responseUrl(name) });
      await expect.poll(() => seen(name), SOON).toHaveLength(1);
      expect(last(name)).toContain(said);
      expect(last(name)).toMatch(/read by 2/i);
      expect(seen(name)[0]?.fields).toMatchObject({ replace_original: true, response_type: 'ephemeral' });
      await rooms().end(room.id, 'left');
      later();
      if (action === 'glir-refresh') await expect.poll(() => last(name), SOON).toContain('You closed the page');
      expect(seen(name).length).toBe(action === 'glir-refresh' ? 2 : 1);
    },
  );

  it('a doctor who wrote from the form is told the end of it once', async () => {
    const { room } = await shared();
    later();
    await new Promise<void>((resolve) => setImmediate(resolve));
    const before = seen('command').length;
    await rooms().end(room.id, 'revoked');
    later();
    await expect.poll(() => seen('command').length, SOON).toBe(before + 1);
    expect(seen('command').at(-1)?.fields).toMatchObject({ replace_original: false });
    expect(last('command')).toContain('You revoked it');
  });

  it('a used-up response_url is not called again', async () => {
    const { room } = await shared({ press: clinic.slack.responseUrl('spent') });
    await expect.poll(() => seen('spent'), SOON).toHaveLength(1);
    clinic.slack.instead = ({ path }) =>
      path.startsWith('/response/spent') ? { status: 404, body: 'used_url' } : undefined;
    rooms().setReading(room.id, 1);
    later();
    await expect.poll(() => seen('spent'), SOON).toHaveLength(2);
    await rooms().end(room.id, 'revoked');
    later();
    const { shown } = await doctor.types('list');
    expect(shown).not.toBeNull();
    expect(seen('spent')).toHaveLength(2);
  });
});
