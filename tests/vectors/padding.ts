import { randomBytes } from '../../src/protocol/bytes.ts';
import { pad, unpad } from '../../src/protocol/crypto/padding.ts';
import { type Case, different, flipped, refused, same } from './case.ts';

const PADDED: [length: number, padded: number][] = [
  [0, 1024],
  [1, 1024],
  [1019, 1024],
  [1020, 1024],
  [1021, 2048],
  [2043, 2048],
  [2044, 2048],
  [2045, 3072],
  [65_536, 66_560],
];

/** A padded message that claims another length than it has. */
function claiming(padded: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(padded);
  new DataView(copy.buffer).setUint32(0, length);
  return copy;
}

export const paddingCases: Case[] = [
  ...PADDED.map(([length, padded]) => ({
    name: `padding: ${length} bytes take ${padded} and come back as they were`,
    run() {
      // 0xff throughout: nothing of the content can be taken for padding.
      const content = new Uint8Array(length).fill(0xff);
      same(pad(content).length, padded, 'length');
      same(unpad(pad(content)), content, 'content');
    },
  })),
  {
    name: 'padding: content that is all zeros, or ends in zeros, keeps its length',
    run() {
      for (const length of [1, 1019, 1020, 1021]) same(unpad(pad(new Uint8Array(length))).length, length, 'length');
    },
  },
  {
    name: 'padding: what was cut, grown or is empty is refused',
    async run() {
      const padded = pad(randomBytes(1500));
      for (const length of [0, 3, 4, 1023, 1025, 2047]) {
        await refused(`${length} bytes`, () => unpad(padded.slice(0, length)), RangeError);
      }
      // A whole step less leaves a content that does not fit; a whole step more is not how `pad` would have done it.
      await refused('a step less', () => unpad(padded.slice(0, 1024)), RangeError);
      const grown = new Uint8Array(3072);
      grown.set(padded);
      await refused('a step more', () => unpad(grown), RangeError);
    },
  },
  {
    name: 'padding: every single byte that is not zero is refused',
    async run() {
      const padded = pad(new Uint8Array(900).fill(7));
      for (let at = 904; at < 1024; at++) await refused(`byte ${at}`, () => unpad(flipped(padded, at)), RangeError);
    },
  },
  {
    name: 'padding: a length that cannot be is refused',
    async run() {
      const padded = pad(randomBytes(3000));
      for (const length of [4093, 4096, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff, 0, 1, 2044]) {
        await refused(`length ${length}`, () => unpad(claiming(padded, length)), RangeError);
      }
    },
  },
  {
    name: 'padding: a view into a larger buffer is read from its own beginning',
    run() {
      const content = randomBytes(77);
      const around = new Uint8Array(5000).fill(0xaa);
      around.set(pad(content), 1111);
      const opened = unpad(around.subarray(1111, 1111 + 1024));
      same(opened, content, 'content');
      around.fill(0);
      different(opened, new Uint8Array(77), 'the content is a copy of its own');
    },
  },
];
