import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Pattern, patternSearch } from '../../support/server/pattern-search.ts';
import { childrenOf, memoryProblem, readMemory } from '../../support/server/process-memory.ts';
import { findsIn, spellingsOf, spellingsOfBytes } from '../../support/server/search.ts';

const MARKER = 'Zopiclon "½ é" 7.5';
const KEY = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) % 256);

const patternsOf = (marker: string, spellings = spellingsOf(marker)): Pattern[] =>
  spellings.map(({ name, bytes }) => ({ marker, spelling: name, bytes }));

describe('the search for what must be nowhere', () => {
  const utf8 = Buffer.from(MARKER);
  const escaped = 'Zopiclon \\"\\u00bd \\u00e9\\" 7.5';
  const big = (text: string) => Buffer.from(text, 'utf16le').swap16();
  const places: Record<string, Buffer | string> = {
    'UTF-8': utf8,
    'UTF-16, little end first': Buffer.from(MARKER, 'utf16le'),
    'UTF-16, big end first': big(MARKER),
    hex: utf8.toString('hex'),
    'hex in capitals': utf8.toString('hex').toUpperCase(),
    'hex in UTF-16': Buffer.from(utf8.toString('hex'), 'utf16le'),
    'a URL': `?q=${encodeURIComponent(MARKER)}&`,
    'a URL in small letters': encodeURIComponent(MARKER).toLowerCase(),
    'a URL, every byte escaped': [...utf8]
      .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
      .join(''),
    'a form': new URLSearchParams({ note: MARKER }).toString(),
    JSON: JSON.stringify({ note: MARKER }),
    'JSON in ASCII': `{"note":"${escaped}"}`,
    'JSON in UTF-16': Buffer.from(JSON.stringify({ note: MARKER }), 'utf16le'),
    HTML: '<p>Zopiclon &quot;½ é&quot; 7.5</p>',
    'base64 of UTF-16': Buffer.from(`x${MARKER}`, 'utf16le').toString('base64'),
  };
  for (const shift of ['', 'x', 'xy']) {
    const text = Buffer.from(`${shift}${MARKER}`);
    places[`base64 after ${shift.length} bytes`] = text.toString('base64');
    places[`base64url after ${shift.length} bytes, more behind`] = Buffer.concat([text, Buffer.from('more')]).toString(
      'base64url',
    );
    places[`base64 after ${shift.length} bytes in UTF-16`] = Buffer.from(text.toString('base64'), 'utf16le');
  }

  it.each(Object.entries(places))('finds a text in %s, and nothing when one letter is another', (_, place) => {
    expect(findsIn(['before', place, 'after'], MARKER)).toBe(true);
    expect(findsIn([place], MARKER.replace('Zopiclon', 'Zopiclom'))).toBe(false);
  });

  it.each([
    ['as it is', Buffer.from(KEY)],
    ['without its first half, which a freed memory loses first', Buffer.from(KEY).fill(0, 0, 16)],
    ['in hex', Buffer.from(KEY).toString('hex')],
    ['in base64url', Buffer.from(KEY).toString('base64url')],
    ['in base64 inside of something', Buffer.concat([Buffer.from('ab'), KEY, KEY]).toString('base64')],
    ['as JSON', JSON.stringify(Buffer.from(KEY))],
  ])('finds a key %s', (_, place) => {
    const search = patternSearch(patternsOf('key', spellingsOfBytes(KEY)));
    search.feed(Buffer.from(place));
    expect(search.hits().length).toBeGreaterThan(0);
  });

  it('finds a text wherever it is cut into pieces, once, and says where', () => {
    const bytes = Buffer.concat([Buffer.alloc(50, 'x'), utf8, Buffer.alloc(50, 'x')]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const search = patternSearch(patternsOf(MARKER));
      search.feed(bytes.subarray(0, cut));
      search.feed(bytes.subarray(cut));
      expect(search.hits()).toMatchObject([{ count: 1, offset: 50, pattern: { spelling: 'UTF-8' } }]);
      expect(search.searched()).toBe(bytes.length);
    }
    const oneByOne = patternSearch(patternsOf(MARKER));
    for (const byte of bytes) oneByOne.feed(Buffer.of(byte));
    expect(oneByOne.hits()).toMatchObject([{ count: 1, offset: 50 }]);
  });

  it('does not put together what does not belong together', () => {
    const search = patternSearch(patternsOf(MARKER));
    search.feed(utf8.subarray(0, 10));
    search.jump(4096);
    search.feed(utf8.subarray(10));
    expect(search.hits()).toEqual([]);
    search.feed(utf8);
    expect(search.hits()).toMatchObject([{ offset: 4096 + utf8.length - 10 }]);
  });

  it('counts what is there several times, also side by side', () => {
    const search = patternSearch(patternsOf(MARKER));
    for (let round = 0; round < 3; round += 1) search.feed(Buffer.concat([utf8, utf8]));
    expect(search.hits()).toMatchObject([{ count: 6, offset: 0 }]);
  });
});

/** Keeps what it is told, then says so. */
const KEEPER = `
  const kept = [];
  process.stdin.on('data', (data) => { kept.push(data.toString('utf16le')); process.stdout.write('kept'); });
  globalThis.kept = kept;
`;

it.skipIf(memoryProblem() !== null)(
  'a text is found in the memory of another process, and no other text is',
  async () => {
    const keeper = spawn(process.execPath, ['-e', KEEPER], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const pid = keeper.pid ?? 0;
      expect(childrenOf(process.pid)).toContain(pid);
      keeper.stdin.write(Buffer.from(`${MARKER} ☤`, 'utf16le'));
      await once(keeper.stdout, 'data');
      const search = patternSearch([...patternsOf(MARKER), ...patternsOf('Zaleplon "½ é" 10')]);
      const { bytes, unreadable } = await readMemory(pid, (piece, address) => {
        search.jump(address);
        search.feed(piece);
      });
      expect(bytes).toBeGreaterThan(10_000_000);
      expect(unreadable).toBe(0);
      expect(new Set(search.hits().map(({ pattern }) => pattern.marker))).toEqual(new Set([MARKER]));
      expect(search.hits().map(({ pattern }) => pattern.spelling)).toContain('UTF-16LE');
      // It goes on living afterwards.
      keeper.stdin.write('again');
      await once(keeper.stdout, 'data');
    } finally {
      keeper.kill('SIGKILL');
    }
  },
);
