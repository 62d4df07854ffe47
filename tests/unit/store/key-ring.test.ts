import { describe, expect, it } from 'vitest';
import { createKeyRing } from '../../../src/store/key-ring.ts';
import { dataKey, storeErrorOf } from './setup.ts';

describe('a key ring', () => {
  it('opens what it sealed, of any length and in any script', () => {
    const ring = createKeyRing([dataKey()]);
    for (const text of ['', 'x'.repeat(1_000_000), 'Ärztin 医生 💊\u0000']) {
      expect(ring.open(ring.seal(text, ['a']), ['a'])).toBe(text);
    }
  });

  it.each([[['a', 'bc']], [['a']], [['a', 'b', 'c']], [['b', 'a']], [['a","b']], [[]]])(
    'does not open in another context than it sealed in: %j',
    async (other) => {
      const ring = createKeyRing([dataKey()]);
      const sealed = ring.seal('text', ['a', 'b']);
      expect((await storeErrorOf(() => ring.open(sealed, other))).code).toBe('tampered');
    },
  );

  it('does not open under another id of the same key', async () => {
    const { key } = dataKey();
    const ring = createKeyRing([
      { id: 'k1', key },
      { id: 'k2', key },
    ]);
    const sealed = ring.seal('text', []);
    expect((await storeErrorOf(() => ring.open({ ...sealed, keyId: 'k2' }, []))).code).toBe('tampered');
  });

  it('makes a fresh nonce for each text', () => {
    const ring = createKeyRing([dataKey()]);
    const nonces = Array.from({ length: 1_000 }, () => Buffer.from(ring.seal('same', []).nonce).toString('hex'));
    expect(new Set(nonces).size).toBe(1_000);
  });
});
