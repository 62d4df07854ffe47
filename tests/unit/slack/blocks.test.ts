import { describe, expect, it } from 'vitest';
import { homeView } from '../../../bots/commands/home-view.ts';
import { noteForm } from '../../../bots/commands/note-form.ts';
import { answerView, readyView, statusView, textView } from '../../../bots/commands/note-views.ts';
import type { RoomStatus } from '../../../bots/commands/room-status.ts';
import { effective, NO_SETTINGS, tenantSettingsSchema } from '../../../bots/commands/settings.ts';
import { settingsForm } from '../../../bots/commands/settings-form.ts';
import { strings } from '../../../bots/commands/strings.ts';
import type { View } from '../../../bots/commands/view.ts';
import { choicesIn, closingOf, homeOf, messageOf, modalOf } from '../../../bots/slack/blocks.ts';
import { metadataOf } from '../../../bots/slack/slash-command.ts';
import { SLACK, slackStrings } from '../../../bots/slack/strings.ts';
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

describe('every message that GLIR sends', () => {
  it.each([
    ['a fresh draft', readyView(opened)],
    ['a fresh draft without the form', readyView(opened, slackStrings.formDidNotOpen)],
    ['help', answerView({ kind: 'help' }, SLACK)],
    ['do not type', answerView({ kind: 'do-not-type' }, SLACK)],
    ['no such note', answerView({ kind: 'not-found' }, SLACK)],
    ['revoked', answerView({ kind: 'revoked', count: 2 }, SLACK)],
    ['an empty list', answerView({ kind: 'list', rooms: [] }, SLACK)],
    ['a long list', answerView({ kind: 'list', rooms: Array.from({ length: 200 }, () => listed) }, SLACK)],
    ['not installed', textView(slackStrings.notInstalled('https://glir.example.org/slack/install'))],
    ['a form that did not open', textView(slackStrings.tryCommand)],
    ['a crowded note, directly', statusView(live)],
    ['a crowded note, where it was asked for', statusView(live, { refresh: true })],
    ['an interrupted note', statusView({ ...live, state: 'interrupted', waiting: [] })],
    ...END_REASONS.map((reason) => {
      const over = { reason, at: AT };
      return [`a note that ended: ${reason}`, statusView({ ...live, state: 'ended', over })] as const;
    }),
  ] as const)('%s fits Slack’s types and limits', (_name, view) => {
    const message = messageOf(view);
    expect(message.blocks.flatMap((block) => validBlock(block))).toEqual([]);
    expect(overLimits(message, 50)).toEqual([]);
    expect(message.text).not.toBe('');
    expect(JSON.stringify(message)).not.toContain('/n/');
  });
});

describe('every view that GLIR opens', () => {
  const home = slackSchema('HomeView');
  const modal = slackSchema('ModalView');
  const many = <Item>(item: Item, amount: number): Item[] => Array.from({ length: amount }, () => item);
  const url = `https://hooks.slack.com/commands/${'T'.repeat(60)}`;

  it.each([
    ['the form', modalOf(noteForm(effective(NO_SETTINGS, LIMITS)), metadataOf(url))],
    ['the form of a strict admin', modalOf(noteForm(effective(ODD, LIMITS)), metadataOf(null))],
    ['the settings', modalOf(settingsForm(effective(NO_SETTINGS, LIMITS), LIMITS))],
    ['the settings of a strict admin', modalOf(settingsForm(effective(ODD, LIMITS), LIMITS))],
    ['the form’s last word', closingOf(strings.ready.title, readyView(opened))],
    [
      'the settings’ last word',
      closingOf(strings.settings.title, textView(...slackStrings.notYours('U024BE7LH', true))),
    ],
    ['an empty home', homeOf(homeView({ live: [], past: [], settings: null }))],
    [
      'a full home',
      homeOf(homeView({ live: many(room, 100), past: many(past, 30), settings: effective(NO_SETTINGS, LIMITS) })),
    ],
  ])('%s fits Slack’s types and limits', (_name, view) => {
    expect(view.type === 'home' ? home(view) : modal(view)).toEqual([]);
    expect(view.blocks.flatMap((block) => validBlock(block))).toEqual([]);
    expect(overLimits(view, 100)).toEqual([]);
  });

  it.each([
    ['the form', modalOf(noteForm(effective(ODD, LIMITS)), metadataOf(url))],
    ['the settings', modalOf(settingsForm(effective(ODD, LIMITS), LIMITS))],
  ])('%s takes no text, and begins with what holds', (_name, view) => {
    const text = JSON.stringify(view);
    expect(text).not.toMatch(/_input"|plain_text_input|rich_text_input/);
    const selects = view.blocks.filter(({ type }) => type === 'input').length;
    expect(text.match(/"initial_option"/g)).toHaveLength(selects);
  });
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

  it.each([
    [null],
    [{}],
    [{ state: { values: {} } }],
    [{ state: { values: { expiry: { expiry: { selected_option: null } } } } }],
    [{ state: { values: { expiry: { expiry: { type: 'plain_text_input', value: 'MARKER' } } } } }],
  ])('that is not one of ours holds no choice (%j)', (view) => {
    expect(choicesIn(view)).toEqual({});
  });
});
