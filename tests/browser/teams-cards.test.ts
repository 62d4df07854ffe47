import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatLanguage, chatLanguages, english } from '../../bots/commands/chat-language.ts';
import { homeView } from '../../bots/commands/home-view.ts';
import { noteForm } from '../../bots/commands/note-form.ts';
import { answerView, listView, readyView, statusView, textView } from '../../bots/commands/note-views.ts';
import { personalForm } from '../../bots/commands/personal-form.ts';
import type { RoomStatus } from '../../bots/commands/room-status.ts';
import { effective, NO_SETTINGS } from '../../bots/commands/settings.ts';
import { settingsForm } from '../../bots/commands/settings-form.ts';
import type { Form, View } from '../../bots/commands/view.ts';
import { welcomeView } from '../../bots/commands/welcome-view.ts';
import { formCard, viewCard, type Where } from '../../bots/teams/adaptive-cards.ts';
import { teamsChat } from '../../bots/teams/teams-chat.ts';
import { loadConfig } from '../../src/config/load.ts';
import { END_REASONS } from '../../src/protocol/constants.ts';
import type { Room } from '../../src/rooms/room.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { type CardTable, openCardTable } from '../support/teams/cards.ts';

const NOW = Date.parse('2026-03-02T15:40:00Z');
const { rooms: LIMITS } = loadConfig({}, { addresses: ['127.0.0.1'] });
const SETTINGS = effective(NO_SETTINGS, LIMITS);
const ROOM: Room = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  doctor: { platform: 'teams', tenant: 'tenant', user: 'user', displayName: 'Anna Rossi' },
  policy: { expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true },
  isChosen: true,
  limits: { expiryMaxSeconds: 86_400, admissions: ['ask', 'link', 'pin'], maxReaders: 20 },
  phone: null,
  state: 'open',
  joinHash: null,
  createdAt: NOW,
  openedAt: NOW,
  expiresAt: NOW + 1_800_000,
  reading: 2,
  waiting: [],
  readBy: 3,
  isPageVisible: true,
};
const STATUS: RoomStatus = {
  roomTag: 'AAAAAA',
  state: 'open',
  expiresAt: ROOM.expiresAt,
  reading: 0,
  waiting: [],
  isPageVisible: true,
  readBy: 0,
  over: null,
};
const waiting = (amount: number): RoomStatus => ({
  ...STATUS,
  waiting: Array.from({ length: amount }, (_, index) => ({
    readerId: `reader${index}`,
    number: index + 1,
    shortCode: '482913',
  })),
});
const listed = (amount: number) =>
  Array.from({ length: amount }, (_, index) => ({
    id: `AAAA${index}`,
    state: 'interrupted' as const,
    readers: 12,
    leftSeconds: 85_000,
  }));
const pastNote = {
  roomTag: 'AAAAAA',
  createdAt: NOW,
  openedAt: NOW,
  endedAt: NOW + 600_000,
  reason: 'lost',
  readBy: 12,
} as const;

function viewsIn(language: ChatLanguage): [string, View][] {
  const chat = teamsChat(language);
  const url = 'https://glir.example.org/compose#0123456789012345678901234567890123456789012';
  const shown = (status: RoomStatus) => statusView(status, language);
  const past = Array.from({ length: 20 }, () => pastNote);
  const personal = { name: 'Anna Rossi', language: null };
  return [
    ['a draft', readyView({ kind: 'opened', room: ROOM, url, ticketUntil: NOW }, language)],
    ['an open note', shown(STATUS)],
    ['a note with a waiting reader', shown(waiting(1))],
    ['a note with more waiting readers than fit', shown(waiting(12))],
    ['a note whose doctor is cut off', shown({ ...STATUS, state: 'interrupted', reading: 20, readBy: 999 })],
    ...END_REASONS.map((reason): [string, View] => [
      `a note that is over: ${reason}`,
      shown({ ...STATUS, state: 'ended', over: { reason, at: NOW } }),
    ]),
    ['no open notes', listView([], language)],
    ['more open notes than fit', listView(listed(25), language)],
    ['help', answerView({ kind: 'help' }, chat)],
    ['“don’t type the note here”', answerView({ kind: 'do-not-type' }, chat)],
    ['a revoked note', answerView({ kind: 'revoked', count: 2 }, chat)],
    ['no such note', answerView({ kind: 'not-found' }, chat)],
    ['trouble', textView(language.text('trouble'))],
    ['the welcome', welcomeView(chat, ['GLIR'])],
    ['a doctor’s home', homeView({ live: [ROOM], past, personal, settings: SETTINGS }, language)],
  ];
}

function formsIn(language: ChatLanguage): [string, Form][] {
  const own = { name: null, language: null, lastChoice: null, welcomed: true };
  return [
    ['a new note', noteForm({ ...SETTINGS, name: null, lastChoice: null }, ROOM.doctor, language)],
    ['the settings', settingsForm(NO_SETTINGS, LIMITS, language, { language: false, admins: false })],
    ['the doctor’s own settings', personalForm(own, language, false)],
  ];
}

const ENGLISH = english();
const VIEWS = viewsIn(ENGLISH);
const FORMS = formsIn(ENGLISH);
const ERROR = 'Choose something else.';
const WHERE: Where[] = ['message', 'dialog'];

let browser: Browser;
let table: CardTable;
beforeAll(async () => {
  browser = await sharedBrowser();
  table = await openCardTable(browser);
});
afterAll(() => browser.close());

describe.each(WHERE)('in a %s of Teams', (where) => {
  it.each(VIEWS)('%s is a card without faults, readable in a narrow chat', async (_name, view) => {
    const { problems, buttons, asked } = await table.show(viewCard(view, ENGLISH, where));
    expect(problems).toEqual([]);
    const all = view.parts.flatMap((part) => {
      if (part.kind === 'buttons') return part.buttons;
      return part.kind === 'row' ? [part.button] : [];
    });
    expect(buttons).toEqual(all.map(({ label }) => label));
    // A question is on screen once its button was pressed.
    expect(asked).toEqual(all.flatMap(({ confirm }) => (confirm === undefined ? [] : [confirm.yes, confirm.no])));
  });

  it.each(FORMS)('%s is a form with each question and answer on it', async (_name, form) => {
    const errors = { [form.fields[0]?.id ?? '']: ERROR };
    const shown = await table.show(formCard(form, ENGLISH, where, { errors }));
    expect(shown.problems).toEqual([]);
    expect(shown.buttons).toEqual([form.submit]);
    for (const field of form.fields) {
      const answers = field.kind === 'choice' ? field.options.map((option) => option.text) : [];
      for (const text of [field.label, ...answers]) expect(shown.words).toContain(text);
    }
    expect(shown.words).toContain(ERROR);
  });
});

it.each(chatLanguages().map((language) => [language.code, language] as const))(
  'every card is without faults and readable in a narrow chat in %s',
  async (_code, language) => {
    for (const [name, view] of viewsIn(language)) {
      expect((await table.show(viewCard(view, language))).problems, name).toEqual([]);
    }
    for (const [name, form] of formsIn(language)) {
      expect((await table.show(formCard(form, language))).problems, name).toEqual([]);
    }
  },
);

describe('the check of the cards', () => {
  const text = { type: 'TextBlock', text: 'x', wrap: true };
  const card = (...body: object[]) => ({ type: 'AdaptiveCard', version: '1.5', fallbackText: 'x', body });

  it.each([
    [
      'a text field',
      card({ type: 'Input.Text', id: 'note', label: 'Note' }),
      'it takes text that is longer than a name',
    ],
    ['an element that nobody knows', card({ type: 'Note' }), 'Unknown element type'],
    ['a misspelt name', card({ ...text, wrapp: true }), 'TextBlock has no wrapp'],
    ['a link without an address', card({ type: 'ActionSet', actions: [{ type: 'Action.OpenUrl' }] }), 'url'],
    ['two fields of one name', card(field('a'), field('a')), 'Duplicate Id'],
    ['words that do not fit', card({ ...text, text: 'x'.repeat(200), wrap: false }), 'too long'],
    ['a note link', card({ ...text, text: 'https://glir.example.org/n/AAAA' }), 'it holds a note link'],
  ])('finds %s', async (_name, wrong, problem) => {
    expect((await table.show(wrong)).problems.join('\n')).toContain(problem);
  });

  function field(id: string) {
    return { type: 'Input.ChoiceSet', id, label: 'Life', value: '1', choices: [{ title: '1', value: '1' }] };
  }
});
