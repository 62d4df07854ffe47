import { describe, it } from 'vitest';
import { NO_VECTORS, rfc9180Vectors } from '../../support/crypto-vectors.ts';
import { cryptoCases } from '../../vectors/cases.ts';

const vectors = rfc9180Vectors();

describe('the cryptography in Node', () => {
  for (const { name, run } of cryptoCases(vectors)) it(name, run);

  if (vectors === null) it(NO_VECTORS, (context) => context.skip(NO_VECTORS));
});
