import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../../src/protocol/constants.ts';
import { readLanguages, type Section, stringsOf } from '../../../web-build/languages.ts';
import { type ComposerKey, endedText, refusedText } from '../../../web-composer/ui/strings.ts';
import { goneStrings, type ReceiverKey } from '../../../web-receiver/ui/strings.ts';
import { safeName } from '../../../web-shared/i18n/safe-name.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { groupCode, spellCode } from '../../../web-shared/ui/short-code.ts';

const languages = await readLanguages();

function english<Key extends string>(section: Section) {
  const language = languages.find(({ code }) => code === 'en');
  if (language === undefined) throw new Error('There is no English.');
  return createStrings<Key>('en', 'en-GB', stringsOf(language, section));
}

const receiver = english<ReceiverKey>('receiver');
const composer = english<ComposerKey>('composer');

describe("the receiver's words", () => {
  it('name the doctor only when the doctor lets them', () => {
    expect(receiver.t('hasNote.named', { name: 'Dr Anna Rossi' })).toBe('Dr Anna Rossi has a private note for you.');
    expect(receiver.t('hasNote.unnamed')).toBe('A doctor has a private note for you.');
  });

  it.each(END_REASONS)('say that the note is gone when it ended as %s', (reason) => {
    const { heading, why, next } = goneStrings(receiver, reason, 'Dr Anna Rossi', '15:12');
    expect(heading).toBe('This note is gone');
    expect(why).toMatch(/\.$/);
    expect(next).toContain('call the practice');
  });

  it.each(['declined', 'room-full', 'wrong-key', 'unreachable', 'no-webrtc'] as const)(
    'do not say that the note is gone when the reason is %s',
    (reason) => {
      expect(goneStrings(receiver, reason, null, null).heading).not.toMatch(/gone/);
    },
  );

  it('leave the time out when it is not known', () => {
    expect(goneStrings(receiver, 'revoked', null, null).why).toBe('The doctor ended it.');
    expect(goneStrings(receiver, 'revoked', null, '15:12').why).toBe('The doctor ended it at 15:12.');
    expect(goneStrings(receiver, 'left', 'Dr Rossi', '15:12').why).toBe('Dr Rossi closed the page at 15:12.');
  });
});

describe("the composer's words", () => {
  it('say who had the note on screen', () => {
    expect(endedText(composer, 'revoked', '15:12', 0, false).readBy).toContain('Nobody had opened it.');
    expect(endedText(composer, 'revoked', '15:12', 1, false).readBy).toContain('One reader had it on the screen.');
    expect(endedText(composer, 'revoked', '15:12', 4, false).readBy).toContain('4 readers had it on their screens.');
  });

  it.each(['used-ticket', 'expired-ticket', 'no-webrtc', 'bad-message'] as const)(
    'end with the next step when the link is refused as %s',
    (code) => {
      expect(refusedText(composer, code).next.toLowerCase()).toContain('type /glir again');
    },
  );

  it('count as the language counts', () => {
    expect(composer.t('spaceLeft', { count: 1 })).toBe('Space for about 1 more character.');
    expect(composer.t('spaceLeft', { count: 1204 })).toBe('Space for about 1,204 more characters.');
    const forms = { one: '{count} символ', few: '{count} символи', many: '{count} символів', other: '{count} символу' };
    const ukrainian = createStrings<'characters'>('uk', 'uk', { characters: forms });
    expect([1, 3, 5, 21, 112].map((count) => ukrainian.t('characters', { count }))).toEqual([
      '1 символ',
      '3 символи',
      '5 символів',
      '21 символ',
      '112 символів',
    ]);
  });

  it('put short phrases side by side', () => {
    expect(composer.list([composer.t('waitingCount', { count: 2 }), composer.t('readingCount', { count: 1 })])).toBe(
      '2 waiting, 1 reading',
    );
    expect(composer.list([])).toBe('');
  });
});

describe('names inside sentences', () => {
  it('stay as they are in Latin letters', () => {
    expect(safeName('Dr. Maß-Éluard O’Neill 2')).toBe('Dr. Maß-Éluard O’Neill 2');
  });

  it('cannot turn the words around them', () => {
    expect(safeName('ليلى')).toBe('\u2068ليلى\u2069');
    expect(safeName('Anna\u202e Rossi\n')).toBe('Anna  Rossi');
    for (const mark of ['\u061c', '\u2028', '\u2029', '\u2067', '\u0085', '\r\n']) {
      expect(safeName(`Anna${mark}Rossi`)).toBe('Anna Rossi');
    }
    const arabic = createStrings<'from'>('ar', 'ar', { from: 'من {name}' });
    expect(arabic.t('from', { name: 'Dr. Rossi' })).toBe('من \u2068Dr. Rossi\u2069');
  });

  it('are not read as placeholders', () => {
    expect(receiver.t('noteFrom.named', { name: '{time} $& Rossi' })).toBe('A note from {time} $& Rossi');
  });
});

describe('the short code', () => {
  it('is shown in two groups and spelled digit by digit', () => {
    expect(groupCode('482913')).toBe('482 913');
    expect(spellCode('482913')).toBe('4 8 2, 9 1 3');
  });
});
