import { describe, expect, it } from 'vitest';
import { load, publicSettings, refusals } from './settings.ts';

describe('the public URL', () => {
  it.each([
    ['https://glir.example.org', 'https://glir.example.org'],
    ['https://GLIR.example.org:8443/', 'https://glir.example.org:8443'],
    ['https://203.0.113.5', 'https://203.0.113.5'],
    ['https://[2001:db8::5]:8443', 'https://[2001:db8::5]:8443'],
  ])('may be %s', (url, origin) => {
    expect(load(publicSettings({ PUBLIC_URL: url })).publicUrl).toBe(origin);
  });

  it.each([
    'https://glir.example.org/notes',
    'https://glir.example.org/?',
    'https://glir.example.org/?a=b',
    'https://glir.example.org/#',
    'https://doctor@glir.example.org',
    'glir.example.org',
    'localhost:3000',
    'wss://glir.example.org',
    'https://',
    'https://0.0.0.0',
  ])('may not be %s', (url) => {
    expect(refusals(publicSettings({ PUBLIC_URL: url }))).toEqual([expect.stringMatching(/^PUBLIC_URL: .+ Set /)]);
  });

  it('must be https for others, and the remedy names the URL', () => {
    const [problem] = refusals(publicSettings({ PUBLIC_URL: 'http://glir.example.org:8080' }));
    expect(problem).toMatch(
      /^PUBLIC_URL: http works on this machine only.+Set PUBLIC_URL=https:\/\/glir\.example\.org:8080/,
    );
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000', 'http://glir.localhost:3000'])(
    'may be plain http on this machine: %s',
    (url) => {
      const config = load({ PUBLIC_URL: url });
      expect(config.localChat).toBe(true);
      expect(config.warnings).toEqual([]);
    },
  );

  it.each(['https://localhost.example.org', 'https://127.0.0.1.example.org', 'https://notlocalhost'])(
    'is not taken for this machine because it looks like it: %s',
    (url) => {
      expect(load(publicSettings({ PUBLIC_URL: url })).localChat).toBe(false);
    },
  );
});

describe('the web server', () => {
  it('listens on the loopback address that the public URL names', () => {
    expect(load({ PUBLIC_URL: 'http://[::1]:3000' }).http.host).toBe('::1');
    expect(load({ PUBLIC_URL: 'http://127.0.0.7:3000' }).http.host).toBe('127.0.0.7');
  });

  it('is not started on an address of another machine', () => {
    expect(refusals(publicSettings({ HOST: '203.0.113.5' }))).toEqual([
      'HOST: 203.0.113.5 is not an address of this machine. Set HOST=0.0.0.0, which listens on all of them.',
    ]);
    expect(refusals(publicSettings({ HOST: '2001:db8::5' }))).toEqual([expect.stringContaining('Set HOST=::,')]);
  });

  it('listens on an address of this machine however it is spelt', () => {
    expect(load(publicSettings({ HOST: 'FD00:0::2' })).http.host).toBe('FD00:0::2');
  });

  it('warns before it opens the local chat to the network', () => {
    expect(load({ HOST: '0.0.0.0' }).warnings).toEqual([expect.stringContaining('opens the local chat')]);
    expect(load({ HOST: 'localhost' }).warnings).toEqual([]);
  });

  it('warns when browsers are sent to another port than its own', () => {
    expect(load({ PUBLIC_URL: 'http://localhost:8080' }).warnings).toEqual([
      expect.stringContaining('PUBLIC_URL says port 8080, but the web server listens on 3000'),
    ]);
  });

  it('warns when all clients would look like the proxy', () => {
    expect(load(publicSettings({ GLIR_TRUST_PROXY: '0' })).warnings).toEqual([
      expect.stringContaining('Set GLIR_TRUST_PROXY=1'),
    ]);
  });
});
