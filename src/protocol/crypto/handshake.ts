import {
  AEAD_AES_128_GCM,
  CipherSuite,
  type CryptoKey,
  KDF_HKDF_SHA256,
  KEM_DHKEM_P256_HKDF_SHA256,
  type KeyPair,
} from 'hpke';
import {
  type Bytes,
  copyOf,
  equalBytes,
  fromBase64Url,
  fromUtf8,
  randomBytes,
  sha256,
  toBase64Url,
  utf8,
} from '../bytes.ts';
import { PROTOCOL_VERSION } from '../constants.ts';
import { type Hello, helloSchema } from '../sealed.ts';
import { hkdf, lengthPrefixed } from './link-keys.ts';
import { pad, unpad } from './padding.ts';
import { provenToken, readmissionProof } from './readmission.ts';
import { createOpener, createSealer, type Opener, type Sealer } from './sealed-stream.ts';

/** The one suite: HPKE (RFC 9180) with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, used in mode_psk. */
export const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);

const PSK_ID = utf8('glir/1 note link');
const CODE_DIGITS = 6;

/** A composer's single-use public key as it travels through the server; each field in base64url. */
export interface Prekey {
  /** The public key, 65 bytes, uncompressed P-256 point. */
  pkD: string;
  /** 16 random bytes that make each prekey's `info` unique. */
  nonce: string;
  /** SHA-256 of the composer's `nD`, which it reveals only after the reader has answered. */
  commit: string;
}

/** The composer's private half of a prekey; dropped as soon as the prekey is used. */
export interface PrekeySecrets {
  keys: KeyPair<CryptoKey>;
  nD: Bytes;
}

/** Prekeys that were answered: each is good for one reader. */
const answered = new WeakSet<PrekeySecrets>();

/** The other side could not prove that it holds this room's link, or broke its commitment. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
}

/** A reader goes on from a first knock that the composer does not know any more. */
export class UnknownFirstKnock extends Error {
  override readonly name = 'UnknownFirstKnock';
}

/** The two sides of a short code: whether `nD` is what the composer committed to, and the digits that come of it. */
interface ShortCode {
  /** Throws HandshakeError when `nD` is not what the composer committed to. */
  checkCommit(nD: Bytes): Promise<void>;
  /** Six digits, equal on both sides when nobody sits between them. Throws HandshakeError when `nD` breaks the commit. */
  shortCode(nD: Bytes): Promise<string>;
}

/**
 * What is kept of the first knock of a reader's page: each later one goes on from it, with the same other side and under the
 * same short code. So whoever sits in the middle gets one code of a page to compare, however often it makes that page knock.
 */
export interface FirstKnock {
  /** `commit` of the prekey that it was made for, and its encapsulated secret, both in base64url. */
  readonly commit: string;
  readonly enc: string;
  /** 32 bytes that only the two sides of that handshake know. */
  readonly key: Bytes;
  /** Of which `code` is made. */
  readonly codeKey: Bytes;
  readonly code: ShortCode;
}

/** Parts of a first knock that is kept as text. */
const KEPT_PARTS = /^([\w-]{43})\.([\w-]{87})\.([\w-]{43})\.([\w-]{43})$/;

/** A first knock as text, for a page that is about to be loaded anew. As secret as the link. */
export function keepFirstKnock({ commit, enc, key, codeKey }: FirstKnock): string {
  return [commit, enc, toBase64Url(key), toBase64Url(codeKey)].join('.');
}

/** A first knock that was kept as text; null when it is none. */
export async function keptFirstKnock(text: string): Promise<FirstKnock | null> {
  const [, commit, enc, key, codeKey] = KEPT_PARTS.exec(text) ?? [];
  if (commit === undefined || enc === undefined || key === undefined || codeKey === undefined) return null;
  const code = await codeOf(fromBase64Url(codeKey), commit);
  return { commit, enc, key: fromBase64Url(key), codeKey: fromBase64Url(codeKey), code };
}

/** The three one-way streams between the composer and one reader, and their short code. */
export interface ReaderStreams<Note extends Sealer | Opener> extends ShortCode {
  /** Composer to reader through the SFU, the note and what follows it: the composer seals, the reader opens. */
  note: Note;
  /** What this side seals for the other over the signalling. */
  outgoing: Sealer;
  /** What this side opens from the other over the signalling. */
  incoming: Opener;
}

/** Makes a prekey for one reader. The private key is not extractable. */
export async function createPrekey(): Promise<{ prekey: Prekey; secrets: PrekeySecrets }> {
  const keys = await suite.GenerateKeyPair(false);
  const nD = randomBytes(32);
  const pkD = copyOf(await suite.SerializePublicKey(keys.publicKey));
  const commit = await sha256(nD);
  const prekey = { pkD: toBase64Url(pkD), nonce: toBase64Url(randomBytes(16)), commit: toBase64Url(commit) };
  return { prekey, secrets: { keys, nD } };
}

/**
 * The reader's half: SetupPSKS (RFC 9180, section 5.1.2) towards a prekey, with the hello as its one sealed message. The
 * readmission token itself stays here; what travels is a proof of it that is good in this handshake alone. The same holds for
 * `before`, the first knock of this page, from which this one goes on: the streams and the code then need its key as well.
 * Gives what to send (`enc` and `ciphertext`, base64url), the streams, and the first knock: `before`, or this one. Throws when
 * the prekey is not a valid one, and HandshakeError when the PSK was wiped.
 */
export async function knock(
  psk: Bytes,
  roomId: string,
  prekey: Prekey,
  hello: Hello,
  before: FirstKnock | null = null,
) {
  const pskCopy = copyPsk(psk);
  try {
    const publicKey = await suite.DeserializePublicKey(fromBase64Url(prekey.pkD));
    const setup = { info: infoOf(roomId, prekey), psk: pskCopy, pskId: PSK_ID };
    const { encapsulatedSecret, ctx } = await suite.SetupSender(publicKey, setup);
    const enc = toBase64Url(encapsulatedSecret);
    const keys = await exportKeys((label, length) => ctx.Export(label, length));
    const said = { ...hello, ...(await proofsOf(hello, before, keys.readmissionToken)) };
    const ciphertext = await ctx.Seal(pad(utf8(JSON.stringify(said))));
    const { note, toComposer, toReader } = await streamKeys(keys, before);
    const [opener, outgoing, incoming, first] = await Promise.all([
      createOpener(note),
      createSealer(toComposer),
      createOpener(toReader),
      before ?? firstKnock(prekey, enc, keys),
    ]);
    const streams: ReaderStreams<Opener> = { note: opener, outgoing, incoming, ...first.code };
    return { enc, ciphertext: toBase64Url(ciphertext), streams, first };
  } finally {
    pskCopy.fill(0);
  }
}

/** What travels of a readmission token and of a first knock: proofs that are good in one handshake alone. */
async function proofsOf({ readmissionToken }: Hello, before: FirstKnock | null, binding: Bytes) {
  const token =
    readmissionToken === undefined ? {} : { readmissionToken: await readmissionProof(readmissionToken, binding) };
  if (before === null) return token;
  const { commit, enc, key } = before;
  return { ...token, first: { commit, enc, proof: await readmissionProof(toBase64Url(key), binding) } };
}

/**
 * The composer's half: SetupPSKR, then opens the hello, which proves that the reader holds the link. The hello's
 * readmission token is the one of `readmissionTokens` that the reader proved to hold, or absent. A prekey is answered
 * once, whatever comes of it.
 * Throws HandshakeError when the reader does not hold the link, or the prekey was answered before; UnknownFirstKnock when it
 * goes on from a first knock that `firstKnockOf` does not know.
 */
export async function answer(
  psk: Bytes,
  roomId: string,
  prekey: Prekey,
  secrets: PrekeySecrets,
  message: { enc: string; ciphertext: string },
  readmissionTokens: Iterable<string> = [],
  firstKnockOf: (named: { commit: string; enc: string }) => Promise<FirstKnock | null> = async () => null,
) {
  const pskCopy = copyPsk(psk);
  try {
    const ctx = await setupOnce(pskCopy, roomId, prekey, secrets, message.enc);
    // The patient waits for this, so the two run in parallel.
    const [opened, keys] = await Promise.all([
      ctx.Open(fromBase64Url(message.ciphertext)),
      exportKeys((label, length) => ctx.Export(label, length)),
    ]);
    const said = helloSchema.parse(JSON.parse(fromUtf8(unpad(copyOf(opened)))));
    const { readmissionToken: proof, first: named, ...rest } = said;
    const readmissionToken =
      proof === undefined ? undefined : await provenToken(proof, keys.readmissionToken, readmissionTokens);
    const hello: Hello = readmissionToken === undefined ? rest : { ...rest, readmissionToken };
    const before = named === undefined ? null : await firstKnockOf(named);
    if (named !== undefined && before === null) throw new UnknownFirstKnock('a first knock that is not known any more');
    if (named !== undefined && before !== null) await checkFirst(named.proof, before, keys.readmissionToken);
    const { note, toComposer, toReader } = await streamKeys(keys, before);
    const [sealer, outgoing, incoming, first] = await Promise.all([
      createSealer(note),
      createSealer(toReader),
      createOpener(toComposer),
      before ?? firstKnock(prekey, message.enc, keys),
    ]);
    const streams: ReaderStreams<Sealer> = { note: sealer, outgoing, incoming, ...first.code };
    return { hello, streams, first };
  } catch (error) {
    if (error instanceof UnknownFirstKnock) throw error;
    // One answer for every other cause: an attacker learns nothing from how a forged hello failed.
    throw new HandshakeError('the reader could not prove that it holds the link');
  } finally {
    pskCopy.fill(0);
  }
}

/**
 * The composer's half of a first knock that never reached it, told with a later one of the same page. The prekey is answered
 * with that, so that its commitment is opened for one reader alone.
 * Throws HandshakeError when the prekey was answered before.
 */
export async function answerFirst(psk: Bytes, roomId: string, prekey: Prekey, secrets: PrekeySecrets, enc: string) {
  const pskCopy = copyPsk(psk);
  try {
    const ctx = await setupOnce(pskCopy, roomId, prekey, secrets, enc);
    return await firstKnock(prekey, enc, await exportKeys((label, length) => ctx.Export(label, length)));
  } finally {
    pskCopy.fill(0);
  }
}

function setupOnce(psk: Bytes, roomId: string, prekey: Prekey, secrets: PrekeySecrets, enc: string) {
  if (answered.has(secrets)) throw new HandshakeError('a prekey is good for one reader only');
  answered.add(secrets);
  return suite.SetupRecipient(secrets.keys, fromBase64Url(enc), { info: infoOf(roomId, prekey), psk, pskId: PSK_ID });
}

async function checkFirst(proof: string, { key }: FirstKnock, binding: Bytes): Promise<void> {
  const token = toBase64Url(key);
  if ((await provenToken(proof, binding, [token])) === undefined) throw new HandshakeError('not its first knock');
}

/**
 * A copy of the PSK for one handshake. The page wipes its keys when the room ends, which may be in the middle of a
 * handshake, and a wiped key is one that everybody knows.
 */
function copyPsk(psk: Bytes): Bytes {
  if (psk.every((byte) => byte === 0)) throw new HandshakeError('the keys of this link were wiped');
  return copyOf(psk);
}

/** Everything that both sides must agree on goes into `info`: a swapped prekey, room or version gives other keys. */
function infoOf(roomId: string, prekey: Prekey): Bytes {
  const parts = [prekey.pkD, prekey.nonce, prekey.commit].map(fromBase64Url);
  return lengthPrefixed(utf8(`glir/${PROTOCOL_VERSION} handshake`), utf8(roomId), ...parts);
}

type Export = (label: Uint8Array, length: number) => Promise<Uint8Array>;

async function exportKeys(exporter: Export) {
  const key = async (label: string, length: number) => copyOf(await exporter(utf8(`glir/1 ${label}`), length));
  const [note, toReader, toComposer, code, readmissionToken, first] = await Promise.all([
    key('note', 16),
    key('to reader', 16),
    key('to composer', 16),
    key('code', 32),
    key('readmission', 32),
    key('first knock', 32),
  ]);
  return { note, toReader, toComposer, code, readmissionToken, first };
}

type ExportedKeys = Awaited<ReturnType<typeof exportKeys>>;

/** The keys of the three streams; of a knock that goes on from an earlier one each needs the key of that one as well. */
async function streamKeys({ note, toReader, toComposer }: ExportedKeys, before: FirstKnock | null) {
  if (before === null) return { note, toReader, toComposer };
  const mixed = async (key: Bytes, label: string) => {
    const ikm = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveBits']);
    key.fill(0);
    return hkdf(ikm, before.key, `glir/1 ${label} after a first knock`, 16);
  };
  return {
    note: await mixed(note, 'note'),
    toReader: await mixed(toReader, 'to reader'),
    toComposer: await mixed(toComposer, 'to composer'),
  };
}

async function firstKnock(prekey: Prekey, enc: string, keys: ExportedKeys): Promise<FirstKnock> {
  const { commit } = prekey;
  const codeKey = copyOf(keys.code);
  return { commit, enc, key: keys.first, codeKey, code: await codeOf(keys.code, commit) };
}

/** Because of the commitment, whoever sits in the middle cannot try values of `nD` until the codes of both sides agree. */
async function codeOf(codeKey: Bytes, commit: string): Promise<ShortCode> {
  const ikm = await crypto.subtle.importKey('raw', codeKey, 'HKDF', false, ['deriveBits']);
  codeKey.fill(0);

  async function checkCommit(nD: Bytes): Promise<void> {
    if (equalBytes(await sha256(nD), fromBase64Url(commit))) return;
    throw new HandshakeError('the composer broke its commitment');
  }

  async function shortCode(nD: Bytes): Promise<string> {
    await checkCommit(nD);
    const bits = await hkdf(ikm, nD, 'glir/1 short code', 8);
    const number = new DataView(bits.buffer).getBigUint64(0) % BigInt(10 ** CODE_DIGITS);
    return number.toString().padStart(CODE_DIGITS, '0');
  }

  return { checkCommit, shortCode };
}
