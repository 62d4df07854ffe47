import { concat, fromBase64Url, randomBytes, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import {
  answer,
  createPrekey,
  HandshakeError,
  knock,
  type Prekey,
  suite,
} from '../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys, lengthPrefixed } from '../../src/protocol/crypto/link-keys.ts';
import { pad } from '../../src/protocol/crypto/padding.ts';
import { type Case, flipped, refused, same } from './case.ts';
import { HELLO, newRoom } from './people.ts';

interface Message {
  enc: string;
  ciphertext: string;
}

/** A room with an honest hello to a fresh offer; `change` may replace what the composer gets of it. */
async function intercepted(room: Awaited<ReturnType<typeof newRoom>>, change: (message: Message) => Message) {
  const { prekey, secrets } = await createPrekey();
  const message = change(await knock(room.psk, room.roomId, prekey, HELLO));
  return answer(room.psk, room.roomId, prekey, secrets, message);
}

/** A hello with any content, sealed by somebody who has the link but follows no rule. */
async function sealedByHand(
  psk: Uint8Array,
  roomId: string,
  prekey: Prekey,
  content: Uint8Array<ArrayBuffer>,
): Promise<Message> {
  const parts = [prekey.pkD, prekey.nonce, prekey.commit].map(fromBase64Url);
  const info = lengthPrefixed(utf8('glir/1 handshake'), utf8(roomId), ...parts);
  const publicKey = await suite.DeserializePublicKey(fromBase64Url(prekey.pkD));
  const setup = { info, psk, pskId: utf8('glir/1 note link') };
  const { encapsulatedSecret, ctx } = await suite.SetupSender(publicKey, setup);
  return { enc: toBase64Url(encapsulatedSecret), ciphertext: toBase64Url(await ctx.Seal(content)) };
}

const P = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
const prime = Uint8Array.from(P.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const ones = new Uint8Array(32).fill(1);

/** What is not a point of P-256 in the form that the protocol takes. */
const NO_POINTS: Record<string, Uint8Array<ArrayBuffer>> = {
  'nothing at all': new Uint8Array(),
  'the point at infinity': new Uint8Array(1),
  'zeros only': new Uint8Array(65),
  'the coordinates 0, 0': concat(Uint8Array.of(4), new Uint8Array(64)),
  'a point beside the curve': concat(Uint8Array.of(4), ones, ones),
  'coordinates as large as the field': concat(Uint8Array.of(4), prime, prime),
  'coordinates larger than the field': concat(Uint8Array.of(4), new Uint8Array(64).fill(0xff)),
  'a point without its last byte': concat(Uint8Array.of(4), new Uint8Array(63).fill(1)),
  'random bytes': concat(Uint8Array.of(4), randomBytes(64)),
};

const WRONG_HELLOS: Record<string, Uint8Array<ArrayBuffer>> = {
  'no JSON': pad(utf8('hello')),
  'an empty message': pad(utf8('')),
  'no object': pad(utf8('null')),
  'an array': pad(utf8('[]')),
  'no language': pad(utf8('{}')),
  'a language that is a number': pad(utf8('{"language":1}')),
  'a language too long': pad(utf8(JSON.stringify({ language: 'x'.repeat(36) }))),
  'a field too many': pad(utf8('{"language":"en","admin":true}')),
  'a readmission token that is empty': pad(utf8('{"language":"en","readmissionToken":""}')),
  'a readmission token with other characters': pad(utf8('{"language":"en","readmissionToken":"a b"}')),
  'text that is not UTF-8': pad(Uint8Array.of(0xff, 0xfe)),
  'a hello without padding': utf8('{"language":"en"}'),
};

/** Every byte of an enc; of a box the beginning, the end and every 13th. */
function* sampled(length: number): Generator<number> {
  for (let at = 0; at < length; at++) if (length < 100 || at < 24 || at >= length - 24 || at % 13 === 0) yield at;
}

export const attackCases: Case[] = [
  ...(['enc', 'ciphertext'] as const).map((field) => ({
    name: `a bit turned over at any place of a hello’s ${field} is refused`,
    async run() {
      const room = await newRoom();
      let tried = 0;
      const { length } = fromBase64Url(
        (await knock(room.psk, room.roomId, (await createPrekey()).prekey, HELLO))[field],
      );
      for (const at of sampled(length)) {
        const change = (message: Message) => ({
          ...message,
          [field]: toBase64Url(flipped(fromBase64Url(message[field]), at, at % 8)),
        });
        await refused(`byte ${at}`, () => intercepted(room, change), HandshakeError);
        tried += 1;
      }
      same(tried >= 65, true, 'places tried');
      same((await intercepted(room, (message) => message)).hello, HELLO, 'unchanged it is taken');
    },
  })),
  {
    name: 'a hello cut off, grown, emptied or not in base64url is refused',
    async run() {
      const room = await newRoom();
      for (const change of [
        (ciphertext: string) => ciphertext.slice(0, -1),
        (ciphertext: string) => ciphertext.slice(0, -2),
        (ciphertext: string) => ciphertext.slice(0, 40),
        () => '',
        (ciphertext: string) => `${ciphertext}AAAA`,
        (ciphertext: string) => `${ciphertext}=`,
        (ciphertext: string) => `+${ciphertext.slice(1)}`,
        (ciphertext: string) => ` ${ciphertext}`,
      ]) {
        await refused(
          'box',
          () => intercepted(room, ({ enc, ciphertext }) => ({ enc, ciphertext: change(ciphertext) })),
          HandshakeError,
        );
        await refused(
          'enc',
          () => intercepted(room, ({ enc, ciphertext }) => ({ enc: change(enc), ciphertext })),
          HandshakeError,
        );
      }
    },
  },
  {
    name: 'a hello to one offer is refused for another, and so are parts of two hellos',
    async run() {
      const room = await newRoom();
      const other = await createPrekey();
      const elsewhere = await knock(room.psk, room.roomId, other.prekey, HELLO);
      await refused('all of it', () => intercepted(room, () => elsewhere), HandshakeError);
      await refused(
        'its enc',
        () => intercepted(room, ({ ciphertext }) => ({ enc: elsewhere.enc, ciphertext })),
        HandshakeError,
      );
      await refused(
        'its box',
        () => intercepted(room, ({ enc }) => ({ enc, ciphertext: elsewhere.ciphertext })),
        HandshakeError,
      );
    },
  },
  ...(['pkD', 'nonce', 'commit'] as const).map((field) => ({
    name: `an offer whose ${field} was swapped under way is refused`,
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const swapped = { ...prekey, [field]: (await createPrekey()).prekey[field] };
      const reader = await knock(psk, roomId, swapped, HELLO);
      await refused(field, () => answer(psk, roomId, prekey, secrets, reader), HandshakeError);
    },
  })),
  {
    name: 'parts of an offer cannot be moved from one field into the next',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const [nonce, commit] = [fromBase64Url(prekey.nonce), fromBase64Url(prekey.commit)];
      const moved = {
        ...prekey,
        nonce: toBase64Url(concat(nonce, commit.slice(0, 3))),
        commit: toBase64Url(commit.slice(3)),
      };
      const reader = await knock(psk, roomId, moved, HELLO);
      await refused('moved', () => answer(psk, roomId, prekey, secrets, reader), HandshakeError);
    },
  },
  {
    name: 'an offer of another room is refused, also with the same key',
    async run() {
      const [here, there] = [await newRoom(), await newRoom()];
      const { prekey, secrets } = await createPrekey();
      const reader = await knock(here.psk, there.roomId, prekey, HELLO);
      await refused('another room', () => answer(here.psk, here.roomId, prekey, secrets, reader), HandshakeError);
    },
  },
  {
    name: 'whoever has another link’s secret, or a bit of it wrong, is refused',
    async run() {
      const secret = randomBytes(32);
      const { roomId } = await newRoom();
      const { psk, joinKey } = await deriveLinkKeys(secret, roomId);
      const wrong = [
        (await deriveLinkKeys(flipped(secret, 31, 7), roomId)).psk,
        (await deriveLinkKeys(secret, (await newRoom()).roomId)).psk,
        flipped(psk, 0),
        concat(psk, new Uint8Array(1)),
        // All that the server ever learns.
        joinKey,
      ];
      for (const key of wrong) {
        const { prekey, secrets } = await createPrekey();
        const reader = await knock(key, roomId, prekey, HELLO);
        await refused('a wrong key', () => answer(psk, roomId, prekey, secrets, reader), HandshakeError);
      }
    },
  },
  {
    name: 'a key shorter than 32 bytes, or none, is refused on both sides',
    async run() {
      const { roomId, psk } = await newRoom();
      for (const length of [0, 1, 16, 31]) {
        const { prekey, secrets } = await createPrekey();
        await refused(`reader, ${length} bytes`, () => knock(psk.slice(0, length), roomId, prekey, HELLO));
        const reader = await knock(psk, roomId, prekey, HELLO);
        const short = psk.slice(0, length);
        await refused(
          `composer, ${length} bytes`,
          () => answer(short, roomId, prekey, secrets, reader),
          HandshakeError,
        );
      }
    },
  },
  {
    name: 'a hello without any pre-shared key, in HPKE’s base mode, is refused',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const publicKey = await suite.DeserializePublicKey(fromBase64Url(prekey.pkD));
      const parts = [prekey.pkD, prekey.nonce, prekey.commit].map(fromBase64Url);
      const info = lengthPrefixed(utf8('glir/1 handshake'), utf8(roomId), ...parts);
      const { encapsulatedSecret, ctx } = await suite.SetupSender(publicKey, { info });
      const ciphertext = toBase64Url(await ctx.Seal(pad(utf8(JSON.stringify(HELLO)))));
      const message = { enc: toBase64Url(encapsulatedSecret), ciphertext };
      await refused('base mode', () => answer(psk, roomId, prekey, secrets, message), HandshakeError);
    },
  },
  ...Object.entries(NO_POINTS).map(([what, point]) => ({
    name: `an offer or a hello with ${what} for a public key is refused`,
    async run() {
      const room = await newRoom();
      const { prekey } = await createPrekey();
      const bad = { ...prekey, pkD: toBase64Url(point) };
      await refused('reader', () => knock(room.psk, room.roomId, bad, HELLO));
      await refused(
        'composer',
        () => intercepted(room, ({ ciphertext }) => ({ enc: toBase64Url(point), ciphertext })),
        HandshakeError,
      );
    },
  })),
  ...Object.entries(WRONG_HELLOS).map(([what, content]) => ({
    name: `a hello of the wrong shape inside a box that opens is refused: ${what}`,
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const message = await sealedByHand(psk, roomId, prekey, content);
      await refused(what, () => answer(psk, roomId, prekey, secrets, message), HandshakeError);
    },
  })),
  {
    name: 'a hello of the right shape that was sealed by hand is taken, so the others fail for their shape alone',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const message = await sealedByHand(psk, roomId, prekey, pad(utf8('{"language":"en"}')));
      same((await answer(psk, roomId, prekey, secrets, message)).hello, HELLO, 'hello');
    },
  },
  {
    name: 'every refusal of a hello reads the same',
    async run() {
      const room = await newRoom();
      const messages = new Set<string>();
      for (const change of [
        (): Message => ({ enc: '', ciphertext: '' }),
        ({ enc }: Message): Message => ({ enc, ciphertext: toBase64Url(randomBytes(1040)) }),
        ({ ciphertext }: Message): Message => ({ enc: toBase64Url(new Uint8Array(65)), ciphertext }),
      ]) {
        await intercepted(room, change).catch((error: unknown) => messages.add(String(error)));
      }
      same(messages.size, 1, 'different messages');
    },
  },
];
