import { fromUtf8, utf8 } from '../../src/protocol/bytes.ts';
import {
  answer,
  answerFirst,
  createPrekey,
  type FirstKnock,
  HandshakeError,
  keepFirstKnock,
  keptFirstKnock,
  knock,
  UnknownFirstKnock,
} from '../../src/protocol/crypto/handshake.ts';
import { type Case, different, refused, same } from './case.ts';
import { HELLO, meet, newRoom } from './people.ts';

const known = (first: FirstKnock) => async () => first;

export const firstKnockCases: Case[] = [
  {
    name: 'a page that knocks again keeps its six digits, and both sides still understand each other',
    async run() {
      const room = await newRoom();
      const met = await meet(room);
      const code = await met.reader.streams.shortCode(met.secrets.nD);
      let before = met.reader.first;
      for (let again = 0; again < 3; again++) {
        const { reader, composer } = await meet(room, HELLO, [], { page: before, composer: known(met.composer.first) });
        same(await reader.streams.shortCode(met.secrets.nD), code, 'code of the page');
        same(await composer.streams.shortCode(met.secrets.nD), code, 'code of the composer');
        const note = await reader.streams.note.open(await composer.streams.note.seal(utf8('note')));
        same(fromUtf8(note), 'note', 'note');
        const back = await composer.streams.incoming.open(await reader.streams.outgoing.seal(utf8('back')));
        same(fromUtf8(back), 'back', 'to the composer');
        before = reader.first;
      }
    },
  },
  {
    name: 'a page that is loaded anew goes on from its first knock, kept as text, under the same six digits',
    async run() {
      const room = await newRoom();
      const met = await meet(room);
      const code = await met.reader.streams.shortCode(met.secrets.nD);
      const text = keepFirstKnock(met.reader.first);
      const { reader, composer } = await meet(room, HELLO, [], {
        page: await keptFirstKnock(text),
        composer: known(met.composer.first),
      });
      same(await reader.streams.shortCode(met.secrets.nD), code, 'code of the page');
      const note = await reader.streams.note.open(await composer.streams.note.seal(utf8('note')));
      same(fromUtf8(note), 'note', 'note');
      for (const wrong of ['', 'x', `${text}x`, text.slice(1), text.replaceAll('.', ':')]) {
        same(String(await keptFirstKnock(wrong)), 'null', 'what is no first knock');
      }
    },
  },
  {
    name: 'a page whose first knock never arrived goes on from it all the same',
    async run() {
      const { roomId, psk } = await newRoom();
      const lost = await createPrekey();
      const { first } = await knock(psk, roomId, lost.prekey, HELLO);
      const found = ({ enc }: { enc: string }) => answerFirst(psk, roomId, lost.prekey, lost.secrets, enc);
      const { reader, composer } = await meet({ roomId, psk }, HELLO, [], { page: first, composer: found });
      const { nD } = lost.secrets;
      same(await composer.streams.shortCode(nD), await reader.streams.shortCode(nD), 'code');
      await refused('its prekey, answered again', () => found(first), HandshakeError);
    },
  },
  {
    name: 'somebody in the middle who has the link cannot give a page a second code, nor go on in the place of another',
    async run() {
      const room = await newRoom();
      const { roomId, psk } = room;
      const victim = await meet(room);
      const middle = await createPrekey();
      const again = await knock(psk, roomId, middle.prekey, HELLO, victim.reader.first);
      // The key of the first knock is not its own: what it answers with is not understood, whichever key it takes.
      const own = (await meet(room)).composer.first;
      for (const first of [own, { ...victim.composer.first, key: new Uint8Array(32) }]) {
        const { prekey, secrets } = await createPrekey();
        const next = await knock(psk, roomId, prekey, HELLO, victim.reader.first);
        await refused('the proof', () => answer(psk, roomId, prekey, secrets, next, [], known(first)), HandshakeError);
      }
      const { nD } = middle.secrets;
      await refused('another code', () => again.streams.shortCode(nD), HandshakeError);

      // At the doctor it says that it is the reader of before, with what it saw of that one.
      const { prekey, secrets } = await createPrekey();
      const thief = await knock(psk, roomId, prekey, HELLO, { ...own, ...named(victim.reader.first) });
      const composer = known(victim.composer.first);
      await refused('a thief', () => answer(psk, roomId, prekey, secrets, thief, [], composer), HandshakeError);
    },
  },
  {
    name: 'the keys of a second knock are others than those that the link and the prekey give',
    async run() {
      const room = await newRoom();
      const first = await meet(room);
      const before = { page: first.reader.first, composer: known({ ...first.composer.first }) };
      const second = await meet(room, HELLO, [], before);
      const sealed = await second.composer.streams.note.seal(utf8('note'));
      await refused('the first streams', () => first.reader.streams.note.open(sealed));
      different(second.reader.enc, first.reader.enc, 'encapsulated secret');
    },
  },
  {
    name: 'a first knock that nobody knows is refused as such',
    async run() {
      const room = await newRoom();
      const { reader } = await meet(room);
      const before = { page: reader.first, composer: async () => null };
      await refused('unknown', () => meet(room, HELLO, [], before), UnknownFirstKnock);
    },
  },
  {
    name: 'the hello has the same length with a first knock in it',
    async run() {
      const room = await newRoom();
      const first = await meet(room);
      const hello = { language: 'x'.repeat(35), admission: 'link', readmissionToken: 'A'.repeat(22) } as const;
      const before = { page: first.reader.first, composer: known(first.composer.first) };
      const { reader } = await meet(room, hello, [], before);
      same(reader.ciphertext.length, first.reader.ciphertext.length, 'length of the box');
    },
  },
];

function named({ commit, enc }: FirstKnock) {
  return { commit, enc };
}
