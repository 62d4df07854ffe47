import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { pad, unpad } from '../../src/protocol/crypto/padding.ts';
import { createOpener, createSealer, StreamError } from '../../src/protocol/crypto/sealed-stream.ts';
import { formatDuration, parseDuration } from '../../src/protocol/duration.ts';
import { composeLink, noteLink, parseComposeLink, parseNoteLink } from '../../src/protocol/link.ts';
import { localAnswerSchema } from '../../src/protocol/local-chat.ts';
import { clientMessageSchema, replySchemas, serverMessageSchema } from '../../src/protocol/messages.ts';
import { medicinesSchema } from '../../src/protocol/note.ts';
import { decodeNoteMessage, encodeNoteMessage, type NoteMessage } from '../../src/protocol/note-message.ts';
import { helloSchema, toComposerSchema, toReaderSchema } from '../../src/protocol/sealed.ts';
import {
  asObject,
  base64url,
  bytes,
  INHERITED,
  json,
  jsonText,
  number,
  runs,
  text,
  wholeText,
} from '../support/fuzz/arbitraries.ts';
import { nearly, taking } from '../support/fuzz/arbitraries-schema.ts';

const SCHEMAS = {
  'a message to the server': clientMessageSchema,
  'a message of the server': serverMessageSchema,
  'a hello': helloSchema,
  'a sealed word to the reader': toReaderSchema,
  'a sealed word to the composer': toComposerSchema,
  'a list of medicines': medicinesSchema,
  'an answer of the local chat': localAnswerSchema,
  'a reply to a join': replySchemas.join,
  'a reply to a compose': replySchemas.compose,
};

describe.each(Object.entries(SCHEMAS))('%s', (_name, schema) => {
  it('is taken as it is when it is one, and comes out the same after a journey as JSON', () => {
    fc.assert(
      fc.property(taking(schema), (value) => {
        const travelled: unknown = JSON.parse(JSON.stringify(value));
        expect(schema.parse(travelled)).toEqual(travelled);
      }),
      runs(150),
    );
  });

  it('is taken or refused, whatever it is, and never throws or takes over a name of JavaScript’s own', () => {
    const anything = fc.oneof(json, nearly(schema), fc.record({ t: json, kind: json }), fc.constantFrom(...INHERITED));
    fc.assert(
      fc.property(anything, (value) => {
        const read = schema.safeParse(value);
        if (read.success && isPlain(read.data)) expect(Object.getPrototypeOf(read.data)).toBe(Object.prototype);
      }),
      runs(250),
    );
  });
});

describe('JSON from outside', () => {
  it('is read or refused at once, however deep it is', () => {
    fc.assert(
      fc.property(jsonText, (said) => {
        const value = parsedOrNull(said);
        for (const schema of Object.values(SCHEMAS)) schema.safeParse(value);
        for (const t of ['sealed', 'knock']) clientMessageSchema.safeParse({ t, id: 1, ciphertext: value, enc: value });
      }),
      runs(60),
    );
  });
});

describe('a note on its way', () => {
  const header = {
    rev: fc.integer({ min: 1 }),
    nD: base64url({ minLength: 1, maxLength: 128 }),
    token: base64url({ minLength: 1, maxLength: 128 }),
    leftMs: fc.double({ min: 0, max: 86_400_000, noNaN: true }).map((ms) => ms + 0),
    editing: fc.boolean(),
    copy: fc.boolean(),
    print: fc.boolean(),
  };
  const note = fc.record({
    text: wholeText(2_000).filter((any) => utf8(any).length < 40_000),
    format: fc.constantFrom('plain' as const, 'markdown' as const),
    medicines: (taking(medicinesSchema) as fc.Arbitrary<{ [field: string]: unknown }[]>).map((list) =>
      medicinesSchema.parse(JSON.parse(JSON.stringify(list).toWellFormed())),
    ),
  });
  const message: fc.Arbitrary<NoteMessage> = fc.oneof(
    fc.record({ kind: fc.constant('note' as const), ...header, note }),
    fc.record({ kind: fc.constant('time' as const), addedMs: header.leftMs }),
    fc.record({ kind: fc.constant('wipe' as const), reason: fc.constantFrom('revoked' as const, 'locked' as const) }),
  );

  it('comes out as it went in', () => {
    fc.assert(
      fc.property(message, (sent) => void expect(decodeNoteMessage(encodeNoteMessage(sent))).toEqual(sent)),
      runs(200),
    );
  });

  it('is opened or refused with an error when it was cut, lengthened or changed', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), fc.nat(3), (sent, place, byte, how) => {
        const whole = encodeNoteMessage(sent);
        const at = place % whole.length;
        if (how === 0) return opensOrRefuses(whole.subarray(0, at));
        if (how === 1) return opensOrRefuses(new Uint8Array([...whole, byte]));
        whole[at] = byte;
        opensOrRefuses(whole);
      }),
      runs(300),
    );
  });

  it('is refused with an error when it is any bytes', () => {
    fc.assert(fc.property(bytes(), opensOrRefuses), runs(300));
  });

  function opensOrRefuses(received: Uint8Array<ArrayBuffer>): void {
    const before = received.slice();
    try {
      const { kind } = decodeNoteMessage(received);
      expect(['note', 'time', 'wipe']).toContain(kind);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    expect(received).toEqual(before);
  }
});

describe('a sealed stream', () => {
  const KEY = Uint8Array.from({ length: 16 }, (_, at) => at + 1);

  it('opens everything in the order it was sealed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes(3_000), { maxLength: 6 }), async (contents) => {
        const [sealer, opener] = [await createSealer(KEY.slice()), await createOpener(KEY.slice())];
        const frames = await Promise.all(contents.map((content) => sealer.seal(content.slice())));
        const opened = await Promise.all(frames.map((frame) => opener.open(frame)));
        expect(opened).toEqual(contents.map((content) => content.slice()));
      }),
      runs(40),
    );
  });

  it('opens nothing that was changed, swapped, repeated, left out or made up, and nothing after it', async () => {
    const tampering = fc.record({
      at: fc.nat(),
      bit: fc.nat(),
      how: fc.constantFrom('flip', 'cut', 'repeat', 'skip', 'made-up'),
      other: bytes(64),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes(1_500), { minLength: 2, maxLength: 4 }),
        tampering,
        async (contents, { at, bit, how, other }) => {
          const [sealer, opener] = [await createSealer(KEY.slice()), await createOpener(KEY.slice())];
          const frames: Uint8Array<ArrayBuffer>[] = [];
          for (const content of contents) frames.push(await sealer.seal(content.slice()));
          const place = at % (frames.length - 1);
          const frame = frames[place] ?? new Uint8Array();
          for (const good of frames.slice(0, place)) await opener.open(good);
          const bad = frame.slice();
          if (how === 'flip') bad[bit % bad.length] = (bad[bit % bad.length] ?? 0) ^ (1 << (bit % 8));
          const sent = {
            flip: bad,
            cut: frame.slice(0, bit % frame.length),
            repeat: frames[place - 1] ?? new Uint8Array(9),
            skip: frames[place + 1],
            'made-up': other,
          }[how];
          await expect(opener.open(sent ?? new Uint8Array())).rejects.toThrow(StreamError);
          await expect(opener.open(frame)).rejects.toThrow(StreamError);
        },
      ),
      runs(120),
    );
  });

  it('is padded to a whole number of KiB, and what was not padded by us is refused', () => {
    fc.assert(
      fc.property(bytes(3_000), (content) => {
        const padded = pad(content);
        expect(padded.length % 1_024).toBe(0);
        expect(unpad(padded)).toEqual(content.slice());
      }),
      runs(100),
    );
    const any = fc.oneof(
      bytes(64),
      fc.tuple(fc.integer({ min: 1, max: 3 }), bytes(8)).map(([steps, start]) => withStart(steps * 1_024, start)),
    );
    fc.assert(
      fc.property(any, (given) => {
        const content = resultOf(() => unpad(given), RangeError);
        if (content !== null) expect(pad(content)).toEqual(given.slice());
      }),
      runs(300),
    );
  });

  function withStart(length: number, start: Uint8Array): Uint8Array<ArrayBuffer> {
    const made = new Uint8Array(length);
    made.set(start);
    return made;
  }
});

describe('bytes as text', () => {
  it('come back from base64url, and other texts are refused', () => {
    fc.assert(
      fc.property(bytes(), (given) => void expect(fromBase64Url(toBase64Url(given))).toEqual(given.slice())),
      runs(150),
    );
    fc.assert(
      fc.property(fc.oneof(text(), base64url({ maxLength: 60 })), (said) => {
        const read = resultOf(() => fromBase64Url(said), Error);
        if (read !== null) expect(toBase64Url(read).slice(0, -1)).toBe(said.slice(0, said.length - 1));
      }),
      runs(300),
    );
  });

  it('come back from UTF-8, and what is not UTF-8 is refused', () => {
    fc.assert(
      fc.property(wholeText(), (said) => void expect(fromUtf8(utf8(said))).toBe(said)),
      runs(150),
    );
    fc.assert(
      fc.property(bytes(64), (given) => {
        const said = resultOf(() => fromUtf8(given), TypeError);
        if (said !== null) expect(utf8(said)).toEqual(given.slice());
      }),
      runs(300),
    );
  });
});

describe('a link', () => {
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((made) => new Uint8Array(made));
  const roomId = base64url({ minLength: 22, maxLength: 22 });

  it('is read as it was made', () => {
    fc.assert(
      fc.property(roomId, secret, (room, made) => {
        const { pathname, hash } = new URL(noteLink('https://glir.example', room, made));
        expect(parseNoteLink(pathname, hash)).toEqual({ roomId: room, secret: made });
        const ticket = toBase64Url(made);
        expect(parseComposeLink(new URL(composeLink('https://glir.example', ticket)).hash)).toBe(ticket);
      }),
      runs(150),
    );
  });

  it('that was cut, lengthened or made up is none', () => {
    const path = fc.oneof(
      text(),
      roomId.map((room) => `/n/${room}`),
      fc.tuple(roomId, text(4)).map(([room, more]) => `/n/${room}${more}`),
    );
    const hash = fc.oneof(
      text(),
      secret.map((made) => `#${toBase64Url(made)}`),
      base64url({ maxLength: 60 }).map((any) => `#${any}`),
    );
    fc.assert(
      fc.property(path, hash, (pathname, fragment) => {
        const parts = parseNoteLink(pathname, fragment);
        expect(parseComposeLink(fragment)).toSatisfy(
          (read: string | null) => read === null || /^[\w-]{43}$/.test(read),
        );
        if (parts === null) return;
        expect(parts.secret).toHaveLength(32);
        expect(parts.roomId).toMatch(/^[\w-]{22}$/);
      }),
      runs(300),
    );
  });
});

describe('a duration', () => {
  it('is read back as it is said', () => {
    fc.assert(
      fc.property(
        fc.nat(3_599_999_999),
        (seconds) => void expect(parseDuration(formatDuration(seconds))).toBe(seconds),
      ),
      runs(300),
    );
  });

  it('is a whole number of seconds or none, whatever was typed', () => {
    const part = fc.tuple(
      fc.oneof(fc.nat(), number).map(String),
      fc.constantFrom(' ', '', '\t'),
      fc.oneof(fc.constantFrom('m', 'H', 'sec', 'days', ...INHERITED), text(5)),
    );
    const typed = fc.oneof(
      text(),
      fc.array(part, { maxLength: 5 }).map((parts) => parts.flat().join('')),
    );
    fc.assert(
      fc.property(typed, (said) => {
        const seconds = parseDuration(said);
        if (seconds !== null) expect(Number.isSafeInteger(seconds) && seconds >= 0).toBe(true);
      }),
      runs(400),
    );
  });
});

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsedOrNull(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return asObject([]);
  }
}

/** What `act` gives; null when it throws what it says it throws. */
function resultOf<Result>(act: () => Result, declared: new (...args: never[]) => Error): Result | null {
  try {
    return act();
  } catch (error) {
    expect(error).toBeInstanceOf(declared);
    return null;
  }
}
