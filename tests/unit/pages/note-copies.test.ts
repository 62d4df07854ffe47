import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/protocol/note.ts';
import { readLanguages, stringsOf } from '../../../web-build/languages.ts';
import { readTemplate, writeTemplate } from '../../../web-composer/session/note-template.ts';
import { recordText } from '../../../web-composer/ui/note/record-text.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { createTimeFormat } from '../../../web-shared/i18n/time-format.ts';
import { medicine, noteOf } from './composer-setup.ts';

const english = (await readLanguages()).find(({ code }) => code === 'en');
if (english === undefined) throw new Error('There is no English.');
const strings = createStrings<ComposerKey>('en', 'en-GB', stringsOf(english, 'composer'));
const time = createTimeFormat('en-GB', 'Europe/Rome');

const NOTE: Note = {
  text: 'Dear Mrs Bianchi,\n\n<b>Ramipril</b> "5 mg"',
  format: 'markdown',
  medicines: [{ ...medicine('Ramipril'), strength: '5 mg', remarks: 'with water' }],
};

describe('a template', () => {
  it('gives back the note that went in, to the letter', () => {
    expect(readTemplate(writeTemplate(NOTE))).toEqual(NOTE);
    expect(readTemplate(writeTemplate(noteOf('')))).toEqual(noteOf(''));
  });

  it('has the note and nothing else', () => {
    expect(Object.keys(JSON.parse(writeTemplate(NOTE)))).toEqual(['glir', 'version', 'text', 'format', 'medicines']);
  });

  it.each([
    ['no JSON', 'Dear Mrs Bianchi'],
    ['an empty file', ''],
    ['other JSON', '{"resourceType":"Bundle"}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another version', writeTemplate(NOTE).replace('"version": 1', '"version": 2')],
    ['an unknown format', writeTemplate(NOTE).replace('markdown', 'html')],
    ['a text that is too long', writeTemplate(noteOf('x'.repeat(64 * 1024 + 1)))],
    [
      'a list that is too long',
      writeTemplate(
        noteOf(
          '',
          Array.from({ length: 301 }, () => medicine('A')),
        ),
      ),
    ],
    ['a medicine that lacks a field', writeTemplate(NOTE).replace('"remarks"', '"remark"')],
    ['a file that was cut off', writeTemplate(NOTE).slice(0, -20)],
  ])('is not read from %s', (_what, file) => {
    expect(readTemplate(file)).toBeNull();
  });
});

describe('a copy for the record', () => {
  const at = Date.UTC(2027, 4, 12, 13, 10);

  it('has the text, the list, and when the note was open and for how many', () => {
    expect(recordText(NOTE, { from: at, to: at + 30 * 60_000, readBy: 2 }, strings, time)).toBe(
      `${NOTE.text}\n\nMedicines\n- Ramipril 5 mg; 1-0-0-0; with water\n\n` +
        'Shared on 12 May 2027, from 15:10 to 15:40. 2 readers had it on their screens.',
    );
  });

  it('of an open note says since when, and of a draft that it was not shared', () => {
    expect(recordText(noteOf('Hello'), { from: at, to: null, readBy: 0 }, strings, time)).toBe(
      'Hello\n\nShared on 12 May 2027, open since 15:10. Nobody had opened it.',
    );
    expect(recordText(noteOf('Hello'), { from: null, to: null, readBy: 0 }, strings, time)).toBe(
      'Hello\n\nNot shared.',
    );
  });
});
