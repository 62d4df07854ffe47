import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/protocol/duration.ts';

describe('reading a duration', () => {
  it.each([
    ['15m', 900],
    ['2h', 7_200],
    ['1h30m', 5_400],
    ['90s', 90],
    ['45 min', 2_700],
    ['1 hour 30 minutes', 5_400],
    ['  1H 30M 5S ', 5_405],
    ['1d', 86_400],
    ['0m', 0],
  ])('takes "%s" as %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each([
    '',
    ' ',
    '15',
    'm',
    '-5m',
    '1.5h',
    '1,5h',
    '30m1h',
    '5m5m',
    '15mn',
    'in 15m',
    '15m please',
    '1h 30',
    '1e3s',
    '١٥m',
    '1234567s',
    `1h${' '.repeat(60)}5m`,
  ])('takes "%s" for no duration', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('saying a duration', () => {
  it.each([
    [60, '1 minute'],
    [1_800, '30 minutes'],
    [5_400, '1 hour 30 minutes'],
    [86_400, '24 hours'],
    [3_661, '1 hour 1 minute 1 second'],
    [0, '0 seconds'],
    [-3, '0 seconds'],
    [59.6, '1 minute'],
  ])('says %d seconds as "%s"', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('says every length up to a day so that it can be read back', () => {
    for (let seconds = 0; seconds <= 86_400; seconds += 7) {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds);
    }
  });
});
