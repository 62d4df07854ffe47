import { type Bytes, randomBytes, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { pad } from '../../src/protocol/crypto/padding.ts';
import { DAY_TIMES, FIELD_MAX, MEDICINES_MAX, type Medicine, type Note } from '../../src/protocol/note.ts';
import { decodeNoteMessage, encodeNoteMessage, noteBytes, type SentNote } from '../../src/protocol/note-message.ts';
import { type Case, CaseFailure, refused, same } from './case.ts';
import { meet } from './people.ts';

const NOTE_BYTES = 64 * 1024;
const RANDOM_NOTES = 200;

const header = {
  kind: 'note',
  rev: 1,
  nD: 'bkQ',
  token: 'cGFzcw',
  leftMs: 60_000,
  editing: false,
  copy: true,
  print: true,
} as const;
const noteOf = (text: string, more: Partial<Note> = {}): SentNote => {
  return { ...header, note: { text, format: 'plain', medicines: [], ...more } };
};
const decoded = (bytes: Bytes): SentNote => {
  const message = decodeNoteMessage(bytes);
  if (message.kind !== 'note') throw new CaseFailure(`got an order to ${message.kind}`);
  return message;
};

const RAMIPRIL: Medicine = {
  name: 'Ramipril',
  strength: '5 mg',
  dose: '1 tablet',
  plan: { morning: '1', noon: '', evening: '½', night: '' },
  when: '',
  duration: '7 days',
  remarks: '\ufeffmit Wasser, "nüchtern" 💊 </script>',
};

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
      const opened = decoded(await reader.streams.note.open(frame));
      same(opened.note.text === text, true, 'the text is the same');
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
          if (bytes.length > NOTE_BYTES) await refused('more than 64 KiB', () => decodeNoteMessage(opened));
          else same(decoded(opened).note.text === text, true, 'the text is the same');
        } catch (error) {
          throw new CaseFailure(`note ${i}, in base64url UTF-8: ${toBase64Url(bytes)}\n${String(error)}`);
        }
      }
    },
  },
  {
    name: 'half of a surrogate pair, which no UTF-8 can hold, arrives as the replacement character',
    run() {
      same(decoded(encodeNoteMessage(noteOf('a\ud83db'))).note.text, 'a\ufffdb', 'text');
    },
  },
  {
    name: 'a note of 64 KiB and one byte is refused',
    async run() {
      for (const text of ['x'.repeat(NOTE_BYTES + 1), `${'é'.repeat(NOTE_BYTES / 2)}x`]) {
        await refused('a note too large', () => decodeNoteMessage(encodeNoteMessage(noteOf(text))));
      }
    },
  },
  {
    name: 'a list of medicines arrives with the text, each field to the letter',
    run() {
      for (const text of ['', '[{"name":"not a list"}]', 'ä💊']) {
        for (const medicines of [[], [RAMIPRIL], [RAMIPRIL, { ...RAMIPRIL, name: 'f'.repeat(FIELD_MAX) }]]) {
          const message = noteOf(text, { medicines, format: 'markdown' });
          same(decodeNoteMessage(encodeNoteMessage(message)), message, 'note');
          same(sizeOf(message), noteBytes(message.note), 'bytes of the note');
        }
      }
    },
  },
  {
    name: 'a list of as many medicines as there may be arrives, and one more is refused',
    async run() {
      const short = { ...RAMIPRIL, remarks: '', duration: '' };
      const many = Array.from({ length: MEDICINES_MAX }, () => short);
      same(
        decoded(encodeNoteMessage(noteOf('', { medicines: many }))).note.medicines.length,
        MEDICINES_MAX,
        'medicines',
      );
      const more = encodeNoteMessage(noteOf('', { medicines: [...many, short] }));
      await refused('one more', () => decodeNoteMessage(more));
    },
  },
  {
    name: 'text and medicines together are 64 KiB at most',
    async run() {
      const list = noteBytes({ text: '', medicines: [RAMIPRIL] });
      const fits = noteOf('x'.repeat(NOTE_BYTES - list), { medicines: [RAMIPRIL] });
      same(decodeNoteMessage(encodeNoteMessage(fits)), fits, 'note');
      const over = noteOf('x'.repeat(NOTE_BYTES - list + 1), { medicines: [RAMIPRIL] });
      await refused('one byte more', () => decodeNoteMessage(encodeNoteMessage(over)), RangeError);
    },
  },
  {
    name: 'a medicine that is none is refused',
    async run() {
      const { plan, ...rest } = RAMIPRIL;
      const [first] = DAY_TIMES;
      for (const [what, medicine] of Object.entries({
        'without a plan': rest,
        'with a field too many': { ...RAMIPRIL, html: '<b>' },
        'with a time of the day too many': { ...RAMIPRIL, plan: { ...plan, midnight: '1' } },
        'with a number': { ...RAMIPRIL, plan: { ...plan, [first]: 1 } },
        'with a field too long': { ...RAMIPRIL, remarks: 'r'.repeat(FIELD_MAX + 1) },
        'that is null': null,
      })) {
        await refused(what, () => decodeNoteMessage(withList(JSON.stringify([medicine]))));
      }
      for (const list of ['{}', 'null', '[', '"x"']) await refused(list, () => decodeNoteMessage(withList(list)));
      same(decoded(withList(JSON.stringify([RAMIPRIL]))).note.medicines, [RAMIPRIL], 'the good one is taken');
    },
  },
  {
    name: 'a note of 800 bytes and all that is said with it fit the first kibibyte, which one datagram carries',
    run() {
      const [nD, token, who] = [toBase64Url(randomBytes(32)), toBase64Url(randomBytes(16)), 'Dr Alessandra Rossi'];
      const said = { nD, token, who, rev: 100, leftMs: 86_400_000 };
      same(pad(encodeNoteMessage({ ...noteOf('x'.repeat(800)), ...said })).length, 1024, 'bytes');
    },
  },
  {
    name: 'the orders to wipe and to give more time arrive with what they say',
    run() {
      const wipe = { kind: 'wipe', reason: 'locked' } as const;
      same(decodeNoteMessage(encodeNoteMessage(wipe)), wipe, 'order');
      const time = { kind: 'time', addedMs: 300_000 } as const;
      same(decodeNoteMessage(encodeNoteMessage(time)), time, 'order');
    },
  },
  {
    name: 'what is not a note message is refused',
    async run() {
      const good = encodeNoteMessage(noteOf('text'));
      const full = { ...header, format: 'plain', textBytes: 0 };
      same(decoded(framed(full)).note.text, '', 'the header by itself is good');
      for (const [what, bytes] of Object.entries({
        'nothing at all': new Uint8Array(),
        'one byte': new Uint8Array(1),
        'no header': new Uint8Array(2),
        'a header cut off': good.slice(0, 10),
        'a header that is no JSON': Uint8Array.of(0, 1, 0x7b),
        'text that is not UTF-8': Uint8Array.of(...good, 0xc3),
        'an overlong encoding': Uint8Array.of(...good, 0xc0, 0x80),
        'another kind': framed({ ...full, kind: 'html' }),
        'a field too many': framed({ ...full, html: true }),
        'a field too few': framed({ ...full, editing: undefined }),
        'a revision that is a text': framed({ ...full, rev: '1' }),
        'a revision before the first': framed({ ...full, rev: 0 }),
        'a format of its own': framed({ ...full, format: 'html' }),
        'a permission in words': framed({ ...full, copy: 'yes' }),
        'more time than a day': framed({ ...full, leftMs: 24 * 60 * 60 * 1000 + 1 }),
        'less time than none': framed({ ...full, leftMs: -1 }),
        'a text longer than the message': framed({ ...full, textBytes: 1 }),
        'a text that is cut within a character': Uint8Array.of(...framed({ ...full, textBytes: 1 }), 0xc3, 0xa9),
        'an unknown reason': framed({ kind: 'wipe', reason: 'bored' }),
        'an order with a note in it': framed({ ...full, kind: 'wipe', reason: 'revoked' }),
        'added time below none': framed({ kind: 'time', addedMs: -1 }),
        'added time of more than a day': framed({ kind: 'time', addedMs: 24 * 60 * 60 * 1000 + 1 }),
        'added time that is no number': framed({ kind: 'time', addedMs: null }),
        'no object': framed(null),
      })) {
        await refused(what, () => decodeNoteMessage(bytes));
      }
      same(decoded(good).note.text, 'text', 'the good one is taken');
    },
  },
];

/** A message with this header and nothing behind it. */
function framed(value: unknown): Bytes {
  const json = utf8(JSON.stringify(value));
  return Uint8Array.of(json.length >> 8, json.length & 0xff, ...json);
}

/** A note whose list of medicines is any text. */
function withList(list: string): Bytes {
  return Uint8Array.of(...framed({ ...header, format: 'plain', textBytes: 0 }), ...utf8(list));
}

/** Bytes of a message behind its header. */
function sizeOf(message: SentNote): number {
  const bytes = encodeNoteMessage(message);
  const headerBytes = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  return bytes.length - 2 - headerBytes;
}
