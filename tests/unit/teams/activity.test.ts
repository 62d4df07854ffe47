import { describe, expect, it } from 'vitest';
import { readActivity, readTyped } from '../../../bots/teams/activity.ts';
import { cpuTimeOf } from '../../support/server/cpu-time.ts';

const OPEN = { kind: 'open', expirySeconds: null };
const QUARTER = { kind: 'open', expirySeconds: 900 };
const DROPPED = { kind: 'do-not-type' };

describe('what a doctor types in the personal chat', () => {
  it.each([
    ['glir', OPEN],
    ['/glir', OPEN],
    ['  /GLIR  ', OPEN],
    ['glir\u00a015m', QUARTER],
    ['glir&nbsp;15m', QUARTER],
    ['<at>GLIR</at> glir 15m', QUARTER],
    ['list', { kind: 'list' }],
    ['/list', { kind: 'list' }],
    ['revoke all', { kind: 'revoke', target: 'all' }],
    ['revoke', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['Hi', { kind: 'help' }],
    ['', { kind: 'help' }],
    ['settings', { kind: 'settings' }],
    ['glir settings', { kind: 'settings' }],
    ['/glir Settings', { kind: 'settings' }],
  ])('%j is a command', (text, expected) => {
    expect(readTyped(text, 'personal')).toEqual(expected);
  });

  it.each([
    '15m',
    'glirs',
    'glir take one in the morning',
    'list of drugs: one, two',
    'settings of the pump',
    'help her with this',
    'hi, here is your result',
    '<at>GLIR</at> take two',
    '<at>',
    'take <b>two</b>',
  ])('%j may be the note, and nothing of it is kept', (text) => {
    expect(readTyped(text, 'personal')).toEqual(DROPPED);
  });
});

describe('what a doctor says to GLIR where others are', () => {
  it.each([
    ['<at>GLIR</at>', OPEN],
    ['<at>GLIR</at> glir', OPEN],
    ['<at>GLIR</at> 15m', QUARTER],
    ['glir 15m <at id="0">GLIR</at>', QUARTER],
    ['<at>GLIR</at> list', { kind: 'list' }],
    ['<at>GLIR</at> settings', { kind: 'settings' }],
    ['<at>GLIR</at> what do you think of his result', DROPPED],
  ])('%j', (text, expected) => {
    expect(readTyped(text, 'group')).toEqual(expected);
  });
});

it('a text made to take long to read is read at once', () => {
  const ms = cpuTimeOf(() => {
    for (const text of ['<at '.repeat(60_000), '<at>'.repeat(60_000), ' '.repeat(250_000), '/glir '.repeat(40_000)]) {
      readTyped(text, 'personal');
    }
  });
  expect(ms).toBeLessThan(2_000);
});

describe('the language that a person reads', () => {
  // As in https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
  const activity = {
    type: 'message',
    id: '1485983408511',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/amer/',
    from: { id: '29:1XJKJMvc5GBtc2JwZq0oj8tHZmzrQgFmB39ATiQWA85gQtHieVkKilBZ9XHoq9j7Zaqt7CZ-NJWi7me2kHTL3Bw' },
    recipient: { id: '28:c9e8c047-2a34-40a1-b28a-b162d5f5327c' },
    conversation: {
      conversationType: 'personal',
      id: 'a:17I0kl9EkpE1O9PH5TWrzrLNwnWWcfrU7QZjKR0WSfOpzbfcAg2IaydGElSo10tVr4C7Fc6GtieTJX663WuJCc1uA83n4CSrHSgGBj5XNYLcVlJAs2ZX8DbYBPck201w-',
    },
    channelData: { tenant: { id: '72f988bf-86f1-41af-91ab-2d7cd011db47' } },
    text: 'help',
  };
  const client = (locale: string) => [{ type: 'clientInfo', locale, country: 'US', platform: 'Windows' }];

  it.each([
    ['is the activity’s', { locale: 'it-IT', entities: client('de-DE') }, 'it'],
    ['is the client’s where the activity has none', { entities: client('ar-SA') }, 'ar'],
    ['is unknown where GLIR does not speak it', { locale: 'ja-JP' }, undefined],
    ['is unknown where nothing is said', {}, undefined],
  ])('%s', (_what, more, code) => {
    expect(readActivity({ ...activity, ...more }).language?.code).toBe(code);
  });
});
