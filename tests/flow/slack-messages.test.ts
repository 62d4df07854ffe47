import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Doctor, type Room, roomTag } from '../../src/rooms/room.ts';
import { SOON } from '../support/server/soon.ts';
import type { Instead } from '../support/slack/cloud.ts';
import { buttonIn, SlackDoctor, shownIn, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, type SlackPerson, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

const JOIN_HASH = 'h'.repeat(43);
const FIRST = { readerId: 'a'.repeat(22), number: 1, shortCode: '123456' };

let clinic: SlackClinic;
beforeAll(async () => {
  clinic = await startSlackClinic();
  await clinic.install();
});
beforeEach(() => {
  // Of the installation the doctor's token is read.
  clinic.slack.calls.splice(1 + clinic.slack.calls.findLastIndex(({ path }) => path === '/api/auth.test'));
});
afterEach(async () => {
  clinic.slack.instead = null;
  await rooms().endAll('revoked');
  clinic.glir.clock.advance(61_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
});
afterAll(() => clinic.stop());

const rooms = () => clinic.glir.app.rooms;
const calls = (method: string) => clinic.slack.callsTo(`chat.${method}`);
const taken = (method: string) => calls(method).filter(({ answer }) => answer.includes('"ok":true'));
const mine = ({ id }: SlackPerson = clinic.rossi): Doctor => ({
  platform: 'slack',
  tenant: TEAM,
  user: id,
  displayName: '',
});
/** What a doctor sees in the newest direct message. */
const shown = () =>
  wordsOf(
    shownIn(
      clinic.slack.calls.findLast(({ path, answer }) => /chat.(post|upd)/.test(path) && /"ok":true/.test(answer))
        ?.fields,
    ),
  );
const refusing =
  (method: string, error: string): Instead =>
  ({ path }) =>
    path === `/api/chat.${method}` ? { status: 200, body: JSON.stringify({ ok: false, error }) } : undefined;

async function sharedNote(person: SlackPerson = clinic.rossi): Promise<Room> {
  const before = taken('postMessage').length;
  await new SlackDoctor(clinic, person).types('15m');
  const room = rooms().of(mine(person)).at(-1);
  if (room === undefined) throw new Error('no room');
  await rooms().open(room.id, JOIN_HASH, room.policy);
  await expect.poll(() => taken('postMessage').length, SOON).toBeGreaterThan(before);
  return room;
}

/** Where the newest direct message is. */
function place(): { channel: string; ts: string } {
  const answer: unknown = JSON.parse(taken('postMessage').at(-1)?.answer ?? 'null');
  return z.object({ channel: z.string(), ts: z.string() }).parse(answer);
}

async function shows(words: string, stepMs = 1_001): Promise<void> {
  await expect
    .poll(() => {
      clinic.glir.clock.advance(stepMs);
      return shown();
    }, SOON)
    .toContain(words);
}

describe('a direct message that Slack no longer changes', () => {
  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])(
    '(%s) is taken away, and another one takes its place',
    async (error) => {
      const room = await sharedNote();
      const old = place();
      clinic.slack.instead = refusing('update', error);
      rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
      await shows('123 456');
      expect(taken('postMessage')).toHaveLength(2);
      expect(calls('delete').map(({ fields: { ts } }) => ts)).toContain(old.ts);
      clinic.slack.instead = null;
      await rooms().end(room.id, 'left');
      await shows('You closed the page');
      expect(calls('update').at(-1)?.fields['ts']).toBe(place().ts);
      expect(taken('postMessage')).toHaveLength(2);
    },
  );

  it('is replaced also when the note is over by then', async () => {
    const room = await sharedNote();
    clinic.slack.instead = refusing('update', 'message_not_found');
    await rooms().end(room.id, 'expired');
    await shows('Its time was up');
    expect(shown()).not.toContain('glir-');
  });

  it.each(['msg_too_long', 'restricted_action'])('is tried again with the next change: %s', async (error) => {
    const room = await sharedNote();
    clinic.slack.instead = refusing('update', error);
    rooms().setReading(room.id, 1);
    await expect
      .poll(() => {
        clinic.glir.clock.advance(1_001);
        return calls('update').length;
      }, SOON)
      .toBe(1);
    clinic.slack.instead = null;
    rooms().setReading(room.id, 2);
    await shows('2 people are reading', 10_000);
  });

  it.each(['internal_error', 'service_unavailable', 'ratelimited'])('%s is over at some time', async (error) => {
    const room = await sharedNote();
    clinic.slack.instead = refusing('update', error);
    rooms().setReading(room.id, 1);
    for (let minute = 0; minute < 6; minute += 1) {
      clinic.glir.clock.advance(61_000);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    clinic.slack.instead = null;
    await shows('1 person is reading', 10_000);
    expect(taken('postMessage')).toHaveLength(1);
  });
});

it('a limit of Slack for one doctor’s message does not stall another doctor’s', async () => {
  const room = await sharedNote();
  const other = await sharedNote(clinic.weber);
  const first = place();
  clinic.slack.instead = ({ path, fields }) =>
    path === '/api/chat.update' && fields['ts'] !== first.ts
      ? { status: 429, body: '', headers: { 'retry-after': '8' } }
      : undefined;
  rooms().setReading(room.id, 3);
  clinic.glir.clock.advance(1_001);
  await expect.poll(() => calls('update').length, SOON).toBe(1);
  const begun = clinic.glir.clock.now();
  rooms().setReaders(other.id, { waiting: [FIRST], readBy: 0 });
  await expect
    .poll(() => {
      clinic.glir.clock.advance(100);
      return shown();
    }, SOON)
    .toContain('123 456');
  expect(clinic.glir.clock.now() - begun).toBeLessThan(4_000);
  clinic.slack.instead = null;
  await shows('3 people are reading');
});

it('a message whose last word Slack did not take before a stop says it after the next start', async () => {
  await sharedNote();
  const { ts } = place();
  clinic.slack.instead = refusing('update', 'internal_error');
  await clinic.glir.pause();
  clinic.slack.instead = null;
  await clinic.glir.again();
  await expect
    .poll(() => {
      // Its page may bring it back as long as its time is not up.
      clinic.glir.clock.advance(60_000);
      return shown();
    }, SOON)
    .toContain('Its time was up');
  expect(taken('update').at(-1)?.fields['ts']).toBe(ts);
  // Once is enough.
  const said = taken('update').length;
  await clinic.glir.pause();
  await clinic.glir.again();
  clinic.glir.clock.advance(60_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(taken('update')).toHaveLength(said);
});

/** Lets the server's clock run on by a minute with each look. */
async function inTime<Value>(look: () => Value, expected: Value): Promise<void> {
  await expect
    .poll(() => {
      clinic.glir.clock.advance(1_001);
      return look();
    }, SOON)
    .toEqual(expected);
}

describe('somebody waits, and the server is restarted', () => {
  const pings = () =>
    taken('postMessage').filter(({ fields }) => String(fields['text']).startsWith('Somebody waits for your note.'));
  const texts = () => pings().map(({ fields }) => fields['text']);
  const deleted = () => taken('delete').map(({ fields }) => fields['ts']);
  const placeOf = ({ answer }: { answer: string }) =>
    z.object({ channel: z.string(), ts: z.string() }).parse(JSON.parse(answer));

  it('the message that rang is not left behind, and rings once more only for who still waits', async () => {
    const before = pings().length;
    await new SlackDoctor(clinic).types('15m');
    const room = rooms().of(mine()).at(-1);
    if (room === undefined) throw new Error('no room');
    const { ownerToken } = await rooms().open(room.id, JOIN_HASH, room.policy);
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
    await inTime(() => texts().slice(before), ['Somebody waits for your note. 123 456']);
    const [rang] = pings().slice(before).map(placeOf);

    await clinic.glir.pause();
    await clinic.glir.again();
    // The doctor's page is back, and tells who waits: the same patient, by the number and the code, under another id.
    const again = { ...FIRST, readerId: 'c'.repeat(22) };
    await rooms().resume(ownerToken);
    rooms().composerBack(room.id);
    rooms().setReaders(room.id, { waiting: [again], readBy: 0, isPageVisible: false });
    await expect.poll(() => clinic.glir.log.join(''), SOON).toContain('messages-resumed');
    const standing = () =>
      pings()
        .slice(before)
        .map(placeOf)
        .filter(({ ts }) => !deleted().includes(ts));
    await inTime(() => standing().length, 1);
    const [now] = standing();
    const asked: string[] = [];
    const unlisten = rooms().onEvent((event) => {
      if (event.kind === 'decision-requested') asked.push(`${event.decision} ${event.readerId}`);
    });
    // Also the button of the message that rang before the restart leads to the reader who waits now.
    const button = { type: 'button', action_id: 'glir-ping-admit', value: `${roomTag(room.id)} 1-123456` };
    const url = clinic.slack.responseUrl('ping-after-restart');
    await new SlackDoctor(clinic).pressesDirectly(button, now ?? placeOf({ answer: '' }), url);
    await expect.poll(() => asked, SOON).toEqual([`admit ${again.readerId}`]);
    unlisten();
    rooms().setReaders(room.id, { waiting: [], readBy: 0, isPageVisible: false });
    await inTime(() => standing().length, 0);
    expect(deleted()).toContain(rang?.ts);
    expect(pings().length - before).toBeLessThanOrEqual(2);
  });

  it('the message about somebody who waited is taken away also when the note does not come back', async () => {
    const room = await sharedNote();
    const before = pings().length;
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0, isPageVisible: false });
    await inTime(() => pings().length - before, 1);
    const [rang] = pings().slice(before).map(placeOf);
    await clinic.glir.pause();
    await clinic.glir.again();
    await expect
      .poll(() => {
        clinic.glir.clock.advance(60_000);
        return deleted();
      }, SOON)
      .toContain(rang?.ts);
    expect(pings().length - before).toBe(1);
  });
});

describe('every press has an answer', () => {
  it('on a direct message about a note that is over: how it ended takes its place', async () => {
    const room = await sharedNote();
    const at = place();
    const button = { type: 'button', action_id: 'glir-revoke', value: roomTag(room.id) };
    await rooms().end(room.id, 'left');
    await expect.poll(() => clinic.glir.log.join(''), SOON).toContain(`"room":"${roomTag(room.id)}","reason":"left"`);
    const url = clinic.slack.responseUrl('over');
    await new SlackDoctor(clinic).pressesDirectly(button, at, url);
    await expect.poll(() => clinic.slack.responses('over'), SOON).toHaveLength(1);
    const { fields } = clinic.slack.responses('over')[0] ?? { fields: {} };
    expect(fields).toMatchObject({ replace_original: true });
    expect(wordsOf(shownIn(fields))).toContain('You closed the page');
  });

  it('on one that this server does not follow: it does from then on', async () => {
    const { room } = await rooms().draft(mine());
    await rooms().open(room.id, JOIN_HASH, room.policy);
    const button = { type: 'button', action_id: 'glir-admit', value: `${roomTag(room.id)} ${FIRST.readerId}` };
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    const post = await fetch(`${clinic.slack.url}/api/chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clinic.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: clinic.rossi.id, text: 'an earlier one' }),
    });
    const at = z.object({ channel: z.string(), ts: z.string() }).parse(await post.json());
    await new SlackDoctor(clinic).pressesDirectly(button, at, clinic.slack.responseUrl('adopted'));
    await shows('123 456');
    expect(calls('update').at(-1)?.fields['ts']).toBe(at.ts);
  });

  it('where nobody can be let in because the doctor’s page is away', async () => {
    const room = await sharedNote();
    rooms().setReaders(room.id, { waiting: [FIRST], readBy: 0 });
    await shows('123 456');
    const button = buttonIn(shownIn(calls('update').at(-1)?.fields), 'Admit');
    rooms().composerLost(room.id);
    const url = clinic.slack.responseUrl('away');
    await new SlackDoctor(clinic).pressesDirectly(button, place(), url);
    await expect.poll(() => clinic.slack.responses('away'), SOON).toHaveLength(1);
    expect(wordsOf(shownIn(clinic.slack.responses('away')[0]?.fields))).toMatch(
      /lost its connection|no longer waiting/,
    );
  });

  it('where the store and Slack’s answers fail it is at least a word', async () => {
    const url = clinic.slack.responseUrl('unknown');
    const button = { type: 'button', action_id: 'glir-admit', value: 'nosuchid x' };
    await new SlackDoctor(clinic).pressesDirectly(button, { channel: 'D1', ts: '1.2' }, url);
    await expect.poll(() => clinic.slack.responses('unknown'), SOON).toHaveLength(1);
    expect(wordsOf(shownIn(clinic.slack.responses('unknown')[0]?.fields))).toContain('no such open note');
  });
});
