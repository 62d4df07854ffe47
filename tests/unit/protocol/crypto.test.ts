import { describe, it } from 'vitest';
import { cryptoCases } from '../../vectors/cases.ts';

describe('the cryptography in Node', () => {
  for (const { name, run } of cryptoCases) it(name, run);
});
