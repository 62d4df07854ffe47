import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import express, { type Request } from 'express';
import { describe, expect, it } from 'vitest';
import { areNeighbours, createNetworks, prefixesOf } from '../../../src/limits/client-network.ts';

/** A request that came over a connection from `remoteAddress`. */
function from(remoteAddress: string, forwarded?: string): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
}

describe('networks', () => {
  const { at } = createNetworks(0);

  it.each([
    ['the same address', '192.0.2.1', '192.0.2.1'],
    ['an IPv4 address and the same one as IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
    ['the same one in hexadecimal', '192.0.2.1', '::ffff:c000:201'],
    ['addresses of one IPv6 /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['another way to write one', '2001:db8:1:2::1', '2001:0DB8:0001:0002::1'],
    ['an IPv4 address behind 6to4', '192.0.2.1', '2002:c000:201:77::1'],
    ['a translated IPv4 address', '192.0.2.1', '64:ff9b::192.0.2.1'],
    ['an address with its interface', 'fe80::1', 'fe80::1%eth0'],
  ])('are the same for %s', (_what, one, other) => expect(at(one)).toBe(at(other)));

  it.each([
    ['neighbours in IPv4', '192.0.2.1', '192.0.2.2'],
    ['neighbouring IPv6 /64', '2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['an IPv4 address and an IPv6 network', '192.0.2.1', '2001:db8::1'],
  ])('are others for %s', (_what, one, other) => {
    // By chance two may share a number, but not at each start.
    const differ = Array.from({ length: 4 }, () => createNetworks(0)).map((each) => each.at(one) !== each.at(other));
    expect(differ).toContain(true);
  });

  it('say nothing of the address, and are others after the next start', () => {
    expect(at('192.0.2.1')).toMatch(/^\d{1,6}(\.\d{1,6}){3}$/);
    const numbers = Array.from({ length: 4 }, () => createNetworks(0).at('192.0.2.1'));
    expect(new Set(numbers).size).toBeGreaterThan(1);
  });

  it('are few enough to be counted, however many addresses come', () => {
    const seen = new Set<string>();
    for (let network = 0; network < 2_000; network++) seen.add(at(`2001:db8:${network.toString(16)}::1`));
    for (const each of seen) for (const part of each.split('.')) expect(Number(part)).toBeLessThan(2 ** 17);
  });

  it('are told for a connection that is gone already', () => expect(at(undefined)).toMatch(/^\d/));

  it('are the same on every node that has the key', () => {
    const key = new Uint8Array(32).fill(7);
    expect(createNetworks(0, key).at('192.0.2.1')).toBe(createNetworks(1, key).at('192.0.2.1'));
  });

  it.each([
    ['an IPv6 /32', '2001:db8:1::1', '2001:db8:2::1', 1],
    ['an IPv6 /48', '2001:db8:1:100::1', '2001:db8:1:200::1', 2],
    ['an IPv6 /56', '2001:db8:1:101::1', '2001:db8:1:102::1', 3],
    ['an IPv4 /16', '192.0.2.1', '192.0.3.1', 1],
    ['an IPv4 /24', '192.0.2.1', '192.0.2.2', 2],
  ])('share %s', (_what, one, other, widths) => {
    const { at: told } = createNetworks(0, new Uint8Array(32));
    const [ours, theirs] = [prefixesOf(told(one)), prefixesOf(told(other))];
    expect(ours.map(({ key }, width) => key === theirs[width]?.key)).toEqual(
      [0, 1, 2, 3].map((width) => width < widths),
    );
    expect(ours.map(({ share }) => share)).toEqual([4, 3, 2, 1]);
    expect(areNeighbours(told(one), told(other))).toBe(widths > 1);
  });
});

describe('the network of a client', () => {
  it.each([
    ['no proxy is trusted: the header is nobody’s word', 0, '192.0.2.9', '198.51.100.1', '192.0.2.9'],
    ['one proxy is trusted', 1, '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'one proxy is trusted, and the client made up another hop',
      1,
      '10.0.0.1',
      '203.0.113.7, 198.51.100.1',
      '198.51.100.1',
    ],
    ['two proxies are trusted', 2, '10.0.0.1', '203.0.113.7, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['a proxy is trusted and has said nothing', 1, '10.0.0.1', undefined, '10.0.0.1'],
    ['more proxies are trusted than there are', 5, '10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ])('when %s', (_when, trustProxy, remote, forwarded, expected) => {
    const networks = createNetworks(trustProxy);
    expect(networks.of(from(remote, forwarded))).toBe(networks.at(expected));
  });

  it.each([0, 1, 2, 3])('is the one that Express sees behind %i proxies', (trustProxy) => {
    const networks = createNetworks(trustProxy);
    const app = express().set('trust proxy', trustProxy);
    for (const forwarded of [undefined, '', ',', 'unknown', '198.51.100.1', '203.0.113.7, 198.51.100.1, 10.0.0.2']) {
      const request: Request = Object.setPrototypeOf(from('10.0.0.1', forwarded), app.request);
      expect(networks.of(from('10.0.0.1', forwarded)), String(forwarded)).toBe(networks.at(request.ip));
    }
  });
});
