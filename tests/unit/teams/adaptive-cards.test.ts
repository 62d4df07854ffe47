import { describe, expect, it } from 'vitest';
import { english } from '../../../bots/commands/chat-language.ts';
import { listView, readyView, statusView, textView } from '../../../bots/commands/note-views.ts';
import type { View } from '../../../bots/commands/view.ts';
import { type CardElement, escaped, formCard, viewCard } from '../../../bots/teams/adaptive-cards.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { readCard } from '../../support/teams/clinic.ts';

const ENGLISH = english();
const AT = standingClock().now();
const STATUS = {
  roomTag: 'abcdefgh',
  state: 'open',
  expiresAt: AT,
  reading: 1,
  waiting: [],
  isPageVisible: true,
  readBy: 0,
  over: null,
} as const;

/** Every text block, however deep. */
function blocksOf(elements: readonly CardElement[]): Extract<CardElement, { type: 'TextBlock' }>[] {
  return elements.flatMap((element) => {
    if (element.type === 'ColumnSet') return blocksOf(element.columns.flatMap(({ items }) => items));
    return element.type === 'TextBlock' ? [element] : [];
  });
}

describe('a card', () => {
  const waiting = { readerId: 'r', number: 1, shortCode: '123456' };
  const room = { id: 'a', state: 'open', readers: 1, leftSeconds: 60 } as const;
  const VIEWS: [string, View][] = [
    ['words', textView('One.', [{ strong: 'Two' }, ' and ', { typed: '/glir' }])],
    ['a status', statusView({ ...STATUS, waiting: [waiting] }, ENGLISH, { refresh: true })],
    ['a note that is over', statusView({ ...STATUS, state: 'ended', over: { reason: 'locked', at: AT } }, ENGLISH)],
    ['a list', listView([room, room], ENGLISH)],
  ];

  it.each(VIEWS)('of %s wraps every line and says its summary where it cannot be shown', (_what, view) => {
    const card = viewCard(view, ENGLISH);
    expect(card).toMatchObject({ type: 'AdaptiveCard', version: '1.5', fallbackText: view.summary });
    expect(blocksOf(card.body).length).toBeGreaterThan(0);
    for (const block of blocksOf(card.body)) expect(block.wrap).toBe(true);
    expect(JSON.stringify(card)).not.toContain('Input.');
  });

  it('shows times in the reader’s own time zone', () => {
    const view: View = {
      summary: '',
      parts: [{ kind: 'text', lines: [(['time', 'day', 'period'] as const).map((as) => ({ at: AT, as }))] }],
    };
    const iso = '2023-11-14T22:13:20Z';
    expect(blocksOf(viewCard(view, ENGLISH).body)[0]?.text).toBe(
      `{{TIME(${iso})}}{{DATE(${iso}, SHORT)}} {{TIME(${iso})}}{{TIME(${iso})}}`,
    );
  });

  it('asks with buttons of the newest kind in a conversation, and with older ones where clients know no others', () => {
    const { actions } = readCard(viewCard(statusView(STATUS, ENGLISH), ENGLISH));
    expect(actions).toMatchObject([
      { type: 'Action.ToggleVisibility', title: 'Revoke', style: 'destructive' },
      { type: 'Action.Execute', verb: 'glir-revoke', style: 'destructive' },
      { type: 'Action.ToggleVisibility', title: 'Keep it open' },
    ]);
    const json = JSON.stringify(viewCard(statusView(STATUS, ENGLISH), ENGLISH));
    expect(json).toContain('"fallback":{"type":"Action.Submit"');
    expect(JSON.stringify(viewCard(statusView(STATUS, ENGLISH), ENGLISH, 'dialog'))).not.toContain('Action.Execute');
  });

  it('leads to the doctor’s browser without telling GLIR', () => {
    const opened = {
      room: { id: 'abcdefghij', policy: { expirySeconds: 900, admission: 'ask', maxReaders: 1, showName: true } },
    };
    const ready = readyView(
      {
        kind: 'opened',
        url: 'https://glir.example.org/compose#t',
        ticketUntil: AT,
        ...opened,
      } as Parameters<typeof readyView>[0],
      ENGLISH,
    );
    expect(readCard(viewCard(ready, ENGLISH)).button('Write the note')).toEqual({
      type: 'Action.OpenUrl',
      title: 'Write the note',
      style: 'positive',
      url: 'https://glir.example.org/compose#t',
    });
  });

  it('of a form shows what is wrong at its field, and what was chosen before', () => {
    const options = [
      { value: '1', text: 'One' },
      { value: '2', text: 'Two' },
    ];
    const field = { kind: 'choice', id: 'readers', label: 'Readers', options, chosen: '1' } as const;
    const form = { id: 'glir-form', title: 'T', intro: null, submit: 'Go', cancel: 'No', fields: [field] } as const;
    const card = readCard(
      formCard(form, ENGLISH, 'dialog', { errors: { readers: 'Too many.' }, chosen: { readers: '2' } }),
    );
    expect(card.json).toContain('Too many.');
    expect(card.chosen).toEqual({ readers: '2' });
    expect(readCard(formCard(form, ENGLISH, 'dialog', { chosen: { readers: '<script>' } })).chosen).toEqual({
      readers: '1',
    });
  });
});

describe('text on a card means itself', () => {
  it.each([
    ['*loud*', '\\*loud\\*'],
    ['a_b_c', 'a\\_b\\_c'],
    ['[here](https://example.org)', '\\[here\\](https://example.org)'],
    ['# Title', '\\# Title'],
    ['- item', '\\- item'],
    ['1. first', '1\\. first'],
    ['12) twelfth', '12\\) twelfth'],
    ['<at>x</at>', '\\<at\\>x\\</at\\>'],
    ['5 mg, 2.5 ml - twice', '5 mg, 2.5 ml - twice'],
    ['{{TIME(2023-11-14T22:13:20Z)}}', '{\u200b{TIME(2023-11-14T22:13:20Z)}}'],
  ])('%j', (text, expected) => {
    expect(escaped(text)).toBe(expected);
  });
});
