import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../../src/protocol/terms.ts';
import { overWords, refusedWords } from '../../../web-composer/words.ts';
import { goneWords, words } from '../../../web-receiver/words.ts';
import { safeName } from '../../../web-shared/names.ts';
import { groupCode, spellCode } from '../../../web-shared/short-code.ts';

describe("the receiver's words", () => {
  it('name the doctor only when the doctor lets them', () => {
    expect(words.hasNote('Dr Anna Rossi')).toBe('Dr Anna Rossi has a private note for you.');
    expect(words.hasNote(null)).toBe('A doctor has a private note for you.');
  });

  it.each(END_REASONS)('say that the note is gone when it ended as %s', (reason) => {
    const { heading, why, next } = goneWords(reason, 'Dr Anna Rossi', '15:12');
    expect(heading).toBe('This note is gone');
    expect(why).toMatch(/\.$/);
    expect(next).toContain('call the practice');
  });

  it.each(['declined', 'room-full', 'wrong-key', 'unreachable', 'no-webrtc'] as const)(
    'do not say that the note is gone when the reason is %s',
    (reason) => {
      expect(goneWords(reason, null, null).heading).not.toMatch(/gone/);
    },
  );

  it('leave the time out when it is not known', () => {
    expect(goneWords('revoked', null, null).why).toBe('The doctor ended it.');
    expect(goneWords('revoked', null, '15:12').why).toBe('The doctor ended it at 15:12.');
  });
});

describe("the composer's words", () => {
  it('say who had the note on screen', () => {
    expect(overWords('revoked', '15:12', 0).readBy).toContain('Nobody had opened it.');
    expect(overWords('revoked', '15:12', 1).readBy).toContain('One reader had it on the screen.');
    expect(overWords('revoked', '15:12', 4).readBy).toContain('4 readers had it on their screens.');
  });

  it.each(['used-ticket', 'expired-ticket', 'no-webrtc', 'bad-message'] as const)(
    'end with the next step when the link is refused as %s',
    (code) => {
      expect(refusedWords(code).next.toLowerCase()).toContain('type /glir again');
    },
  );
});

describe('names inside sentences', () => {
  it('stay as they are in Latin letters', () => {
    expect(safeName('Dr. Maß-Éluard O’Neill 2')).toBe('Dr. Maß-Éluard O’Neill 2');
  });

  it('cannot turn the words around them', () => {
    expect(safeName('ليلى')).toBe('\u2068ليلى\u2069');
    expect(safeName('Anna\u202e Rossi\n')).toBe('Anna  Rossi');
  });
});

describe('the short code', () => {
  it('is shown in two groups and spelled digit by digit', () => {
    expect(groupCode('482913')).toBe('482 913');
    expect(spellCode('482913')).toBe('4 8 2, 9 1 3');
  });
});
