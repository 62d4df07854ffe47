import { describe, expect, it } from 'vitest';
import { createConcurrencyLimit } from '../../../src/limits/concurrency.ts';

describe('a limit of how many there are at once', () => {
  it('holds for each key, and one that is released is free for others', () => {
    const limit = createConcurrencyLimit({ each: 2, total: 10 });
    const release = limit.acquire('a');
    expect(limit.acquire('a')).not.toBeNull();
    expect(limit.acquire('a')).toBeNull();
    expect(limit.acquire('b')).not.toBeNull();
    release?.();
    expect(limit.acquire('a')).not.toBeNull();
  });

  it('holds for everybody together', () => {
    const limit = createConcurrencyLimit({ each: 2, total: 3 });
    for (const key of ['a', 'b', 'c']) expect(limit.acquire(key)).not.toBeNull();
    expect(limit.acquire('d')).toBeNull();
  });

  it('counts a release once, however often it is called', () => {
    const limit = createConcurrencyLimit({ each: 2, total: 10 });
    const release = limit.acquire('a');
    limit.acquire('a');
    release?.();
    release?.();
    expect(limit.count('a')).toBe(1);
  });
});
