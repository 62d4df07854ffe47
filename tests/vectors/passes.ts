import { fromBase64Url, fromUtf8, randomBytes, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { answer, createPrekey, knock, suite } from '../../src/protocol/crypto/handshake.ts';
import { lengthPrefixed } from '../../src/protocol/crypto/link-keys.ts';
import { unpad } from '../../src/protocol/crypto/padding.ts';
import { type Case, same } from './case.ts';
import { HELLO, meet, newRoom } from './people.ts';

const newPass = () => toBase64Url(randomBytes(16));

export const passCases: Case[] = [
  {
    name: 'a reader that comes back is known by its pass, among others',
    async run() {
      const [mine, ...others] = [newPass(), newPass(), newPass()];
      const { composer } = await meet(undefined, { ...HELLO, readmissionToken: mine }, [...others, mine]);
      same(composer.hello, { ...HELLO, readmissionToken: mine }, 'hello');
    },
  },
  {
    name: 'a pass that the composer never gave, or another room’s, is as good as none',
    async run() {
      for (const readmissionTokens of [[], [newPass(), newPass()]]) {
        const { composer } = await meet(undefined, { ...HELLO, readmissionToken: newPass() }, readmissionTokens);
        same(composer.hello, HELLO, 'hello');
      }
    },
  },
  {
    name: 'a reader without a pass is nobody known',
    async run() {
      same((await meet(undefined, HELLO, [newPass()])).composer.hello, HELLO, 'hello');
    },
  },
  {
    name: 'somebody in the middle who has the link neither learns a pass nor gets in with its proof',
    async run() {
      const { roomId, psk } = await newRoom();
      const readmissionToken = newPass();
      // The patient comes back, and is handed an offer of the one in the middle, who can open what is sealed for it.
      const middle = await createPrekey();
      const patient = await knock(psk, roomId, middle.prekey, { ...HELLO, readmissionToken });
      const { pkD, nonce, commit } = middle.prekey;
      const parts = [pkD, nonce, commit].map(fromBase64Url);
      const info = lengthPrefixed(utf8('glir/1 handshake'), utf8(roomId), ...parts);
      const setup = { info, psk, pskId: utf8('glir/1 note link') };
      const context = await suite.SetupRecipient(middle.secrets.keys, fromBase64Url(patient.enc), setup);
      const hello: unknown = JSON.parse(
        fromUtf8(unpad(new Uint8Array(await context.Open(fromBase64Url(patient.ciphertext))))),
      );
      same(JSON.stringify(hello).includes(readmissionToken), false, 'the pass is in the hello');
      const proof = /"readmissionToken":"([\w-]+)"/.exec(JSON.stringify(hello))?.[1] ?? '';
      same(proof.length, 43, 'there is a proof');

      // It now knocks at the doctor's real offer, with what it has got.
      for (const stolen of [proof, newPass()]) {
        const { prekey, secrets } = await createPrekey();
        const thief = await knock(psk, roomId, prekey, { ...HELLO, readmissionToken: stolen });
        const { hello: heard } = await answer(psk, roomId, prekey, secrets, thief, [readmissionToken]);
        same(heard, HELLO, 'the doctor is asked as for any stranger');
      }
      await sealedProof(proof);

      /** The proof itself in the hello, as a client of its own making would send it. */
      async function sealedProof(value: string): Promise<void> {
        const { prekey, secrets } = await createPrekey();
        const real = [prekey.pkD, prekey.nonce, prekey.commit].map(fromBase64Url);
        const { encapsulatedSecret, ctx } = await suite.SetupSender(
          await suite.DeserializePublicKey(fromBase64Url(prekey.pkD)),
          { ...setup, info: lengthPrefixed(utf8('glir/1 handshake'), utf8(roomId), ...real) },
        );
        const content = new Uint8Array(1024);
        const json = utf8(JSON.stringify({ ...HELLO, readmissionToken: value }));
        content.set(json, 4);
        new DataView(content.buffer).setUint32(0, json.length);
        const message = { enc: toBase64Url(encapsulatedSecret), ciphertext: toBase64Url(await ctx.Seal(content)) };
        same(
          (await answer(psk, roomId, prekey, secrets, message, [readmissionToken])).hello,
          HELLO,
          'a proof moved over',
        );
      }
    },
  },
];
