import { fromUtf8, randomBytes, utf8 } from '../../src/protocol/bytes.ts';
import { createPrekey } from '../../src/protocol/crypto/handshake.ts';
import { createOpener, createSealer } from '../../src/protocol/crypto/sealed-stream.ts';
import { type Case, refused, same } from './case.ts';

type ImportKey = typeof crypto.subtle.importKey;

/** Runs `work` and gives every key that it imported into WebCrypto. */
async function importedBy(work: () => Promise<unknown>): Promise<CryptoKey[]> {
  const keys: CryptoKey[] = [];
  const real: ImportKey = crypto.subtle.importKey.bind(crypto.subtle);
  const watched = async (...args: Parameters<ImportKey>) => {
    const key = await real(...args);
    keys.push(key);
    return key;
  };
  Object.defineProperty(crypto.subtle, 'importKey', { value: watched, configurable: true });
  try {
    await work();
  } finally {
    Reflect.deleteProperty(crypto.subtle, 'importKey');
  }
  return keys;
}

export const keyCases: Case[] = [
  {
    name: 'an offer’s private key cannot be taken out of the browser',
    async run() {
      const { privateKey } = (await createPrekey()).secrets.keys;
      same(privateKey.extractable, false, 'extractable');
      for (const format of ['pkcs8', 'jwk'] as const) {
        await refused(format, () => crypto.subtle.exportKey(format, privateKey));
      }
    },
  },
  {
    name: 'a stream’s key cannot be taken out of the browser, and can do one thing only',
    async run() {
      for (const [make, usage] of [
        [createSealer, 'encrypt'],
        [createOpener, 'decrypt'],
      ] as const) {
        const keys = await importedBy(() => make(randomBytes(16)));
        same(
          keys.map(({ extractable, usages }) => ({ extractable, usages })),
          [{ extractable: false, usages: [usage] }],
          'key',
        );
      }
    },
  },
  {
    name: 'a stream’s raw key is overwritten once WebCrypto has it',
    async run() {
      for (const make of [createSealer, createOpener]) {
        const raw = randomBytes(16);
        await make(raw);
        same(raw, new Uint8Array(16), 'raw key');
      }
    },
  },
  {
    name: 'a stream’s key of another length is refused',
    async run() {
      for (const length of [0, 15, 17, 24, 32]) {
        await refused(`${length} bytes`, () => createSealer(randomBytes(length)), RangeError);
        await refused(`${length} bytes`, () => createOpener(randomBytes(length)), RangeError);
      }
    },
  },
  {
    name: 'a stream goes on working when the caller’s bytes change afterwards',
    async run() {
      const raw = randomBytes(16);
      const [sealer, opener] = [await createSealer(raw.slice()), await createOpener(raw.slice())];
      const content = utf8('5 mg');
      const sealing = sealer.seal(content);
      content.set(utf8('9 mg'));
      same(fromUtf8(await opener.open(await sealing)), '5 mg', 'content');
    },
  },
];
