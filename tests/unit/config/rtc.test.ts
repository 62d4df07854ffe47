import { describe, expect, it } from 'vitest';
import { load, MACHINE, publicSettings, refusals } from './settings.ts';

const listen = (env: NodeJS.ProcessEnv) => load(publicSettings(env)).rtc.listen;

describe('the addresses that data channels listen on', () => {
  it('must be of this machine; for a cloud machine the remedy is spelt out', () => {
    expect(refusals(publicSettings({ GLIR_RTC_LISTEN: '203.0.113.5' }))).toEqual([
      'GLIR_RTC_LISTEN: 203.0.113.5 is not an address of this machine. On a cloud machine listen on 0.0.0.0 and set GLIR_RTC_ANNOUNCED=203.0.113.5.',
    ]);
    expect(refusals(publicSettings({ GLIR_RTC_LISTEN: '2001:db8::5', GLIR_RTC_ANNOUNCED: '2001:db8::5' }))).toEqual([
      'GLIR_RTC_LISTEN: 2001:db8::5 is not an address of this machine. On a cloud machine listen on :: and set GLIR_RTC_ANNOUNCED=2001:db8::5.',
    ]);
  });

  it.each(['224.0.0.1', '169.254.1.1', 'fe80::1', '255.255.255.255', 'ff02::1', '240.0.0.1'])(
    'may not be %s, which no browser can send to',
    (ip) => {
      expect(refusals(publicSettings({ GLIR_RTC_LISTEN: ip }))).toContainEqual(
        expect.stringMatching(/^GLIR_RTC_LISTEN: /),
      );
    },
  );

  it('may be several, each told to browsers as it is', () => {
    const machine = { addresses: ['198.51.100.7', 'fd00::2'] };
    const env = { PUBLIC_URL: 'https://glir.lan', GLIR_TRUST_PROXY: '1', GLIR_RTC_LISTEN: '198.51.100.7, FD00::2' };
    expect(load(env, machine).rtc.listen).toEqual([
      { ip: '198.51.100.7', announced: [], ipv6Only: false },
      { ip: 'FD00::2', announced: [], ipv6Only: false },
    ]);
  });

  it('may not overlap on one port', () => {
    expect(refusals(publicSettings({ GLIR_RTC_LISTEN: '0.0.0.0,10.0.0.4' }))).toEqual([
      'GLIR_RTC_LISTEN: 0.0.0.0 covers 10.0.0.4 already, and a port can be taken only once. List one of them.',
    ]);
  });

  it('keep IPv6 to itself where IPv4 has a socket of its own', () => {
    const both = listen({ GLIR_RTC_LISTEN: '0.0.0.0,::', GLIR_RTC_ANNOUNCED: 'rtc.example.org' });
    expect(both.map(({ ip, ipv6Only }) => [ip, ipv6Only])).toEqual([
      ['0.0.0.0', false],
      ['::', true],
    ]);
    expect(listen({ GLIR_RTC_LISTEN: '::' })).toEqual([{ ip: '::', announced: ['203.0.113.5'], ipv6Only: false }]);
  });

  it('may not be loopback when others are meant to connect', () => {
    expect(refusals({ PUBLIC_URL: 'https://glir.example.org', GLIR_RTC_LISTEN: '127.0.0.1' })).toEqual([
      expect.stringMatching(/^GLIR_RTC_LISTEN: 127\.0\.0\.1 is reached from this machine only/),
    ]);
  });

  it('may be loopback with an announced address, with a warning', () => {
    expect(load(publicSettings({ GLIR_RTC_LISTEN: '127.0.0.1' })).warnings).toEqual([
      expect.stringContaining('only if something here forwards UDP and TCP'),
    ]);
  });

  it('may be private in a private network', () => {
    const env = { PUBLIC_URL: 'https://glir.hospital.internal', GLIR_TRUST_PROXY: '1', GLIR_RTC_LISTEN: '10.0.0.4' };
    expect(load(env).warnings).toEqual([]);
    expect(load({ ...env, PUBLIC_URL: 'https://10.0.0.4' }).warnings).toEqual([]);
  });

  it('are reported when private under a public name', () => {
    const env = { PUBLIC_URL: 'https://glir.example.org', GLIR_TRUST_PROXY: '1', GLIR_RTC_LISTEN: '10.0.0.4' };
    expect(load(env).warnings).toEqual([expect.stringContaining('told the private address 10.0.0.4')]);
  });
});

describe('the announced address', () => {
  it('is needed for 0.0.0.0, and the remedy names what this machine has', () => {
    const env = { PUBLIC_URL: 'https://glir.example.org' };
    expect(refusals(env)).toEqual([
      expect.stringContaining('or GLIR_RTC_ANNOUNCED=10.0.0.4 if all browsers are in this network'),
    ]);
    expect(refusals(env, { addresses: ['127.0.0.1', '198.51.100.7'] })).toEqual([
      expect.stringContaining('probably GLIR_RTC_ANNOUNCED=198.51.100.7.'),
    ]);
    expect(refusals(env, { addresses: [] })).toEqual([
      expect.stringContaining('such as GLIR_RTC_ANNOUNCED=203.0.113.5.'),
    ]);
    expect(refusals({ GLIR_RTC_LISTEN: '0.0.0.0' })).toEqual([expect.stringMatching(/^GLIR_RTC_ANNOUNCED: missing/)]);
  });

  it.each([
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '169.254.10.1',
    '255.255.255.255',
    '0.1.2.3',
    '240.1.1.1',
    '127.0.0.1',
    'localhost',
  ])('may not be %s, which leads nowhere', (announced) => {
    expect(refusals(publicSettings({ GLIR_RTC_ANNOUNCED: announced }))).toEqual([
      expect.stringMatching(/^GLIR_RTC_ANNOUNCED: .+ Set the address that browsers reach/),
    ]);
  });

  it.each([
    '203.0.113.5:24444',
    'https://glir.example.org',
    '[2001:db8::5]',
    '203.0.113',
    '203.0.113.256',
    'a b',
    'under_score.org',
    '203.0.113.5,http://glir.example.org',
  ])('may not be written as %s', (announced) => {
    expect(refusals(publicSettings({ GLIR_RTC_ANNOUNCED: announced }))).toEqual([
      expect.stringMatching(/^GLIR_RTC_ANNOUNCED: .+ is not an IP address or a host name/),
    ]);
  });

  it('may be loopback to try GLIR on one machine', () => {
    expect(load({ GLIR_RTC_LISTEN: '0.0.0.0', GLIR_RTC_ANNOUNCED: '127.0.0.1' }).rtc.listen).toEqual([
      { ip: '0.0.0.0', announced: ['127.0.0.1'], ipv6Only: false },
    ]);
  });

  it('may be an example address, so that examples can be tried', () => {
    expect(load(publicSettings({ GLIR_RTC_ANNOUNCED: '192.0.2.10' })).warnings).toEqual([]);
  });

  it('stands for the only address listened on', () => {
    expect(listen({ GLIR_RTC_LISTEN: '10.0.0.4' })).toEqual([
      { ip: '10.0.0.4', announced: ['203.0.113.5'], ipv6Only: false },
    ]);
  });

  it('cannot stand for several addresses', () => {
    expect(refusals(publicSettings({ GLIR_RTC_LISTEN: '10.0.0.4,fd00::2' }))).toEqual([
      expect.stringMatching(/^GLIR_RTC_ANNOUNCED: one announced address cannot stand for the 2 in GLIR_RTC_LISTEN/),
    ]);
  });

  it.each([
    ['0.0.0.0', '2001:db8::5'],
    ['10.0.0.4', '2001:db8::5'],
    ['fd00::2', '203.0.113.5'],
    ['0.0.0.0,::', '203.0.113.5'],
    ['0.0.0.0,::', '2001:db8::5'],
  ])('must lead to the sockets: listening on %s, %s does not', (ips, announced) => {
    expect(refusals(publicSettings({ GLIR_RTC_LISTEN: ips, GLIR_RTC_ANNOUNCED: announced }))).toEqual([
      expect.stringMatching(/^GLIR_RTC_ANNOUNCED: \S+ does not lead to /),
    ]);
  });

  it('is reported when it is private under a public name', () => {
    const { warnings } = load(publicSettings({ GLIR_RTC_ANNOUNCED: '192.168.1.5' }));
    expect(warnings).toEqual([expect.stringContaining('GLIR_RTC_ANNOUNCED=192.168.1.5 is a private address')]);
  });

  it('is reported when it is a host name, because Firefox does not look it up', () => {
    const { rtc, warnings } = load(publicSettings({ GLIR_RTC_ANNOUNCED: 'rtc.example.org' }));
    expect(rtc.listen[0]?.announced).toEqual(['rtc.example.org']);
    expect(warnings).toEqual([expect.stringContaining('Firefox')]);
  });
});

describe('several announced addresses', () => {
  it('stand for one socket, such as the one inside and the one outside', () => {
    const { rtc, warnings } = load(publicSettings({ GLIR_RTC_ANNOUNCED: '203.0.113.5, 10.0.0.4' }));
    expect(rtc.listen).toEqual([{ ip: '0.0.0.0', announced: ['203.0.113.5', '10.0.0.4'], ipv6Only: false }]);
    expect(warnings).toEqual([]);
  });

  it('go to the sockets of their families', () => {
    const announced = '203.0.113.5,2001:db8::5,rtc.example.org';
    const both = publicSettings({ GLIR_RTC_LISTEN: '0.0.0.0,::', GLIR_RTC_ANNOUNCED: announced });
    expect(load(both).rtc.listen).toEqual([
      { ip: '0.0.0.0', announced: ['203.0.113.5', 'rtc.example.org'], ipv6Only: false },
      { ip: '::', announced: ['2001:db8::5', 'rtc.example.org'], ipv6Only: true },
    ]);
  });

  it('must each lead to a socket', () => {
    expect(refusals(publicSettings({ GLIR_RTC_ANNOUNCED: '203.0.113.5,2001:db8::5' }))).toEqual([
      'GLIR_RTC_ANNOUNCED: 2001:db8::5 leads to none of the addresses in GLIR_RTC_LISTEN. Take it out, or listen on :: as well.',
    ]);
  });

  it('must each be one that browsers can reach', () => {
    expect(refusals(publicSettings({ GLIR_RTC_ANNOUNCED: '203.0.113.5,127.0.0.1' }))).toEqual([
      expect.stringMatching(/^GLIR_RTC_ANNOUNCED: 127\.0\.0\.1 is every browser's own machine/),
    ]);
  });

  it('are eight at most, because browsers try them all', () => {
    const many = Array.from({ length: 9 }, (_, index) => `203.0.113.${index}`).join(',');
    expect(refusals(publicSettings({ GLIR_RTC_ANNOUNCED: many }))).toEqual([
      expect.stringMatching(/^GLIR_RTC_ANNOUNCED: more than 8 addresses/),
    ]);
  });
});

describe('the ports of the workers', () => {
  it('must all exist', () => {
    expect(refusals({ GLIR_RTC_PORT: '65535', GLIR_WORKERS: '2' })).toEqual([
      'GLIR_RTC_PORT: 2 workers need the ports 65535 to 65536, but 65535 is the last. Set at most GLIR_RTC_PORT=65534.',
    ]);
    expect(load({ GLIR_RTC_PORT: '65534', GLIR_WORKERS: '2' }, MACHINE).rtc.port).toBe(65_534);
  });

  it("must be apart from the web server's", () => {
    expect(refusals({ PORT: '24445', GLIR_WORKERS: '2' })).toEqual([
      expect.stringMatching(/^GLIR_RTC_PORT: the workers' ports 24444 to 24445 hold 24445/),
    ]);
    expect(load({ PORT: '44446', GLIR_WORKERS: '2' }).http.port).toBe(44_446);
  });
});
