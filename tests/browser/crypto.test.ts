import { beforeAll, describe, expect, it } from 'vitest';
import { runInBrowser } from '../support/browser/crypto-browser.ts';
import { NO_VECTORS, rfc9180Vectors } from '../support/crypto-vectors.ts';
import { cryptoCases } from '../vectors/cases.ts';

const vectors = rfc9180Vectors();
const cases = cryptoCases(vectors);

describe('the cryptography in a browser', () => {
  const failures = new Map<string, string | null>();

  beforeAll(async () => {
    for (const { name, failure } of await runInBrowser(vectors)) failures.set(name, failure);
  });

  it('runs the same cases as in Node, each under a name of its own', () => {
    expect([...failures.keys()]).toEqual(cases.map(({ name }) => name));
  });

  for (const { name } of cases) it(name, () => expect(failures.get(name)).toBeNull());

  if (vectors === null) it(NO_VECTORS, (context) => context.skip(NO_VECTORS));
});
