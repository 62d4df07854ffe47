import { describe, expect, it, vi } from 'vitest';
import { createNetworks } from '../../../src/limits/client-network.ts';
import { createConcurrencyLimit, oldestOfMostCrowded } from '../../../src/limits/concurrency.ts';

const { at } = createNetworks(0, new Uint8Array(32));

describe('a limit of how many there are at once', () => {
  it('holds for each network, and one that is released is free for others', () => {
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
    for (const network of ['a', 'b', 'c']) expect(limit.acquire(network)).not.toBeNull();
    expect(limit.acquire('d')).toBeNull();
  });

  it('counts a release once, however often it is called', () => {
    const limit = createConcurrencyLimit({ each: 2, total: 10 });
    const release = limit.acquire('a');
    limit.acquire('a');
    release?.();
    release?.();
    expect(limit.hasPlace('a')).toBe(true);
    limit.acquire('a');
    expect(limit.hasPlace('a')).toBe(false);
  });

  it.each([
    ['a household’s IPv6 /56', (index: number) => `2001:db8:1:${(0x100 + (index % 256)).toString(16)}::1`, 20],
    ['an organisation’s IPv6 /48', (index: number) => `2001:db8:1:${index.toString(16)}::1`, 30],
    ['a provider’s IPv6 /32', (index: number) => `2001:db8:${index.toString(16)}::1`, 40],
    ['an IPv4 /24', (index: number) => `192.0.2.${index % 256}`, 30],
    ['an IPv4 /16', (index: number) => `198.51.${index % 256}.${index >> 8}`, 40],
    ['6to4 addresses of an IPv4 address', (index: number) => `2002:c000:201:${index.toString(16)}::1`, 10],
    ['an IPv4 address, mapped and translated', (index: number) => `${index % 2 ? '::ffff' : '64:ff9b:'}:c000:201`, 10],
  ])('gives %s a few times what one network gets', (_whose, address, most) => {
    const limit = createConcurrencyLimit({ each: 10, total: 1_000 });
    const taken = Array.from({ length: 1_000 }, (_, index) => limit.acquire(at(address(index))));
    expect(taken.filter((release) => release !== null)).toHaveLength(most);
    expect(limit.acquire(at('203.0.113.1'))).not.toBeNull();
    for (const release of taken) release?.();
    expect(limit.hasPlace(at(address(0)))).toBe(true);
  });
});

describe('a limit that gives the oldest place of the most crowded network away', () => {
  it.each([
    ['a household', (index: number) => `2001:db8:1:1${(index % 256).toString(16).padStart(2, '0')}::1`],
    ['an organisation', (index: number) => `2001:db8:1:${index.toString(16)}::1`],
    ['a provider', (index: number) => `2001:db8:${index.toString(16)}::1`],
  ])('costs nobody else a place when %s takes one after the other', (_whose, address) => {
    const limit = createConcurrencyLimit({ each: 100, total: 100, evicts: true });
    const others = ['203.0.113.1', '198.51.100.7', '2001:db9::1'].flatMap((other) =>
      Array.from({ length: 10 }, () => ({ other, evicted: vi.fn() })),
    );
    for (const { other, evicted } of others) expect(limit.acquire(at(other), evicted)).not.toBeNull();
    const theirs = Array.from({ length: 5_000 }, (_, index) => {
      const evicted = vi.fn();
      expect(limit.acquire(at(address(index)), evicted)).not.toBeNull();
      return evicted;
    });
    for (const { evicted } of others) expect(evicted).not.toHaveBeenCalled();
    expect(theirs.filter((evicted) => evicted.mock.calls.length === 1)).toHaveLength(5_000 - 70);
    expect(theirs.at(-1)).not.toHaveBeenCalled();
    const newcomer = vi.fn();
    expect(limit.acquire(at('192.0.2.200'), newcomer)).not.toBeNull();
    expect(newcomer).not.toHaveBeenCalled();
  });

  it('takes the oldest of somebody’s own network when that has all it may have', () => {
    const limit = createConcurrencyLimit({ each: 3, total: 100, evicts: true });
    const evicted = Array.from({ length: 5 }, () => vi.fn());
    for (const one of evicted) limit.acquire('a', one);
    expect(evicted.map((one) => one.mock.calls.length)).toEqual([1, 1, 0, 0, 0]);
  });

  it('keeps those that cannot go', () => {
    const limit = createConcurrencyLimit({ each: 1, total: 1, evicts: true });
    expect(limit.acquire('a')).not.toBeNull();
    expect(limit.acquire('b', vi.fn())).toBeNull();
  });
});

it('the oldest of the most crowded network is looked for at each width', () => {
  const here = ['203.0.113.1', '2001:db8:1:1::1', '2001:db8:2:1::1', '2001:db8:2:2::1', '203.0.113.1'];
  expect(oldestOfMostCrowded(here, at)).toBe('2001:db8:2:1::1');
  expect(oldestOfMostCrowded([], at)).toBeUndefined();
});
