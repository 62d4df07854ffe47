import { type Bytes, concat, fromUtf8, randomBytes, utf8 } from '../../src/protocol/bytes.ts';
import { createOpener, createSealer, type Opener, StreamError } from '../../src/protocol/crypto/sealed-stream.ts';
import { type Case, flipped, refused, same } from './case.ts';
import { meet, newRoom } from './people.ts';

/** A stream with `count` frames already sealed, "frame 0" and so on. */
async function sealed(count: number) {
  const raw = randomBytes(16);
  const sealer = await createSealer(raw.slice());
  const frames: Bytes[] = [];
  for (let i = 0; i < count; i++) frames.push(await sealer.seal(utf8(`frame ${i}`)));
  const frame = (i: number): Bytes => frames[i] ?? new Uint8Array();
  return { frame, sealer, opener: () => createOpener(raw.slice()) };
}

async function opens(opener: Opener, frame: Bytes, text: string): Promise<void> {
  same(fromUtf8(await opener.open(frame)), text, 'content');
}

function counted(frame: Bytes, counter: bigint): Bytes {
  const copy = frame.slice();
  new DataView(copy.buffer).setBigUint64(0, counter);
  return copy;
}

export const streamCases: Case[] = [
  {
    name: 'frames say their length in steps of 1 KiB only',
    async run() {
      const sealer = await createSealer(randomBytes(16));
      for (const [length, steps] of [
        [0, 1],
        [1020, 1],
        [1021, 2],
        [65_536, 65],
      ] as const) {
        same((await sealer.seal(new Uint8Array(length))).length, 8 + steps * 1024 + 16, `${length} bytes`);
      }
    },
  },
  {
    name: 'the same content twice gives two frames that have nothing in common',
    async run() {
      const sealer = await createSealer(randomBytes(16));
      const [one, two] = [await sealer.seal(utf8('same')), await sealer.seal(utf8('same'))];
      const equal = one.slice(8).filter((byte, i) => byte === two[i + 8]).length;
      same(equal < 30, true, `${equal} of 1040 bytes agree`);
    },
  },
  {
    name: 'frames leave in the order of the calls, also a short one right after a long one',
    async run() {
      const raw = randomBytes(16);
      const [sealer, opener] = [await createSealer(raw.slice()), await createOpener(raw.slice())];
      const left: Bytes[] = [];
      const contents = [new Uint8Array(4 * 1024 * 1024), ...Array.from({ length: 20 }, (_, i) => utf8(`short ${i}`))];
      await Promise.all(contents.map(async (content) => left.push(await sealer.seal(content))));
      for (const [i, frame] of left.entries())
        same((await opener.open(frame)).length, contents[i]?.length, `frame ${i}`);
    },
  },
  {
    name: 'frames that arrive at once are opened in their order',
    async run() {
      const { frame, opener } = await sealed(5);
      const at = await opener();
      const opened = await Promise.all([0, 1, 2, 3, 4].map((i) => at.open(frame(i))));
      same(opened.map(fromUtf8), ['frame 0', 'frame 1', 'frame 2', 'frame 3', 'frame 4'], 'contents');
    },
  },
  {
    name: 'a frame sent again is refused',
    async run() {
      const { frame, opener } = await sealed(2);
      const at = await opener();
      await opens(at, frame(0), 'frame 0');
      await refused('the same frame', () => at.open(frame(0)), StreamError);

      const later = await opener();
      await opens(later, frame(0), 'frame 0');
      await opens(later, frame(1), 'frame 1');
      await refused('an earlier frame', () => later.open(frame(0)), StreamError);
    },
  },
  {
    name: 'frames in another order are refused, and so is what comes after one that was dropped',
    async run() {
      const { frame, opener } = await sealed(3);
      await refused('the second first', async () => (await opener()).open(frame(1)), StreamError);
      const at = await opener();
      await opens(at, frame(0), 'frame 0');
      await refused('the third after the first', () => at.open(frame(2)), StreamError);
    },
  },
  {
    name: 'a frame cut off anywhere, emptied or grown is refused',
    async run() {
      const { frame, opener } = await sealed(1);
      const whole = frame(0);
      for (const length of [0, 1, 7, 8, 9, 23, 24, 25, 500, 1031, 1032, whole.length - 16, whole.length - 1]) {
        await refused(`${length} bytes`, async () => (await opener()).open(whole.slice(0, length)), StreamError);
      }
      await refused('one more byte', async () => (await opener()).open(concat(whole, new Uint8Array(1))), StreamError);
      await refused('the frame twice in one', async () => (await opener()).open(concat(whole, whole)), StreamError);
    },
  },
  {
    name: 'a bit turned over at any place of a frame is refused',
    async run() {
      const { frame, opener } = await sealed(1);
      for (let at = 0; at < frame(0).length; at++) {
        await refused(`byte ${at}`, async () => (await opener()).open(flipped(frame(0), at, at % 8)), StreamError);
      }
      await opens(await opener(), frame(0), 'frame 0');
    },
  },
  {
    name: 'a frame with another counter is refused, however large',
    async run() {
      const { frame, opener } = await sealed(2);
      for (const counter of [1n, 2n, 255n, 256n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
        await refused(`counter ${counter}`, async () => (await opener()).open(counted(frame(0), counter)), StreamError);
      }
      await refused('the second as the first', async () => (await opener()).open(counted(frame(1), 0n)), StreamError);
    },
  },
  {
    name: 'after one bad frame nothing more is opened, not even the right one',
    async run() {
      const bad: Record<string, (good: Bytes) => Bytes> = {
        altered: (good) => flipped(good, 100),
        'with another counter': (good) => counted(good, 7n),
        cut: (good) => good.slice(0, 5),
        empty: () => new Uint8Array(),
      };
      for (const [what, spoil] of Object.entries(bad)) {
        const { frame, opener } = await sealed(3);
        const at = await opener();
        await opens(at, frame(0), 'frame 0');
        await refused(`a frame ${what}`, () => at.open(spoil(frame(1))), StreamError);
        for (const i of [1, 2, 0]) await refused(`frame ${i} after one ${what}`, () => at.open(frame(i)), StreamError);
      }
    },
  },
  {
    name: 'frames that were under way when a bad one came are not opened either',
    async run() {
      const { frame, opener } = await sealed(3);
      const at = await opener();
      const results = await Promise.allSettled(
        [frame(0), flipped(frame(1), 50), frame(1), frame(2)].map((each) => at.open(each)),
      );
      same(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected', 'rejected'],
        'results',
      );
    },
  },
  {
    name: 'a frame that is sealed right but was not padded by us is refused and ends the stream',
    async run() {
      const raw = randomBytes(16);
      const opener = await createOpener(raw.slice());
      const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt']);
      const params = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: new Uint8Array(8) };
      const ciphertext = new Uint8Array(await crypto.subtle.encrypt(params, key, utf8('not padded')));
      await refused('not padded', () => opener.open(concat(new Uint8Array(8), ciphertext)), StreamError);
      const sealer = await createSealer(raw);
      await refused('a right one after it', async () => opener.open(await sealer.seal(utf8('right'))), StreamError);
    },
  },
  {
    name: 'a frame of another direction is refused',
    async run() {
      const open = [
        (side: Sides) => side.reader.streams.note,
        (side: Sides) => side.reader.streams.incoming,
        (side: Sides) => side.composer.streams.incoming,
      ];
      const seal = [
        (side: Sides) => side.composer.streams.note,
        (side: Sides) => side.composer.streams.outgoing,
        (side: Sides) => side.reader.streams.outgoing,
      ];
      for (const [to, opener] of open.entries()) {
        for (const [from, sealer] of seal.entries()) {
          const sides = await meet();
          const frame = await sealer(sides).seal(utf8('text'));
          if (from === to) await opens(opener(sides), frame, 'text');
          else await refused(`stream ${from} as ${to}`, () => opener(sides).open(frame), StreamError);
        }
      }
    },
  },
  {
    name: 'a frame for another reader of the same room is refused',
    async run() {
      const room = await newRoom();
      const [one, two] = [await meet(room), await meet(room)];
      const frame = await one.composer.streams.note.seal(utf8('for the first'));
      await refused('the second reader', () => two.reader.streams.note.open(frame), StreamError);
      await opens(one.reader.streams.note, frame, 'for the first');
      const said = await one.reader.streams.outgoing.seal(utf8('from the first'));
      await refused('as from the second', () => two.composer.streams.incoming.open(said), StreamError);
    },
  },
];

type Sides = Awaited<ReturnType<typeof meet>>;
