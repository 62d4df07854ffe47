import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { chatLanguages, english } from '../../../bots/commands/chat-language.ts';
import { type PingPlaces, RoomPings } from '../../../bots/commands/pings.ts';
import type { RoomStatus } from '../../../bots/commands/room-status.ts';
import type { View } from '../../../bots/commands/view.ts';
import { DeliveryError } from '../../../bots/delivery/delivery-error.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const MINUTE = 60_000;
const FIRST = { readerId: 'a'.repeat(22), number: 1, shortCode: '731652' };
const SECOND = { readerId: 'b'.repeat(22), number: 2, shortCode: '123456' };

/** A note's pings on a platform that keeps what it is told; `trouble` is thrown instead of taking the next message. */
function pinging(kept: PingPlaces<number> = {}, language = english()) {
  const clock = standingClock();
  const messages = new Map<number, View>();
  const removed: number[] = [];
  let places = kept;
  let next = 1;
  const state = { trouble: null as Error | null, post: (): number | null => next++, asked: 0 };
  const pings = new RoomPings<number>(
    {
      post(view) {
        state.asked += 1;
        if (state.trouble !== null) return Promise.reject(state.trouble);
        const place = state.post();
        if (place !== null) messages.set(place, view);
        return Promise.resolve(place);
      },
      remove(place) {
        messages.delete(place);
        removed.push(place);
        return Promise.resolve();
      },
      keep(now) {
        places = structuredClone(now);
        return Promise.resolve();
      },
    },
    { language: () => Promise.resolve(language), clock, log: pino({ level: 'silent' }) },
    kept,
  );
  const open = (more: Partial<RoomStatus> = {}): RoomStatus => ({
    roomTag: 'abcdefgh',
    state: 'open',
    expiresAt: clock.now() + 30 * MINUTE,
    reading: 0,
    waiting: [],
    readBy: 0,
    isPageVisible: false,
    over: null,
    ...more,
  });
  const summaries = () => [...messages.values()].map(({ summary }) => summary);
  return { pings, clock, open, summaries, messages, removed, state, places: () => places };
}

describe('when somebody waits', () => {
  it('and the doctor does not see the page, a short message says so, with the code and both decisions', async () => {
    const { pings, open, messages } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    expect([...messages.values()]).toMatchObject([
      {
        summary: 'Somebody waits for your note. 731 652',
        parts: [
          { lines: [['Somebody waits for your note. ', { strong: '731 652' }]] },
          {
            buttons: [
              { action: 'glir-ping-admit', label: 'Admit', value: 'abcdefgh 1-731652' },
              { action: 'glir-ping-refuse', label: 'Refuse', value: 'abcdefgh 1-731652' },
            ],
          },
        ],
      },
    ]);
  });

  it('there is one message at a time, removed when that reader is decided on, and then the next', async () => {
    const { pings, open, summaries, removed } = pinging();
    await pings.show(open({ waiting: [FIRST, SECOND] }));
    await pings.show(open({ waiting: [FIRST, SECOND] }));
    expect(summaries()).toEqual(['Somebody waits for your note. 731 652']);
    await pings.show(open({ waiting: [SECOND] }));
    expect(summaries()).toEqual(['Somebody waits for your note. 123 456']);
    expect(removed).toEqual([1]);
    await pings.show(open());
    expect(summaries()).toEqual([]);
  });

  it('nothing rings for whom the doctor has seen on the page, also once the page is hidden', async () => {
    const { pings, open, summaries } = pinging();
    await pings.show(open({ waiting: [FIRST], isPageVisible: true }));
    await pings.show(open({ waiting: [FIRST] }));
    expect(summaries()).toEqual([]);
    await pings.show(open({ waiting: [FIRST, SECOND] }));
    expect(summaries()).toEqual(['Somebody waits for your note. 123 456']);
  });

  it.each([
    ['is over', { state: 'ended', over: { reason: 'revoked', at: 1 } }],
    ['is cut off from its page', { state: 'interrupted' }],
    ['waits for a restart', { restarting: true }],
  ] as const)('nothing stays of it when the note %s', async (_what, change) => {
    const { pings, open, summaries } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    await pings.show(open({ waiting: [], ...change }));
    expect(summaries()).toEqual([]);
  });

  it('a message of an earlier run is gone on with, and removed', async () => {
    const { pings, open, removed, summaries, places } = pinging({ waiting: { reader: '1-731652', place: 77 } });
    await pings.show(open({ waiting: [FIRST] }));
    expect(summaries()).toEqual([]);
    await pings.show(open());
    expect(removed).toEqual([77]);
    expect(places()).toEqual({});
  });

  it('who waits on under another id, because a connection broke, keeps the one message', async () => {
    const { pings, open, removed, messages } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    await pings.show(open({ waiting: [{ ...FIRST, readerId: 'c'.repeat(22) }] }));
    expect([[...messages.keys()], removed]).toEqual([[1], []]);
  });

  it('who was lost undecided and waits again rings once more, a minute after the last time', async () => {
    const { pings, clock, open, summaries } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    await pings.show(open({ state: 'interrupted' }));
    expect(summaries()).toEqual([]);
    await pings.show(open({ waiting: [{ ...FIRST, readerId: 'c'.repeat(22) }] }));
    expect(summaries()).toEqual([]);
    clock.advance(60_000);
    await expect.poll(summaries).toEqual(['Somebody waits for your note. 731 652']);
  });

  it('who was lost and does not come back, or is seen on the page meanwhile, rings no more', async () => {
    const { pings, clock, open, summaries } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    await pings.show(open({ waiting: [] }));
    await pings.show(open({ waiting: [FIRST], isPageVisible: true }));
    await pings.show(open({ waiting: [FIRST] }));
    clock.advance(120_000);
    await pings.show(open({ waiting: [FIRST] }));
    expect(summaries()).toEqual([]);
  });

  it('a reader who asks again under another code, as after a reload of the open note, rings anew', async () => {
    const { pings, open, summaries } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    await pings.show(open({ waiting: [] }));
    await pings.show(open({ waiting: [{ ...FIRST, shortCode: '555666' }] }));
    expect(summaries()).toEqual(['Somebody waits for your note. 555 666']);
  });

  it('where GLIR may write no message nothing rings, now or later, and nothing is kept', async () => {
    const { pings, clock, open, state, places } = pinging();
    state.post = () => null;
    await pings.show(open({ waiting: [FIRST] }));
    expect(state.asked).toBe(1);
    clock.advance(120_000);
    await pings.show(open({ waiting: [FIRST] }));
    expect([state.asked, places()]).toEqual([1, {}]);
  });

  it('where it stands is kept as long as it is there', async () => {
    const { pings, open, places } = pinging();
    await pings.show(open({ waiting: [FIRST] }));
    expect(places()).toEqual({ waiting: { reader: '1-731652', place: 1 } });
  });

  it('what the platform does not take at first is tried again, and what it refuses is not', async () => {
    const { pings, open, summaries, state } = pinging();
    state.trouble = new DeliveryError('later', '503');
    await expect(pings.show(open({ waiting: [FIRST] }))).rejects.toBe(state.trouble);
    state.trouble = null;
    await pings.show(open({ waiting: [FIRST] }));
    expect(summaries()).toHaveLength(1);
    state.trouble = new DeliveryError('none', 'restricted_action');
    await pings.show(open({ waiting: [SECOND] }));
    state.trouble = null;
    await pings.show(open({ waiting: [SECOND] }));
    expect(summaries()).toEqual([]);
  });

  it.each(chatLanguages().map((language) => [language.code, language] as const))(
    'the code stays in its order in %s',
    async (_code, language) => {
      const { pings, open, summaries } = pinging({}, language);
      await pings.show(open({ waiting: [FIRST] }));
      const code = language.direction === 'rtl' ? '\u2068731 652\u2069' : '731 652';
      expect(summaries()[0]).toContain(code);
    },
  );
});

describe('five minutes before the end', () => {
  it('a message offers fifteen minutes more, and goes when they are given', async () => {
    const { pings, clock, open, messages, summaries } = pinging();
    const status = open();
    await pings.show(status);
    expect(summaries()).toEqual([]);
    clock.advance(25 * MINUTE + 1);
    await expect.poll(summaries).toEqual(['5 minutes left']);
    expect([...messages.values()][0]).toMatchObject({
      parts: [{}, { buttons: [{ action: 'glir-more-time', label: '15 minutes more', value: 'abcdefgh' }] }],
    });
    await pings.show({ ...status, expiresAt: status.expiresAt + 15 * MINUTE });
    expect(summaries()).toEqual([]);
    clock.advance(15 * MINUTE);
    await expect.poll(summaries).toEqual(['5 minutes left']);
    await pings.show({ ...status, state: 'ended', over: { reason: 'expired', at: clock.now() } });
    expect(summaries()).toEqual([]);
  });

  it('nothing rings for a doctor who sees the page, nor for a note that never had more', async () => {
    const seen = pinging();
    await seen.pings.show(seen.open({ isPageVisible: true }));
    seen.clock.advance(26 * MINUTE);
    const late = { expiresAt: seen.clock.now() + 4 * MINUTE };
    await seen.pings.show(seen.open({ ...late, isPageVisible: true }));
    await seen.pings.show(seen.open(late));
    const short = pinging();
    await short.pings.show(short.open({ expiresAt: short.clock.now() + 5 * MINUTE }));
    expect([seen.summaries(), short.summaries()]).toEqual([[], []]);
  });
});
