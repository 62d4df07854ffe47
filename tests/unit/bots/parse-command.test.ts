import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../bots/commands/parse-command.ts';

const ROOM = 'aB3_-xyz';

describe('what follows /glir', () => {
  it.each([
    ['', null],
    ['   ', null],
    ['15m', 900],
    ['  15M  ', 900],
    ['1h30m', 5_400],
    ['1 hour 30 minutes', 5_400],
    ['24h', 86_400],
    ['0m', 0],
    ['15', 900],
    ['/glir 15m', 900],
    ['/glir', null],
    ['glir /glir 20', 1_200],
    ['25h', 90_000],
  ])('"%s" asks for a new note', (text, expirySeconds) => {
    expect(parseCommand(text)).toEqual({ kind: 'open', expirySeconds });
  });

  it.each([
    ['list', { kind: 'list' }],
    ['LIST', { kind: 'list' }],
    ['help', { kind: 'help' }],
    ['?', { kind: 'help' }],
    ['revoke', { kind: 'help' }],
    ['revoke all', { kind: 'revoke', target: 'all' }],
    ['Revoke ALL', { kind: 'revoke', target: 'ALL' }],
    [`revoke ${ROOM}`, { kind: 'revoke', target: ROOM }],
    [`revoke   ${'x'.repeat(22)}`, { kind: 'revoke', target: 'x'.repeat(22) }],
    ['\tlist\n', { kind: 'list' }],
    ['/glir list', { kind: 'list' }],
  ])('"%s" is a command', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each([
    '15 30',
    '123456789',
    '-15m',
    '1.5h',
    'in 15m',
    '15m for Mrs Smith',
    'list of drugs: metformin 500 mg',
    'help me with the dose',
    'Take 2 tablets of metformin after breakfast',
    'revoke abc',
    'revoke al',
    'revoke all of them',
    `revoke ${'x'.repeat(23)}`,
    'revoke ../../etc',
    'revoke *',
    'révoke all',
    'rev\u200Boke all',
    'ｌｉｓｔ',
    '薬は食後に',
    '🩺',
    '\u0000',
    '__proto__',
    'constructor',
    '<script>alert(1)</script>',
    'x'.repeat(10_000),
    'revoke '.repeat(2_000),
    ' \n'.repeat(5_000).concat('note'),
  ])('is taken for a note, and dropped, when it is anything else (%#)', (text) => {
    expect(parseCommand(text)).toEqual({ kind: 'do-not-type' });
  });
});
