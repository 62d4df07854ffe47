import { describe, expect, it } from 'vitest';
import { createTimeFormat, isSoon, localeFor } from '../../../web-shared/i18n/time-format.ts';

const MINUTE = 60_000;
const time = createTimeFormat('en-GB', 'Europe/Rome');
const at = Date.UTC(2027, 4, 12, 13, 40);

describe('time in words', () => {
  it.each([
    [0, '0 seconds'],
    [400, '1 second'],
    [42_000, '42 seconds'],
    [59_999, '1 minute'],
    [MINUTE, '1 minute'],
    [MINUTE + 1, '2 minutes'],
    [30 * MINUTE, '30 minutes'],
    [60 * MINUTE, '1 hour'],
    [60 * MINUTE + 1, '1 hour 1 minute'],
    [125 * MINUTE, '2 hours 5 minutes'],
    [24 * 60 * MINUTE, '24 hours'],
    [-5000, '0 seconds'],
  ])('says %i ms as "%s"', (ms, words) => {
    expect(time.duration(ms)).toBe(words);
  });

  it('tells the clock time of the place where the reader is', () => {
    expect(time.clock(at)).toBe('15:40');
    expect(createTimeFormat('en-GB', 'Asia/Tokyo').clock(at)).toBe('22:40');
  });

  it('tells the clock time as the reader is used to it', () => {
    expect(createTimeFormat('en-US', 'Europe/Rome').clock(at)).toMatch(/^3:40\sPM$/);
  });

  it('tells the day of the place where the reader is, in the reader’s language', () => {
    expect(time.date(at)).toBe('12 May 2027');
    expect(createTimeFormat('de', 'Europe/Rome').date(at)).toBe('12. Mai 2027');
    expect(createTimeFormat('en-GB', 'Pacific/Auckland').date(at)).toBe('13 May 2027');
  });

  it('says "tomorrow" only when the time is on the next day', () => {
    expect(time.until(at, 30 * MINUTE)).toEqual({ day: 'today', time: '15:40' });
    expect(time.until(at, 15 * 60 * MINUTE)).toEqual({ day: 'today', time: '15:40' });
    expect(time.until(at, 16 * 60 * MINUTE)).toEqual({ day: 'tomorrow', time: '15:40' });
  });
});

describe('time in other languages', () => {
  it.each([
    ['de', '2 Stunden, 5 Minuten', '1 Minute'],
    ['uk', '2 години і 5 хвилин', '1 хвилина'],
    ['ar', 'ساعتان و5 دقائق', 'دقيقة'],
  ])('is said in %s as it is spoken there', (language, long, short) => {
    const spoken = createTimeFormat(language);
    expect(spoken.duration(125 * MINUTE)).toBe(long);
    expect(spoken.duration(MINUTE)).toBe(short);
  });
});

describe('the warning that time is running out', () => {
  it('comes with the last fifth of a short note and with the last five minutes of a long one', () => {
    expect(isSoon(13_000, MINUTE)).toBe(false);
    expect(isSoon(12_000, MINUTE)).toBe(true);
    expect(isSoon(6 * MINUTE, 240 * MINUTE)).toBe(false);
    expect(isSoon(5 * MINUTE, 240 * MINUTE)).toBe(true);
  });
});

describe('the way a browser spells the language of the page', () => {
  it('is the first of the wished ones in that language, else the usual one', () => {
    expect(localeFor('en', 'en-GB', ['it-IT', 'en-US', 'en'])).toBe('en-US');
    expect(localeFor('en', 'en-GB', ['it-IT', 'de'])).toBe('en-GB');
    expect(localeFor('en', 'en-GB', ['eno'])).toBe('en-GB');
    expect(localeFor('en', 'en-GB', [])).toBe('en-GB');
  });

  it('keeps the clock that the reader is used to, in a language that the browser did not ask for', () => {
    const inRome = (locale: string) => createTimeFormat(locale, 'Europe/Rome').clock(at);
    expect(inRome(localeFor('ar', 'ar', ['it-IT', 'it']))).toMatch(/15:40$/);
    expect(inRome(localeFor('en', 'en-GB', ['ar-EG']))).toMatch(/^3:40\spm$/i);
    expect(localeFor('uk', 'uk', ['it-IT'])).toBe('uk');
  });
});
