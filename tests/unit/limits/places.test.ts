import { describe, expect, it } from 'vitest';
import { createPlaces } from '../../../src/limits/concurrency.ts';

describe('places that are taken at once', () => {
  it('are so many for each, and given to others when one leaves', () => {
    const places = createPlaces({ each: 2, total: 10 });
    const leave = places.enter('a');
    expect(places.enter('a')).not.toBeNull();
    expect(places.enter('a')).toBeNull();
    expect(places.enter('b')).not.toBeNull();
    leave?.();
    expect(places.enter('a')).not.toBeNull();
  });

  it('are so many for everybody together', () => {
    const places = createPlaces({ each: 2, total: 3 });
    for (const key of ['a', 'b', 'c']) expect(places.enter(key)).not.toBeNull();
    expect(places.enter('d')).toBeNull();
  });

  it('are left once, however often somebody says so', () => {
    const places = createPlaces({ each: 2, total: 10 });
    const leave = places.enter('a');
    places.enter('a');
    leave?.();
    leave?.();
    expect(places.taken('a')).toBe(1);
  });
});
