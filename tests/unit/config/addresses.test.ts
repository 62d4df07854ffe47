import { describe, expect, it } from 'vitest';
import { addressKind, isLocalAddress, isPublicHost, thisMachine } from '../../../src/config/addresses.ts';

describe('the kind of an address', () => {
  it.each([
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['0.0.0.1', 'reserved'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['9.255.255.255', 'public'],
    ['10.0.0.0', 'private'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.255.255', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.0', 'public'],
    ['fd12:3456::1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['febf::1', 'link-local'],
    ['224.0.0.251', 'multicast'],
    ['ff02::fb', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['192.0.2.1', 'public'],
    ['2001:db8::1', 'public'],
  ])('of %s is %s', (ip, kind) => {
    expect(addressKind(ip)).toBe(kind);
  });
});

describe('hosts that the internet at large can be meant to reach', () => {
  it.each(['glir.example.org', '203.0.113.5', '2001:db8::5', 'local.example.org'])('include %s', (host) => {
    expect(isPublicHost(host)).toBe(true);
  });

  it.each([
    'localhost',
    'glir',
    'glir.local',
    'GLIR.Hospital.INTERNAL',
    'glir.home.arpa',
    '10.0.0.4',
    '127.0.0.1',
    'fd00::2',
  ])('do not include %s', (host) => {
    expect(isPublicHost(host)).toBe(false);
  });
});

describe('this machine', () => {
  it('has addresses, and each of them can be listened on', () => {
    const { addresses } = thisMachine();
    expect(addresses).not.toEqual([]);
    for (const address of addresses) expect(isLocalAddress(address, addresses)).toBe(true);
  });

  it('does not have an address that is not its own', () => {
    expect(isLocalAddress('203.0.113.77', thisMachine().addresses)).toBe(false);
  });
});
