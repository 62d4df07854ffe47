import * as z from 'zod/mini';
import { concat } from '../../src/protocol/bytes.ts';
import { suite } from '../../src/protocol/crypto/handshake.ts';
import { type Case, same } from './case.ts';
import rfc9180 from './rfc9180.json' with { type: 'json' };

const hex = z.string().check(z.regex(/^([0-9a-f]{2})*$/));
const decimal = z.string().check(z.regex(/^[0-9]+$/));
const vectorsSchema = z.object({
  ...{ mode: decimal, kem_id: decimal, kdf_id: decimal, aead_id: decimal },
  ...{ info: hex, psk: hex, psk_id: hex, enc: hex, shared_secret: hex, key: hex, base_nonce: hex },
  ...{ ikmE: hex, skEm: hex, pkEm: hex, ikmR: hex, skRm: hex, pkRm: hex },
  encryptions: z.array(z.object({ seq: z.int(), pt: hex, aad: hex, nonce: hex, ct: hex })).check(z.minLength(1)),
  exports: z.array(z.object({ exporter_context: hex, L: decimal, exported_value: hex })).check(z.minLength(1)),
});

const vectors = vectorsSchema.parse(rfc9180);

async function recipient() {
  const keys = await suite.DeriveKeyPair(bytes(vectors.ikmR), true);
  const setup = { info: bytes(vectors.info), psk: bytes(vectors.psk), pskId: bytes(vectors.psk_id) };
  return suite.SetupRecipient(keys, bytes(vectors.enc), setup);
}

/** AES-128-GCM with the vectors' own key and base nonce, for the sequence numbers that the RFC leaves out. */
async function sealAt(seq: number, pt: string, aad: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', bytes(vectors.key), 'AES-GCM', false, ['encrypt']);
  const params = { name: 'AES-GCM', iv: nonceAt(seq), additionalData: aad };
  return new Uint8Array(await crypto.subtle.encrypt(params, key, bytes(pt)));
}

function nonceAt(seq: number): Uint8Array<ArrayBuffer> {
  const counter = new Uint8Array(12);
  new DataView(counter.buffer).setBigUint64(4, BigInt(seq));
  return bytes(vectors.base_nonce).map((byte, i) => byte ^ (counter[i] ?? 0));
}

/** RFC 9180, appendix A.3.2: the suite that the handshake uses, in PSK mode. */
export const rfc9180Cases: readonly Case[] = [
  {
    name: 'RFC 9180 A.3.2: the suite is the one that the vectors are for, in PSK mode',
    async run() {
      const { KEM, KDF, AEAD } = suite;
      same([KEM.id, KDF.id, AEAD.id], [vectors.kem_id, vectors.kdf_id, vectors.aead_id].map(Number), 'identifiers');
      same((await recipient()).mode, Number(vectors.mode), 'mode');
    },
  },
  {
    name: 'RFC 9180 A.3.2: both key pairs come out of their key material',
    async run() {
      for (const [ikm, secret, open] of [
        [vectors.ikmE, vectors.skEm, vectors.pkEm],
        [vectors.ikmR, vectors.skRm, vectors.pkRm],
      ] as const) {
        const { privateKey, publicKey } = await suite.DeriveKeyPair(bytes(ikm), true);
        same(await suite.SerializePrivateKey(privateKey), bytes(secret), 'private key');
        same(await suite.SerializePublicKey(publicKey), bytes(open), 'public key');
      }
      same(vectors.enc, vectors.pkEm, 'enc is the ephemeral public key');
    },
  },
  {
    name: `RFC 9180 A.3.2: all ${vectors.encryptions.length} ciphertexts open, up to the last sequence number`,
    async run() {
      const context = await recipient();
      const wanted = new Map(vectors.encryptions.map((encryption) => [encryption.seq, encryption]));
      const [first] = vectors.encryptions;
      const last = Math.max(...wanted.keys());
      let checked = 0;
      for (let seq = 0; seq <= last; seq++) {
        const given = wanted.get(seq);
        const pt = given?.pt ?? first?.pt ?? '';
        const aad = given === undefined ? new Uint8Array() : bytes(given.aad);
        const ct = given === undefined ? await sealAt(seq, pt, aad) : bytes(given.ct);
        same(await context.Open(ct, aad), bytes(pt), `plaintext ${seq}`);
        if (given === undefined) continue;
        same(nonceAt(seq), bytes(given.nonce), `nonce ${seq}`);
        same(await sealAt(seq, pt, aad), ct, `ciphertext ${seq}`);
        checked += 1;
      }
      same(checked, vectors.encryptions.length, 'ciphertexts checked');
    },
  },
  {
    name: `RFC 9180 A.3.2: all ${vectors.exports.length} exported values agree`,
    async run() {
      const context = await recipient();
      for (const { exporter_context, L, exported_value } of vectors.exports) {
        same(await context.Export(bytes(exporter_context), Number(L)), bytes(exported_value), 'exported value');
      }
    },
  },
];

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return concat(...(text.match(/../g) ?? []).map((pair) => Uint8Array.of(Number.parseInt(pair, 16))));
}
