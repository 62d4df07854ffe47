import { describe, expect, it } from 'vitest';
import { type ChatLanguage, chatLanguages, english } from '../../../bots/commands/chat-language.ts';
import { homeView } from '../../../bots/commands/home-view.ts';
import { noteForm } from '../../../bots/commands/note-form.ts';
import { answerView, readyView, statusView, textView } from '../../../bots/commands/note-views.ts';
import { personalForm } from '../../../bots/commands/personal-form.ts';
import type { RoomStatus } from '../../../bots/commands/room-status.ts';
import { effective, NO_SETTINGS, tenantSettingsSchema } from '../../../bots/commands/settings.ts';
import { settingsForm } from '../../../bots/commands/settings-form.ts';
import type { View } from '../../../bots/commands/view.ts';
import { choicesIn, closingOf, homeOf, messageOf, modalOf } from '../../../bots/slack/blocks.ts';
import { slackChat } from '../../../bots/slack/slack-chat.ts';
import { metadataOf } from '../../../bots/slack/slash-command.ts';
import { END_REASONS } from '../../../src/protocol/constants.ts';
import { overLimits, slackSchema } from '../../support/slack/schema.ts';
import { practice, ROSSI } from '../rooms/setup.ts';

// Made once: it takes seconds.
const validBlock = slackSchema('KnownBlock');

const LIMITS = { expiryDefaultSeconds: 1_800, expiryMaxSeconds: 86_400, readersDefault: 3, phone: null };
const ADMIN_CHOICES = { expiryMaxSeconds: 5_400, expiryDefaultSeconds: 4_000, readersMax: 7, readersDefault: 6 };
const ODD = tenantSettingsSchema.parse({ ...ADMIN_CHOICES, admissions: ['ask'] });
const AT = 1_795_364_813_000;

const { rooms } = await practice();
const { room } = await rooms.draft(ROSSI);
const opened = {
  kind: 'opened',
  room,
  url: `https://${'a'.repeat(60)}.example.org/compose#${'t'.repeat(43)}`,
  ticketUntil: AT,
} as const;
const waiting = Array.from({ length: 64 }, (_, index) => ({
  readerId: String(index).padStart(22, 'r'),
  number: index + 1,
  shortCode: '123456',
}));
const live: RoomStatus = {
  roomTag: 'abcdefgh',
  state: 'open',
  expiresAt: AT,
  reading: 20,
  waiting,
  isPageVisible: true,
  readBy: 99,
  over: null,
};
const listed = { id: 'abcdefgh', state: 'open', readers: 2, leftSeconds: 90 } as const;
const past = {
  roomTag: 'abcdefgh',
  createdAt: AT,
  openedAt: AT,
  endedAt: AT + 90_000,
  reason: 'left',
  readBy: 1,
} as const;

const LANGUAGES = chatLanguages().map((language) => [language.code, language] as const);
const many = <Item>(item: Item, amount: number): Item[] => Array.from({ length: amount }, () => item);

/** Every message, as full as it can be. */
function messages(language: ChatLanguage): [string, View][] {
  const chat = slackChat(language);
  const { text: say, line } = language;
  const shown = (status: RoomStatus, options?: { refresh: boolean }) => statusView(status, language, options);
  return [
    ['a fresh draft', readyView(opened, language)],
    ['a fresh draft without the form', readyView(opened, language, say('slack.formDidNotOpen'))],
    ['help', answerView({ kind: 'help' }, chat)],
    ['do not type', answerView({ kind: 'do-not-type' }, chat)],
    ['no such note', answerView({ kind: 'not-found' }, chat)],
    ['revoked', answerView({ kind: 'revoked', count: 2 }, chat)],
    ['an empty list', answerView({ kind: 'list', rooms: [] }, chat)],
    ['a long list', answerView({ kind: 'list', rooms: many(listed, 200) }, chat)],
    ['not installed', textView(say('slack.notInstalled', { url: 'https://glir.example.org/slack/install' }))],
    ['a form that did not open', textView(line('slack.tryCommand', { command: { typed: '/glir' } }))],
    ['a crowded note, directly', shown(live)],
    ['a crowded note, where it was asked for', shown(live, { refresh: true })],
    ['an interrupted note', shown({ ...live, state: 'interrupted', waiting: [] })],
    ...END_REASONS.map((reason): [string, View] => [
      `a note that ended: ${reason}`,
      shown({ ...live, state: 'ended', over: { reason, at: AT } }),
    ]),
  ];
}

describe.each(LANGUAGES)('every message that GLIR sends in %s', (_code, language) => {
  it('fits Slack’s types and limits', () => {
    for (const [name, view] of messages(language)) {
      const message = messageOf(view);
      expect(
        message.blocks.flatMap((block) => validBlock(block)),
        name,
      ).toEqual([]);
      expect(overLimits(message, 50), name).toEqual([]);
      expect(message.text, name).not.toBe('');
      expect(JSON.stringify(message), name).not.toContain('/n/');
    }
  });

  it('has the words around commands and codes in their order, whichever way the language runs', () => {
    const text = messages(language)
      .map(([, view]) => JSON.stringify(messageOf(view)))
      .join();
    for (const [, before, after] of text.matchAll(/(.)`\/glir[^`]*`(.)/g)) {
      expect([before, after].join('') === '\u2068\u2069').toBe(language.direction === 'rtl');
    }
    expect(text.includes('\u2068*123 456*\u2069')).toBe(language.direction === 'rtl');
    expect(text.match(/\u2068/g)?.length ?? 0).toBe(text.match(/\u2069/g)?.length ?? 0);
  });
});

describe.each(LANGUAGES)('every view that GLIR opens in %s', (_code, language) => {
  const { text: say } = language;
  const home = slackSchema('HomeView');
  const modal = slackSchema('ModalView');
  const url = `https://hooks.slack.com/commands/${'T'.repeat(60)}`;
  const UNNAMED = { ...ROSSI, displayName: '' };
  const settingsOf = (own: typeof ODD) => ({ ...effective(own, LIMITS), name: null, lastChoice: null });
  const form = (own: typeof ODD, doctor = ROSSI) =>
    modalOf(noteForm(settingsOf(own), doctor, language), metadataOf(url));
  const asked = { language: true, admins: true };
  const settings = (own: typeof ODD) => modalOf(settingsForm(own, LIMITS, language, asked));
  const personal = { name: 'x'.repeat(60), language: 'ar' };

  it.each([
    ['the form', form(NO_SETTINGS)],
    ['the form of a strict admin', form(ODD)],
    ['the form of a doctor without a name', form(ODD, UNNAMED)],
    ['the settings', settings(NO_SETTINGS)],
    ['the settings of a strict admin', settings({ ...ODD, phone: '06 555 0100', admins: many('U024BE7LH', 20) })],
    [
      'the doctor’s own settings',
      modalOf(personalForm({ ...personal, lastChoice: null, welcomed: true }, language, true)),
    ],
    ['the form’s last word', closingOf(say('ready.title'), readyView(opened, language), language)],
    ['the settings’ last word', closingOf(say('settings.title'), textView(say('settings.notYours')), language)],
    ['the own settings’ last word', closingOf(say('personal.title'), textView(say('personal.saved')), language)],
    ['an empty home', homeOf(homeView({ live: [], past: [], personal, settings: null }, language))],
    [
      'a full home',
      homeOf(
        homeView(
          { live: many(room, 100), past: many(past, 30), personal, settings: effective(NO_SETTINGS, LIMITS) },
          language,
        ),
      ),
    ],
  ])('%s fits Slack’s types and limits', (_name, view) => {
    expect(view.type === 'home' ? home(view) : modal(view)).toEqual([]);
    expect(view.blocks.flatMap((block) => validBlock(block))).toEqual([]);
    expect(overLimits(view, 100)).toEqual([]);
  });
});

it.each([
  ['the form', noteForm({ ...effective(ODD, LIMITS), name: 'Dr Rossi', lastChoice: null }, ROSSI, english()), []],
  ['the settings', settingsForm(ODD, LIMITS, english(), { language: true, admins: true }), ['phone']],
] as const)('%s takes no text but a name or a phone number, and begins with what holds', (_name, form, typed) => {
  const view = modalOf(form);
  const inputs = view.blocks.flatMap((block) => (block.type === 'input' && 'element' in block ? [block] : []));
  const texts = inputs.filter(({ element }) => element.type === 'plain_text_input');
  expect(texts.map(({ block_id }) => block_id)).toEqual(typed);
  for (const { element } of texts) expect(element).toMatchObject({ max_length: expect.any(Number) });
  const selects = inputs.filter(({ element }) => element.type === 'static_select');
  expect(JSON.stringify(view).match(/"initial_option"/g)).toHaveLength(selects.length);
});

describe('in Slack’s own marks', () => {
  const shown = (...line: Extract<View['parts'][number], { kind: 'text' }>['lines'][number]) =>
    messageOf({ summary: 'a', parts: [{ kind: 'text', lines: [line] }] }).blocks[0];
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

  it.each([
    ['strong words', { strong: 'Note' }, '*Note*'],
    ['what is typed', { typed: '/glir list' }, '`/glir list`'],
    [
      'what looks like a mark',
      '<!channel> & <https://evil.example|here>',
      '&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;',
    ],
    ['what looks like a mark in strong words', { strong: '<@U1>' }, '*&lt;@U1&gt;*'],
    ['what looks like a mark in typed words', { typed: '<@U1>' }, '`&lt;@U1&gt;`'],
    ['a time', { at: AT, as: 'time' }, '<!date^1795364813^{time}|16:26 UTC>'],
    ['a day', { at: AT, as: 'day' }, '<!date^1795364813^{date_short_pretty} at {time}|2026-11-22 16:26 UTC>'],
    [
      'a period',
      { at: AT, as: 'period' },
      '<!date^1795364813^{ago}|2026-11-22 16:26 UTC> (<!date^1795364813^{time}|16:26 UTC>)',
    ],
  ] as const)('%s', (_name, piece, text) => {
    expect(shown(piece)).toEqual(section(text));
  });

  it('are the words of a notification, without marks', () => {
    expect(messageOf(textView(['<!here> ', { strong: 'now' }])).text).toBe('&lt;!here&gt; now');
  });

  it('nothing is larger than Slack takes', () => {
    const parts = Array.from({ length: 120 }, () => ({ kind: 'text', lines: [['x'.repeat(4_000)]] }) as const);
    const view = { summary: 'x'.repeat(4_000), parts };
    expect(overLimits(messageOf(view), 50)).toEqual([]);
    expect(messageOf(view).blocks).toHaveLength(50);
    expect(overLimits(homeOf(view), 100)).toEqual([]);
    expect(homeOf(view).blocks).toHaveLength(100);
  });
});

it('the checks find what is wrong', () => {
  expect(validBlock({ type: 'section', text: { type: 'markdown', text: 'x' } })).not.toEqual([]);
  expect(validBlock({ type: 'sectoin' })).not.toEqual([]);
  expect(
    overLimits({ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }] }, 50),
  ).toHaveLength(1);
  expect(overLimits({ title: { text: 'x'.repeat(25) } }, 50)).toHaveLength(1);
  expect(overLimits({ blocks: Array(51).fill({ type: 'divider' }) }, 50)).toHaveLength(1);
});

describe('a submitted modal', () => {
  const option = (value: string) => ({ type: 'static_select', selected_option: { value } });

  it('is read as one choice for each field', () => {
    const values = { expiry: { expiry: option('900') }, admission: { admission: option('ask') } };
    expect(choicesIn({ id: 'V1', state: { values } })).toEqual({ expiry: '900', admission: 'ask' });
    expect(choicesIn({ state: { values: { expiry: { other: option('900') } } } })).toEqual({ expiry: '' });
  });

  // As in https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element and multi-select-menu-element
  it('has what was typed, and people, and nothing where a field was left empty', () => {
    const values = {
      name: { name: { type: 'plain_text_input', value: 'Dr Rossi' } },
      phone: { phone: { type: 'plain_text_input', value: null } },
      admins: { admins: { type: 'multi_users_select', selected_users: ['U2', 'U3'] } },
    };
    expect(choicesIn({ state: { values } })).toEqual({ name: 'Dr Rossi', phone: '', admins: 'U2,U3' });
  });

  it.each([[null], [{}], [{ state: { values: {} } }]])('that is not one of ours holds no choice (%j)', (view) => {
    expect(choicesIn(view)).toEqual({});
  });
});
