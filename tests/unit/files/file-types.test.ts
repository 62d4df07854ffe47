import { describe, expect, it } from 'vitest';
import { cleanName } from '../../../web-composer/files/file-name.ts';
import { typeOf, withEnding } from '../../../web-composer/files/file-type.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const JPEG = bytes('\xff\xd8\xff\xe0');
const PNG = bytes('\x89PNG\r\n\x1a\n');
const WINDOWS = bytes('MZ\x90\0');

describe('what a file is', () => {
  it.each([
    ['a photo', 'a.JPG', JPEG, 'jpeg'],
    ['a picture', 'a.png', PNG, 'png'],
    ['a picture with another picture’s ending', 'a.jpg', PNG, 'png'],
    ['a picture without an ending', 'a', PNG, 'png'],
    ['an animation', 'a.gif', bytes('GIF89a'), 'gif'],
    ['a WebP', 'a.webp', bytes('RIFF\0\0\0\0WEBPVP8 '), 'webp'],
    ['a PDF', 'a.pdf', bytes('%PDF-1.7'), 'pdf'],
    ['a text', 'a.txt', bytes('Ramipril 5 mg'), 'text'],
    ['a text without an ending', 'README', bytes('Ramipril 5 mg'), 'text'],
    ['an empty file, whatever its name', 'a.pdf', bytes(''), 'text'],
    ['what nobody here knows', 'a.dcm', bytes('\0\0DICM'), 'other'],
    ['a document', 'a.docx', bytes('PK\x03\x04\0'), 'other'],
  ])('is found from its content: %s', (_, name, content, kind) => {
    expect(typeOf(name, content)).toBe(kind);
  });

  it.each([
    ['a program by its ending', 'a.exe', bytes('anything')],
    ['a program with the ending of a PDF', 'report.pdf', WINDOWS],
    ['a program behind a second ending', 'report.pdf.scr', bytes('%PDF-')],
    ['a script', 'a.txt', bytes('#!/bin/sh')],
    ['a page that runs scripts', 'a.html', bytes('<html>')],
    ['a picture that runs scripts', 'a.svg', bytes('<svg>')],
    ['a document with macros', 'a.docm', bytes('PK\x03\x04')],
    ['a program for Linux', 'a', bytes('\x7fELF')],
    ['an empty program', 'a.bat', bytes('')],
  ])('is refused where a system would run it: %s', (_, name, content) => {
    expect(typeOf(name, content)).toBe('runs');
  });

  it.each([
    ['a text that is called a picture', 'a.png', bytes('text')],
    ['a picture that is called a PDF', 'a.pdf', PNG],
    ['a PDF that is called a text', 'a.txt', bytes('%PDF-1.7')],
    ['bytes that are called a text', 'a.csv', bytes('a\0b')],
  ])('is refused where its name lies: %s', (_, name, content) => {
    expect(typeOf(name, content)).toBe('pretends');
  });

  it('is refused when it is an HEIC photo', () => {
    expect(typeOf('a.heic', bytes('\0\0\0\x18ftypheic'))).toBe('heic');
    expect(typeOf('a.jpg', bytes('\0\0\0\x18ftypmif1'))).toBe('heic');
  });

  it('is said by the end of its name', () => {
    expect(withEnding('photo', 'jpeg')).toBe('photo.jpg');
    expect(withEnding('photo.jpg', 'png')).toBe('photo.png');
    expect(withEnding('photo.JPEG', 'jpeg')).toBe('photo.JPEG');
    expect(withEnding('a.dcm', 'other')).toBe('a.dcm');
  });
});

describe('a file’s name', () => {
  it.each([
    ['keeps letters of any script', 'Befund München.pdf', 'Befund München.pdf'],
    ['loses marks that turn it around', 'report\u202Efdp.exe', 'reportfdp.exe'],
    ['loses what cannot be seen', 'a\u200Bb\u0000c\u2069.txt', 'abc.txt'],
    ['has no folder', '../../etc/passwd', 'etc passwd'],
    ['has none of Windows either', 'C:\\Users\\a.txt', 'C Users a.txt'],
    ['is one line', 'a\nb.txt', 'ab.txt'],
    ['does not begin with a dot', '.bashrc', 'bashrc'],
    ['is no device of Windows', 'con.txt', '_con.txt'],
    ['is never empty', ' .. ', 'file'],
  ])('%s', (_, name, clean) => {
    expect(cleanName(name)).toBe(clean);
  });

  it('is cut in the middle of a character by nobody, and keeps its end', () => {
    const clean = cleanName(`${'😀'.repeat(200)}.pdf`);
    expect(clean.length).toBeLessThanOrEqual(120);
    expect(clean).toMatch(/^(?:😀)+….pdf$/u);
  });
});
