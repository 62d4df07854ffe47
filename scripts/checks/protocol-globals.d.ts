/**
 * The globals that src/protocol may use: those that Node and browsers share. Read by tsconfig.protocol.json alone; a
 * global goes in here when the protocol needs it and both sides have it, with the narrowest type that will do.
 *
 * There is no global type `CryptoKey`, because Node's types have none: `import type { CryptoKey } from 'hpke'`, which
 * is whatever `crypto.subtle.generateKey` yields where it is compiled.
 */
type SharedBytes = Uint8Array<ArrayBuffer>;
type SharedAlgorithm = string | { readonly name: string };

interface SharedKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string };
  readonly usages: string[];
}

interface SharedKeyPair {
  readonly privateKey: SharedKey;
  readonly publicKey: SharedKey;
}

interface SharedSubtleCrypto {
  digest(algorithm: 'SHA-256', data: SharedBytes): Promise<ArrayBuffer>;
  generateKey(algorithm: SharedAlgorithm, extractable: boolean, uses: string[]): Promise<SharedKey | SharedKeyPair>;
  importKey(
    format: 'raw',
    key: SharedBytes,
    algorithm: SharedAlgorithm,
    extractable: boolean,
    uses: string[],
  ): Promise<SharedKey>;
  deriveBits(algorithm: SharedAlgorithm, key: SharedKey, bits: number): Promise<ArrayBuffer>;
  encrypt(algorithm: SharedAlgorithm, key: SharedKey, data: SharedBytes): Promise<ArrayBuffer>;
  decrypt(algorithm: SharedAlgorithm, key: SharedKey, data: SharedBytes): Promise<ArrayBuffer>;
}

// `var`, not `const`: only then is it a member of `typeof globalThis`, where hpke's types look for it.
declare var crypto: {
  readonly subtle: SharedSubtleCrypto;
  getRandomValues(bytes: SharedBytes): SharedBytes;
};

declare class TextEncoder {
  encode(text: string): SharedBytes;
}

declare class TextDecoder {
  constructor(label: 'utf-8', options: { readonly fatal: boolean; readonly ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}

declare function atob(base64: string): string;
declare function btoa(binary: string): string;
