import type { IceCandidate } from 'mediasoup/types';
import { describe, expect, it } from 'vitest';
import { announcedCandidates } from '../../../mediasoup-config/ice-candidates.ts';
import { loadConfig } from '../../../src/config/load.ts';

function candidate(protocol: 'udp' | 'tcp', address: string, priority: number): IceCandidate {
  const ends = protocol === 'tcp' ? { tcpType: 'passive' as const } : {};
  return {
    foundation: `${protocol}candidate`,
    priority,
    ip: address,
    address,
    protocol,
    port: 44444,
    type: 'host',
    ...ends,
  };
}

function told(announced: string | undefined, candidates: readonly IceCandidate[], listen = '0.0.0.0'): IceCandidate[] {
  const env = { GLIR_RTC_LISTEN: listen, GLIR_RTC_ANNOUNCED: announced };
  return announcedCandidates(candidates, loadConfig(env, { addresses: ['10.0.0.4'] }));
}

const OUTSIDE = [candidate('udp', '203.0.113.5', 1_076_302_079), candidate('tcp', '203.0.113.5', 1_076_276_479)];

describe('what browsers are told of the sockets', () => {
  it('is what mediasoup says, where one address is announced or none', () => {
    expect(told('203.0.113.5', OUTSIDE)).toEqual(OUTSIDE);
    const own = [candidate('udp', '10.0.0.4', 1_076_302_079)];
    expect(told(undefined, own, '10.0.0.4')).toEqual(own);
  });

  it('is every announced address of each socket, with UDP before TCP and the first address before the others', () => {
    const all = told('203.0.113.5,10.0.0.4,rtc.example.org', OUTSIDE);
    const preferred = all.toSorted((one, other) => other.priority - one.priority);
    expect(preferred.map(({ protocol, address }) => `${protocol} ${address}`)).toEqual([
      'udp 203.0.113.5',
      'udp 10.0.0.4',
      'udp rtc.example.org',
      'tcp 203.0.113.5',
      'tcp 10.0.0.4',
      'tcp rtc.example.org',
    ]);
    expect(new Set(all.map(({ foundation }) => foundation)).size).toBe(all.length);
    expect(all.every(({ ip, address, port }) => ip === address && port === 44444)).toBe(true);
  });

  it('names a host once, though it stands for the sockets of both families', () => {
    const both = [candidate('udp', '203.0.113.5', 200_000), candidate('udp', '2001:db8::5', 100_000)];
    const all = told('203.0.113.5,2001:db8::5,rtc.example.org', both, '0.0.0.0,::');
    expect(all.map(({ address }) => address)).toEqual(['203.0.113.5', 'rtc.example.org', '2001:db8::5']);
  });
});
