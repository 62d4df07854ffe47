import { describe, expect, it } from 'vitest';
import { homeView } from '../../../bots/commands/home-view.ts';
import {
  answerView,
  listView,
  readyView,
  refusalText,
  statusView,
  textView,
} from '../../../bots/commands/note-views.ts';
import type { RoomStatus } from '../../../bots/commands/room-status.ts';
import { openRoom } from '../../../bots/commands/run-command.ts';
import { effective, NO_SETTINGS } from '../../../bots/commands/settings.ts';
import type { Button, Part, View } from '../../../bots/commands/view.ts';
import { END_REASONS } from '../../../src/protocol/constants.ts';
import { roomTag } from '../../../src/rooms/room.ts';
import { ROSSI } from '../rooms/setup.ts';
import { botContextFor, CHAT, ENGLISH, LIMITS } from './setup.ts';

const AT = 1_795_364_813_000;
const SETTINGS = effective(NO_SETTINGS, LIMITS);
const NOBODY = { name: null, language: null };

const live: RoomStatus = {
  roomTag: 'abcdefgh',
  state: 'open',
  expiresAt: AT,
  reading: 2,
  waiting: [],
  isPageVisible: true,
  readBy: 3,
  over: null,
};
const waiting = Array.from({ length: 64 }, (_, index) => ({
  readerId: String(index).padStart(22, 'r'),
  number: index + 1,
  shortCode: '123456',
}));
const past = {
  roomTag: 'abcdefgh',
  createdAt: AT,
  openedAt: AT,
  endedAt: AT + 90_000,
  reason: 'left',
  readBy: 1,
} as const;

function buttonsOf(view: View): Button[] {
  return view.parts.flatMap((part): readonly Button[] => {
    if (part.kind === 'buttons') return part.buttons;
    return part.kind === 'row' ? [part.button] : [];
  });
}

/** What a person reads, with each moment as a word. */
function textOf(view: View): string {
  return view.parts.flatMap(linesOf).join('\n');
}

function linesOf(part: Part): string[] {
  if (part.kind === 'heading') return [part.text];
  if (part.kind === 'buttons') return [];
  return part.lines.map((line) =>
    line
      .map((piece) => {
        if (typeof piece === 'string') return piece;
        if ('at' in piece) return `(${piece.as} ${piece.at})`;
        return 'strong' in piece ? piece.strong : piece.typed;
      })
      .join(''),
  );
}

async function drafted() {
  const { bot } = await botContextFor();
  const opened = await openRoom({ expirySeconds: 900, admission: 'link', maxReaders: 1 }, ROSSI, SETTINGS, bot);
  if (opened.kind !== 'opened') throw new Error('not opened');
  return opened;
}

describe('a fresh draft', () => {
  it('has one button to the browser, says until when, and what was chosen', async () => {
    const opened = await drafted();
    const view = readyView(opened, ENGLISH);
    const tag = roomTag(opened.room.id);
    expect(buttonsOf(view)).toEqual([
      { action: 'glir-write', label: 'Write the note', value: tag, look: 'primary', url: opened.url },
      { action: 'glir-revoke', label: 'Revoke', value: tag },
    ]);
    expect(textOf(view)).toContain(`until (time ${opened.ticketUntil}).`);
    expect(textOf(view)).toContain('15 minutes · The link is enough · 1 reader at most');
  });

  it('can say something first', async () => {
    expect(linesOf(readyView(await drafted(), ENGLISH, 'No form.').parts[0] ?? { kind: 'heading', text: '' })).toEqual([
      'No form.',
    ]);
  });

  it('holds the compose link, and nothing else of the room but its tag', async () => {
    const opened = await drafted();
    const rest = JSON.stringify(readyView(opened, ENGLISH)).replaceAll(opened.url, '');
    expect(rest).not.toContain(opened.room.id);
    expect(rest).not.toContain(ROSSI.displayName);
    expect(rest).not.toContain('http');
  });
});

describe('a command’s answer', () => {
  it.each([
    ['revoked', answerView({ kind: 'revoked', count: 1 }, CHAT), 'The note is gone, on every screen.'],
    ['two revoked', answerView({ kind: 'revoked', count: 2 }, CHAT), '2 notes are gone, on every screen.'],
    [
      'no such note',
      answerView({ kind: 'not-found' }, CHAT),
      'There is no such open note. Type !note list to see yours.',
    ],
    ['an empty list', answerView({ kind: 'list', rooms: [] }, CHAT), 'You have no open notes.'],
  ])('%s is one sentence, the same for a notification', (_name, view, sentence) => {
    expect(textOf(view)).toBe(sentence);
    expect(view.summary).toBe(sentence);
  });

  it('names the chat as its people do', () => {
    for (const kind of ['help', 'do-not-type'] as const) {
      const view = answerView({ kind }, CHAT);
      expect(textOf(view)).toContain('!note');
      expect(JSON.stringify(view)).not.toMatch(/Slack|Teams|\/glir/);
    }
    expect(textOf(answerView({ kind: 'do-not-type' }, CHAT))).toContain('Pigeon keeps what you type.');
  });

  it('keeps typed and strong words apart from the others', () => {
    expect(textView('Plain.', ['Type ', { typed: '!note' }, '.']).parts).toEqual([
      { kind: 'text', lines: [['Plain.'], ['Type ', { typed: '!note' }, '.']] },
    ]);
  });
});

describe('the list of open notes', () => {
  const room = { id: 'abcdefgh', state: 'open', readers: 2, leftSeconds: 95 } as const;

  it.each([
    [95, '2 minutes'],
    [59, '59 seconds'],
    [3_629, '1 hour'],
  ])('says of %i seconds that %s are left', (leftSeconds, left) => {
    const view = listView([{ ...room, leftSeconds }], ENGLISH);
    expect(textOf(view)).toContain(`Open, 2 people are reading, ${left} left`);
  });

  it('has a button for each, which asks before it counts', () => {
    const [button] = buttonsOf(listView([room], ENGLISH));
    expect(button).toMatchObject({ action: 'glir-revoke-listed', value: 'abcdefgh', look: 'danger' });
    expect(button?.confirm?.title).toBe('Revoke this note?');
  });

  it.each([
    [20, 20, false],
    [21, 20, true],
  ])('of %i notes shows %i', (amount, shown, more) => {
    const view = listView(
      Array.from({ length: amount }, () => room),
      ENGLISH,
    );
    expect(buttonsOf(view)).toHaveLength(shown);
    expect(textOf(view).includes('1 more is open')).toBe(more);
  });
});

describe('the status of a note', () => {
  it('says its state, when it ends, and who reads', () => {
    expect(linesOf(statusView(live, ENGLISH).parts[0] ?? { kind: 'heading', text: '' })).toEqual([
      'Your private note',
      `Open · Ends (period ${AT})`,
      '2 people are reading, read by 3',
    ]);
    expect(buttonsOf(statusView(live, ENGLISH)).map(({ action }) => action)).toEqual(['glir-revoke']);
  });

  it('says, when the server restarts, what comes back by itself, and nothing that will not stay true', () => {
    const view = statusView({ ...live, restarting: true }, ENGLISH);
    expect(textOf(view)).toContain('the note comes back there by itself');
    expect(textOf(view)).not.toMatch(/reading|read by|Open|Ends/);
    expect(buttonsOf(view).map(({ action }) => action)).toEqual(['glir-revoke']);
  });

  it('has a button to refresh, and why, only where it is asked for', () => {
    const view = statusView(live, ENGLISH, { refresh: true });
    expect(buttonsOf(view).map(({ action }) => action)).toEqual(['glir-revoke', 'glir-refresh']);
    expect(textOf(view)).toContain('Press Refresh');
    expect(textOf(statusView(live, ENGLISH))).not.toContain('Refresh');
  });

  it('shows who waits with the code on their screen, ten at most, and says how many more do', () => {
    const view = statusView({ ...live, waiting }, ENGLISH);
    expect(textOf(view)).toContain('Reader 1 waits. Code on their screen: 123 456');
    expect(buttonsOf(view).filter(({ action }) => action === 'glir-admit')).toHaveLength(10);
    expect(buttonsOf(view).find(({ action }) => action === 'glir-refuse')?.value).toBe(
      `abcdefgh ${waiting[0]?.readerId}`,
    );
    expect(textOf(view)).toContain('54 more readers wait.');
    expect(textOf(statusView({ ...live, waiting: waiting.slice(0, 10) }, ENGLISH))).not.toContain('more reader');
  });

  it.each(END_REASONS)('that ended (%s) says how and when, and has no button left', (reason) => {
    const view = statusView({ ...live, state: 'ended', waiting, over: { reason, at: AT } }, ENGLISH, { refresh: true });
    expect(buttonsOf(view)).toEqual([]);
    expect(textOf(view)).toContain(`${view.summary}, (time ${AT}).`);
    expect(textOf(view)).toContain('Read by 3');
  });
});

describe('why a choice is refused', () => {
  it.each([
    [{ expirySeconds: 90_000 }, 'A note can live from 1 minute to 24 hours.'],
    [{ maxReaders: 21 }, 'Choose from 1 to 20 readers.'],
    [{ admission: 'link' }, 'Your administrator does not allow this choice. Pick another one.'],
  ] as const)('%j: %s', async (choice, sentence) => {
    const { bot, rooms } = await botContextFor();
    const opened = await openRoom(choice, ROSSI, { ...SETTINGS, admissions: ['ask'] }, bot);
    expect(opened.kind === 'opened' ? '' : refusalText(opened, ENGLISH)).toBe(sentence);
    expect(rooms.of(ROSSI)).toEqual([]);
  });
});

describe('a doctor’s own page', () => {
  it('has one button to a new note, and says that there is nothing yet', () => {
    const view = homeView({ personal: NOBODY, live: [], past: [], settings: null }, ENGLISH);
    expect(buttonsOf(view)).toMatchObject([{ action: 'glir-new', look: 'primary' }, { action: 'glir-personal' }]);
    for (const text of ['You have no open notes.', 'No notes yet.', 'It never keeps the note']) {
      expect(textOf(view)).toContain(text);
    }
  });

  it('shows live notes with a button each, and past ones without', async () => {
    const { shared } = await botContextFor();
    const room = await shared();
    const view = homeView({ personal: NOBODY, live: [room], past: [past], settings: null }, ENGLISH);
    expect(buttonsOf(view)[1]).toMatchObject({ action: 'glir-revoke-home', value: roomTag(room.id) });
    expect(textOf(view)).toContain(`Ends (period ${room.expiresAt}) · nobody is reading, not read yet`);
    expect(textOf(view)).toContain(`(day ${AT}) · 2 minutes · read by 1 · You closed the page`);
    expect(JSON.stringify(view)).not.toContain(room.id);
  });

  it('shows twenty of each at most', async () => {
    const { shared } = await botContextFor();
    const room = await shared();
    const view = homeView(
      { personal: NOBODY, live: Array(30).fill(room), past: Array(30).fill(past), settings: null },
      ENGLISH,
    );
    expect(buttonsOf(view).filter(({ action }) => action === 'glir-revoke-home')).toHaveLength(20);
    expect(textOf(view).match(/You closed the page/g)).toHaveLength(20);
    expect(textOf(view)).toContain('10 more are open.');
  });

  it('has the settings for the admin alone', () => {
    const view = homeView({ personal: NOBODY, live: [], past: [], settings: SETTINGS }, ENGLISH);
    expect(textOf(view)).toContain('Longest life of a note: 24 hours');
    expect(buttonsOf(view).at(-1)).toMatchObject({ action: 'glir-settings' });
    expect(textOf(homeView({ personal: NOBODY, live: [], past: [], settings: null }, ENGLISH))).not.toContain(
      'Longest life',
    );
  });
});
