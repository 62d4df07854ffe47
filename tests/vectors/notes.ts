import { randomBytes, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { decodeNoteMessage, encodeNoteMessage, type NoteMessage } from '../../src/protocol/sealed.ts';
import { type Case, CaseFailure, refused, same } from './case.ts';
import { meet } from './people.ts';

const NOTE_BYTES = 64 * 1024;
const RANDOM_NOTES = 200;

const header = { kind: 'note', rev: 1, nD: 'bkQ', pass: 'cGFzcw', leftMs: 60_000 } as const;
const noteOf = (text: string): NoteMessage => ({ ...header, text });

const EXACT: Record<string, string> = {
  'an empty text': '',
  'a single space': ' ',
  'a byte order mark at the start': '\ufeffRamipril 5 mg',
  'nothing but byte order marks': '\ufeff\ufeff',
  'Windows, old Mac and Unix line ends': 'a\r\nb\rc\nd\r\n',
  'line and paragraph separators': 'a\u2028b\u2029c\u0085d',
  'NUL and other control characters': '\u0000a\u0001b\u0000\u001b[31m\u007f',
  'emoji with joiners, skin tones and flags': '👩🏽‍⚕️ 🏳️‍🌈 🇺🇦 👨‍👩‍👧‍👦 5️⃣ 💊',
  'right-to-left text with doses': 'לקחת 2.5 מ"ג פעמיים ביום; تناول ٥ ملغ',
  'marks that turn the direction of writing': '\u202e5 mg\u202c \u2066abc\u2069 \u200f',
  'zero-width characters': 'a\u200bb\u200cc\u200dd\u2060e\ufeff',
  'composed and decomposed accents, left as they are': 'é e\u0301 ﬁ ½ Å Å',
  'characters beyond the first plane': '𝟚𝟝 mg 𠜎 \u{10ffff}',
  'noncharacters and private use': '\ufffe\uffff\ue000\u{1fffe}',
  'markup and JSON': '</script><!-- "\\u0000" {"kind":"wipe"} & &amp;',
  '64 KiB of one byte each': 'x'.repeat(NOTE_BYTES),
  '64 KiB of four bytes each': '💊'.repeat(NOTE_BYTES / 4),
};

/** A note of random characters from all planes, without halves of surrogate pairs, of any length up to 64 KiB. */
function randomNote(): string {
  const [size = 0] = new Uint32Array(randomBytes(4).buffer);
  // Short and long ones alike: first the magnitude, then the length.
  const length = (size >>> 4) % (2 ** ((size & 0xf) % 15) + 1);
  const points = Array.from(new Uint32Array(randomBytes(length * 4).buffer), (random) => {
    const limit = [0x80, 0x800, 0x10000, 0x110000][random & 3] ?? 0x80;
    const point = (random >>> 2) % limit;
    return point >= 0xd800 && point < 0xe000 ? point - 0xd800 : point;
  });
  return String.fromCodePoint(...points);
}

export const noteCases: Case[] = [
  ...Object.entries(EXACT).map(([what, text]) => ({
    name: `a note arrives exactly as it was written: ${what}`,
    async run() {
      const { reader, composer } = await meet();
      const frame = await composer.streams.note.seal(encodeNoteMessage(noteOf(text)));
      const opened = decodeNoteMessage(await reader.streams.note.open(frame));
      same(opened.text === text, true, 'the text is the same');
      same(opened, noteOf(text), 'note');
    },
  })),
  {
    name: `${RANDOM_NOTES} random notes arrive exactly as they were written`,
    async run() {
      const { reader, composer } = await meet();
      for (let i = 0; i < RANDOM_NOTES; i++) {
        const text = randomNote();
        const bytes = utf8(text);
        try {
          const opened = await reader.streams.note.open(
            await composer.streams.note.seal(encodeNoteMessage(noteOf(text))),
          );
          if (bytes.length > NOTE_BYTES) await refused('more than 64 KiB', () => decodeNoteMessage(opened), RangeError);
          else same(decodeNoteMessage(opened).text === text, true, 'the text is the same');
        } catch (error) {
          throw new CaseFailure(`note ${i}, in base64url UTF-8: ${toBase64Url(bytes)}\n${String(error)}`);
        }
      }
    },
  },
  {
    name: 'half of a surrogate pair, which no UTF-8 can hold, arrives as the replacement character',
    run() {
      same(decodeNoteMessage(encodeNoteMessage(noteOf('a\ud83db'))).text, 'a\ufffdb', 'text');
    },
  },
  {
    name: 'a note of 64 KiB and one byte is refused',
    async run() {
      for (const text of ['x'.repeat(NOTE_BYTES + 1), `${'é'.repeat(NOTE_BYTES / 2)}x`]) {
        await refused('a note too large', () => decodeNoteMessage(encodeNoteMessage(noteOf(text))), RangeError);
      }
    },
  },
  {
    name: 'the order to wipe arrives with its reason',
    run() {
      const wipe: NoteMessage = { kind: 'wipe', reason: 'revoked', text: '' };
      same(decodeNoteMessage(encodeNoteMessage(wipe)), wipe, 'order');
    },
  },
  {
    name: 'what is not a note message is refused',
    async run() {
      const good = encodeNoteMessage(noteOf('text'));
      const other = (value: unknown) => {
        const json = utf8(JSON.stringify(value));
        return Uint8Array.of(json.length >> 8, json.length & 0xff, ...json);
      };
      for (const [what, bytes] of Object.entries({
        'nothing at all': new Uint8Array(),
        'one byte': new Uint8Array(1),
        'no header': new Uint8Array(2),
        'a header cut off': good.slice(0, 10),
        'a header that is no JSON': Uint8Array.of(0, 1, 0x7b),
        'text that is not UTF-8': Uint8Array.of(...good, 0xc3),
        'an overlong encoding': Uint8Array.of(...good, 0xc0, 0x80),
        'another kind': other({ ...header, kind: 'html' }),
        'a field too many': other({ ...header, html: true }),
        'a field too few': other({ kind: 'note', rev: 1, nD: 'bkQ' }),
        'a revision that is a text': other({ ...header, rev: '1' }),
        'an unknown reason': other({ kind: 'wipe', reason: 'bored' }),
        'no object': other(null),
      })) {
        await refused(what, () => decodeNoteMessage(bytes));
      }
      same(decodeNoteMessage(good).text, 'text', 'the good one is taken');
    },
  },
];
