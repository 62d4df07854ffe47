import { describe, expect, it } from 'vitest';
import { effective, NO_SETTINGS, tenantSettingsSchema } from '../../../bots/commands/settings.ts';
import type { RoomStatus } from '../../../bots/commands/status.ts';
import { homeView } from '../../../bots/slack/home-view.ts';
import { closingView, noteForm } from '../../../bots/slack/note-form.ts';
import { answerMessage, readyBlocks, readyMessage, said, statusMessage } from '../../../bots/slack/note-messages.ts';
import { settingsForm } from '../../../bots/slack/settings-form.ts';
import { words } from '../../../bots/slack/words.ts';
import { END_REASONS } from '../../../src/protocol/terms.ts';
import { overLimits, slackSchema } from '../../support/slack-schema.ts';
import { practice, ROSSI } from '../rooms/setup.ts';

const LIMITS = { expiryDefaultSeconds: 1_800, expiryMaxSeconds: 86_400, readersDefault: 3 };
const ADMIN_CHOICES = { expiryMaxSeconds: 5_400, expiryDefaultSeconds: 4_000, readersMax: 7, readersDefault: 6 };
const ODD = tenantSettingsSchema.parse({ ...ADMIN_CHOICES, admissions: ['ask'] });
const AT = 1_795_364_813_000;

const { rooms } = practice();
const { room } = rooms.draft(ROSSI);
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
  const valid = slackSchema('KnownBlock');
  it.each([
    ['a fresh draft', readyMessage(opened)],
    ['a fresh draft without the form', readyMessage(opened, words.formDidNotOpen)],
    ['help', answerMessage({ kind: 'help' })],
    ['do not type', answerMessage({ kind: 'do-not-type' })],
    ['no such note', answerMessage({ kind: 'not-found' })],
    ['revoked', answerMessage({ kind: 'revoked', count: 2 })],
    ['a length out of range', answerMessage({ kind: 'out-of-range', minSeconds: 60, maxSeconds: 86_400 })],
    ['an empty list', answerMessage({ kind: 'list', rooms: [] })],
    ['a long list', answerMessage({ kind: 'list', rooms: Array.from({ length: 200 }, () => listed) })],
    ['not installed', said(words.notInstalled('https://glir.example.org/slack/install'))],
    ['a crowded note, directly', statusMessage(live, 'direct')],
    ['a crowded note, where it was asked for', statusMessage(live, 'ephemeral')],
    ['an interrupted note', statusMessage({ ...live, state: 'interrupted', waiting: [] }, 'direct')],
    ...END_REASONS.map((reason) => {
      const over = { reason, at: AT };
      return [`a note that ended: ${reason}`, statusMessage({ ...live, state: 'ended', over }, 'direct')] as const;
    }),
  ] as const)('%s fits Slack’s types and limits', (_name, message) => {
    expect(message.blocks.flatMap((block) => valid(block))).toEqual([]);
    expect(overLimits(message, 50)).toEqual([]);
    expect(message.text).not.toBe('');
    expect(JSON.stringify(message)).not.toContain('/n/');
  });
});

describe('every view that GLIR opens', () => {
  const validBlock = slackSchema('KnownBlock');
  const home = slackSchema('HomeView');
  const modal = slackSchema('ModalView');
  const many = <Item>(item: Item, amount: number): Item[] => Array.from({ length: amount }, () => item);
  const url = `https://hooks.slack.com/commands/${'T'.repeat(60)}`;

  it.each([
    ['the form', noteForm(effective(NO_SETTINGS, LIMITS), url)],
    ['the form of a strict admin', noteForm(effective(ODD, LIMITS), null)],
    ['the settings', settingsForm(effective(NO_SETTINGS, LIMITS), LIMITS)],
    ['the settings of a strict admin', settingsForm(effective(ODD, LIMITS), LIMITS)],
    ['the form’s last word', closingView(words.ready.title, readyBlocks(opened))],
    ['the settings’ last word', closingView(words.settings.title, said(words.settings.notYours).blocks)],
    ['an empty home', homeView({ live: [], past: [], settings: null })],
    [
      'a full home',
      homeView({ live: many(room, 100), past: many(past, 30), settings: effective(NO_SETTINGS, LIMITS) }),
    ],
  ])('%s fits Slack’s types and limits', (_name, view) => {
    expect(view.type === 'home' ? home(view) : modal(view)).toEqual([]);
    expect(view.blocks.flatMap((block) => validBlock(block))).toEqual([]);
    expect(overLimits(view, 100)).toEqual([]);
  });

  it.each([
    ['the form', noteForm(effective(ODD, LIMITS), url)],
    ['the settings', settingsForm(effective(ODD, LIMITS), LIMITS)],
  ])('%s takes no text, and begins with what holds', (_name, view) => {
    const text = JSON.stringify(view);
    expect(text).not.toMatch(/_input"|plain_text_input|rich_text_input/);
    const selects = view.blocks.filter(({ type }) => type === 'input').length;
    expect(text.match(/"initial_option"/g)).toHaveLength(selects);
  });
});

it('the checks find what is wrong', () => {
  const valid = slackSchema('KnownBlock');
  expect(valid({ type: 'section', text: { type: 'markdown', text: 'x' } })).not.toEqual([]);
  expect(valid({ type: 'sectoin' })).not.toEqual([]);
  expect(
    overLimits({ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }] }, 50),
  ).toHaveLength(1);
  expect(overLimits({ title: { text: 'x'.repeat(25) } }, 50)).toHaveLength(1);
  expect(overLimits({ blocks: Array(51).fill({ type: 'divider' }) }, 50)).toHaveLength(1);
});
