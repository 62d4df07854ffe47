import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import {
  type Bytes,
  concat,
  fromBase64Url,
  fromUtf8,
  randomBytes,
  sha256,
  toBase64Url,
  utf8,
} from '../../src/protocol/bytes.ts';
import { answer, createPrekey, knock, type Prekey } from '../../src/protocol/crypto/handshake.ts';
import { type Case, same } from './case.ts';
import { HELLO, newRoom } from './people.ts';

/**
 * The protocol a second time, written down from its description alone: `@hpke/core` for the handshake, plain WebCrypto
 * for what stands on it. It shares no code with src/protocol/crypto.
 */
const other = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });

function setup(psk: Bytes, roomId: string, prekey: Prekey) {
  const parts = [
    utf8('glir/1 handshake'),
    utf8(roomId),
    ...[prekey.pkD, prekey.nonce, prekey.commit].map(fromBase64Url),
  ];
  const info = concat(...parts.flatMap((part) => [Uint8Array.of(0, part.length), part]));
  return { info, psk: { id: utf8('glir/1 note link'), key: psk } };
}

interface Exporter {
  export(context: Bytes, length: number): Promise<ArrayBuffer>;
}

const exported = async (from: Exporter, label: string, length: number): Promise<Bytes> =>
  new Uint8Array(await from.export(utf8(`glir/1 ${label}`), length));

function padded(content: Bytes): Bytes {
  const bytes = new Uint8Array(Math.ceil((content.length + 4) / 1024) * 1024);
  new DataView(bytes.buffer).setUint32(0, content.length);
  bytes.set(content, 4);
  return bytes;
}

/** The frame that carries `text` as number `count` of a stream. */
async function frameOf(key: Bytes, count: number, text: string): Promise<Bytes> {
  const iv = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count);
  const additionalData = iv.slice(4);
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const ciphertext = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, aes, padded(utf8(text)));
  return concat(additionalData, new Uint8Array(ciphertext));
}

async function hkdf(ikm: Bytes, salt: Bytes, info: string, length: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, length * 8));
}

async function codeOf(key: Bytes, nD: Bytes): Promise<string> {
  const bits = await hkdf(key, nD, 'glir/1 short code', 8);
  const number = bits.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return String(number % 1_000_000n).padStart(6, '0');
}

export const secondOpinionCases: Case[] = [
  {
    name: 'a second implementation of HPKE as the composer understands our reader',
    async run() {
      const { roomId, psk } = await newRoom();
      const keys = await other.kem.generateKeyPair();
      const nD = randomBytes(32);
      const pkD = toBase64Url(new Uint8Array(await other.kem.serializePublicKey(keys.publicKey)));
      const prekey = { pkD, nonce: toBase64Url(randomBytes(16)), commit: toBase64Url(await sha256(nD)) };
      const readmissionToken = toBase64Url(randomBytes(16));
      const reader = await knock(psk, roomId, prekey, { ...HELLO, readmissionToken });

      const enc = fromBase64Url(reader.enc);
      const context = await other.createRecipientContext({ recipientKey: keys, enc, ...setup(psk, roomId, prekey) });
      const opened = new Uint8Array(await context.open(fromBase64Url(reader.ciphertext)));
      const proof = toBase64Url(
        await hkdf(utf8(readmissionToken), await exported(context, 'readmission', 32), 'glir/1 readmission', 32),
      );
      same(opened, padded(utf8(JSON.stringify({ ...HELLO, readmissionToken: proof }))), 'hello');

      const note = await exported(context, 'note', 16);
      const toReader = await exported(context, 'to reader', 16);
      const toComposer = await exported(context, 'to composer', 16);
      for (const count of [0, 1, 2]) {
        const text = `message ${count}`;
        same(fromUtf8(await reader.streams.note.open(await frameOf(note, count, text))), text, 'note');
        same(fromUtf8(await reader.streams.incoming.open(await frameOf(toReader, count, text))), text, 'to the reader');
        same(await reader.streams.outgoing.seal(utf8(text)), await frameOf(toComposer, count, text), 'to the composer');
      }
      same(await reader.streams.shortCode(nD), await codeOf(await exported(context, 'code', 32), nD), 'short code');
    },
  },
  {
    name: 'a second implementation of HPKE as the reader is understood by our composer',
    async run() {
      const { roomId, psk } = await newRoom();
      const { prekey, secrets } = await createPrekey();
      const recipientPublicKey = await other.kem.deserializePublicKey(fromBase64Url(prekey.pkD));
      const context = await other.createSenderContext({ recipientPublicKey, ...setup(psk, roomId, prekey) });
      const readmissionToken = toBase64Url(randomBytes(16));
      const proof = toBase64Url(
        await hkdf(utf8(readmissionToken), await exported(context, 'readmission', 32), 'glir/1 readmission', 32),
      );
      const hello = JSON.stringify({ language: 'uk', readmissionToken: proof });
      const message = {
        enc: toBase64Url(new Uint8Array(context.enc)),
        ciphertext: toBase64Url(new Uint8Array(await context.seal(padded(utf8(hello))))),
      };

      const composer = await answer(psk, roomId, prekey, secrets, message, ['another', readmissionToken]);
      same(composer.hello, { language: 'uk', readmissionToken }, 'hello');
      const note = await exported(context, 'note', 16);
      const toReader = await exported(context, 'to reader', 16);
      const toComposer = await exported(context, 'to composer', 16);
      for (const count of [0, 1, 2]) {
        const text = `message ${count}`;
        same(await composer.streams.note.seal(utf8(text)), await frameOf(note, count, text), 'note');
        same(await composer.streams.outgoing.seal(utf8(text)), await frameOf(toReader, count, text), 'to the reader');
        same(fromUtf8(await composer.streams.incoming.open(await frameOf(toComposer, count, text))), text, 'back');
      }
      const code = await codeOf(await exported(context, 'code', 32), secrets.nD);
      same(await composer.streams.shortCode(secrets.nD), code, 'short code');
    },
  },
];
