import { fromUtf8, randomBytes, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { answer, createPrekey, HandshakeError, knock } from '../../src/protocol/crypto/handshake.ts';
import { type Case, CaseFailure, refused, same } from './case.ts';
import { HELLO, meet, newRoom } from './people.ts';

export const handshakeCases: Case[] = [
  {
    name: 'the hello arrives as it was said',
    async run() {
      for (const hello of [{ language: '' }, { language: 'zh-Hant-TW' }, { language: 'x'.repeat(35) }]) {
        same((await meet(undefined, hello)).composer.hello, hello, 'hello');
      }
    },
  },
  {
    name: 'the hello has one length, whatever it says',
    async run() {
      const readmissionToken = toBase64Url(randomBytes(16));
      const [short, long] = [await meet(), await meet(undefined, { language: 'x'.repeat(35), readmissionToken })];
      same(short.reader.ciphertext.length, long.reader.ciphertext.length, 'length of the box');
    },
  },
  {
    name: 'all three streams carry messages, each way in its order',
    async run() {
      const { reader, composer } = await meet();
      for (const text of ['first', 'second', 'third']) {
        const toReader = await composer.streams.outgoing.seal(utf8(`${text} to the reader`));
        const note = await composer.streams.note.seal(utf8(`${text} note`));
        const toComposer = await reader.streams.outgoing.seal(utf8(`${text} to the composer`));
        same(fromUtf8(await reader.streams.incoming.open(toReader)), `${text} to the reader`, 'to the reader');
        same(fromUtf8(await reader.streams.note.open(note)), `${text} note`, 'note');
        same(fromUtf8(await composer.streams.incoming.open(toComposer)), `${text} to the composer`, 'to the composer');
      }
    },
  },
  {
    name: 'both sides see the same six digits',
    async run() {
      const { reader, composer, secrets } = await meet();
      const code = await reader.streams.shortCode(secrets.nD);
      same(await composer.streams.shortCode(secrets.nD), code, 'code');
      same(/^[0-9]{6}$/.test(code), true, 'six digits');
    },
  },
  {
    name: 'a short code that begins with zeros keeps them',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      // One in ten begins with a zero: that none of 400 does will not happen.
      for (let i = 0; i < 400; i++) {
        const code = await (await knock(psk, roomId, prekey, HELLO)).streams.shortCode(secrets.nD);
        same(code.length, 6, `digits of ${code}`);
        if (code.startsWith('0')) return;
      }
      throw new CaseFailure('no code begins with a zero');
    },
  },
  {
    name: 'every reader has other six digits',
    async run() {
      const room = await newRoom();
      const codes = new Set<string>();
      for (let i = 0; i < 20; i++) {
        const { reader, secrets } = await meet(room);
        codes.add(await reader.streams.shortCode(secrets.nD));
      }
      // Two of twenty agree by chance once in 5,000 runs; that three pairs do is out of the question.
      same(codes.size > 17, true, 'codes differ');
    },
  },
  {
    name: 'two readers with the same link and the same offer have other keys and other six digits',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const codes: string[] = [];
      for (let i = 0; i < 3; i++) {
        const { streams } = await knock(psk, roomId, prekey, HELLO);
        codes.push(await streams.shortCode(secrets.nD));
      }
      same(new Set(codes).size > 1, true, 'codes differ');
    },
  },
  {
    name: 'a composer that reveals another number than it committed to is refused, on both sides',
    async run() {
      const { reader, composer, secrets } = await meet();
      for (const nD of [randomBytes(32), new Uint8Array(32), new Uint8Array(), secrets.nD.slice(0, 31)]) {
        await refused('reader', () => reader.streams.shortCode(nD), HandshakeError);
        await refused('composer', () => composer.streams.shortCode(nD), HandshakeError);
      }
    },
  },
  {
    name: 'offers have other keys, numbers and commitments each time',
    async run() {
      const prekeys = await Promise.all(Array.from({ length: 20 }, () => createPrekey()));
      for (const field of ['pkD', 'nonce', 'commit'] as const) {
        same(new Set(prekeys.map(({ prekey }) => prekey[field])).size, 20, field);
      }
      same(
        prekeys.map(({ prekey }) => [prekey.pkD.length, prekey.nonce.length, prekey.commit.length].join()),
        prekeys.map(() => '87,22,43'),
        'lengths as the signalling wants them',
      );
    },
  },
  {
    name: 'an offer is answered once, and not even a forged hello gets a second try',
    async run() {
      const { roomId, psk, prekey, secrets, reader } = await meet();
      await refused('the same hello again', () => answer(psk, roomId, prekey, secrets, reader), HandshakeError);
      const second = await knock(psk, roomId, prekey, HELLO);
      await refused('another hello', () => answer(psk, roomId, prekey, secrets, second), HandshakeError);

      const fresh = await createPrekey();
      const honest = await knock(psk, roomId, fresh.prekey, HELLO);
      const forged = { ...honest, ciphertext: reader.ciphertext };
      await refused('forged', () => answer(psk, roomId, fresh.prekey, fresh.secrets, forged), HandshakeError);
      await refused('honest, after it', () => answer(psk, roomId, fresh.prekey, fresh.secrets, honest), HandshakeError);
    },
  },
  {
    name: 'two hellos to one offer at the same moment: one is answered',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const readers = [await knock(psk, roomId, prekey, HELLO), await knock(psk, roomId, prekey, HELLO)];
      const answers = await Promise.allSettled(readers.map((reader) => answer(psk, roomId, prekey, secrets, reader)));
      same(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'answers');
    },
  },
  {
    name: 'keys that are wiped in the middle of a handshake do not make it a handshake with a known key',
    async run() {
      const { roomId, psk } = await newRoom();
      const zero = new Uint8Array(32);
      const { prekey, secrets } = await createPrekey();
      const wiped = psk.slice();
      const knocking = knock(wiped, roomId, prekey, HELLO);
      wiped.fill(0);
      const reader = await knocking;
      const answering = psk.slice();
      const answered = answer(answering, roomId, prekey, secrets, reader);
      answering.fill(0);
      same((await answered).hello, HELLO, 'both used the real key');

      const next = await createPrekey();
      await refused('a wiped key', () => knock(zero, roomId, next.prekey, HELLO), HandshakeError);
      await refused('a wiped key', () => answer(zero, roomId, next.prekey, next.secrets, reader), HandshakeError);
    },
  },
];
