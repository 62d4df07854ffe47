import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_DATA_KEY } from '../../../src/config/value-types.ts';
import { load, publicSettings, refusals } from './settings.ts';

const base64 = () => randomBytes(32).toString('base64');
const KEY = base64();
const DATA_KEY = base64();

/** A node that is set up well; what is passed is added or replaces. */
function node(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return publicSettings({
    GLIR_DATABASE_URL: 'postgres://glir:password@db.example.org/glir',
    GLIR_DATA_KEYS: `k1:${DATA_KEY}`,
    GLIR_NODE_URL: 'http://10.0.0.4:7400',
    GLIR_CLUSTER_KEY: KEY,
    ...more,
  });
}

describe('a node of several', () => {
  it('is none unless it is set up', () => {
    expect(load({}).cluster).toBeNull();
    expect(load(node({ GLIR_NODE_URL: '', GLIR_CLUSTER_KEY: '' })).cluster).toBeNull();
  });

  it('listens where its URL leads to, when that is an address of this machine', () => {
    const { cluster } = load(node());
    expect(cluster).toMatchObject({ url: 'http://10.0.0.4:7400', listen: { host: '10.0.0.4', port: 7400 } });
    expect(cluster?.key.reveal()).toBe(KEY);
    const at = (url: string) => load(node({ GLIR_NODE_URL: url })).cluster;
    expect(at('ws://[fd00::2]:7400')).toMatchObject({
      url: 'http://[fd00::2]:7400',
      listen: { host: 'fd00::2', port: 7400 },
    });
    expect(at('http://localhost:7400')?.listen.host).toBe('127.0.0.1');
    expect(at('http://10.0.0.4')?.listen.port).toBe(80);
  });

  it.each(['http://node-1.internal:7400', 'http://10.0.0.9:7400', 'https://10.0.0.4:7400', 'wss://node-1.internal'])(
    'has to be told where to listen with %s',
    (GLIR_NODE_URL) => {
      expect(refusals(node({ GLIR_NODE_URL }))).toEqual([
        expect.stringMatching(/^GLIR_NODE_LISTEN: missing\. .* such as GLIR_NODE_LISTEN=10\.0\.0\.5:\d+/),
      ]);
      const { cluster } = load(node({ GLIR_NODE_URL, GLIR_NODE_LISTEN: '0.0.0.0:7401' }));
      expect(cluster?.listen).toEqual({ host: '0.0.0.0', port: 7401 });
      expect(cluster?.url).toBe(GLIR_NODE_URL.replace('wss:', 'https:'));
    },
  );

  it.each<[NodeJS.ProcessEnv, RegExp]>([
    [{ GLIR_NODE_URL: '' }, /^GLIR_NODE_URL: missing beside GLIR_CLUSTER_KEY\. Set /],
    [{ GLIR_CLUSTER_KEY: '' }, /^GLIR_CLUSTER_KEY: missing beside GLIR_NODE_URL\. Set .*openssl rand -base64 32$/],
    [
      { GLIR_NODE_URL: '', GLIR_CLUSTER_KEY: '', GLIR_NODE_LISTEN: '10.0.0.4:7400' },
      /^GLIR_NODE_URL: missing beside GLIR_NODE_LISTEN\. Set /,
    ],
    [{ GLIR_DATABASE_URL: '' }, /^GLIR_DATABASE_URL: missing\. .*Set GLIR_DATABASE_URL/],
    [{ GLIR_CLUSTER_KEY: EXAMPLE_DATA_KEY }, /^GLIR_CLUSTER_KEY: is the key of the documentation/],
    [{ GLIR_CLUSTER_KEY: EXAMPLE_DATA_KEY.replace('=', '') }, /^GLIR_CLUSTER_KEY: is the key of the documentation/],
    [{ GLIR_CLUSTER_KEY: DATA_KEY }, /^GLIR_CLUSTER_KEY: is a key of GLIR_DATA_KEYS too\. Set /],
    [{ GLIR_CLUSTER_KEY: 'correct horse' }, /^GLIR_CLUSTER_KEY: no key of 32 bytes in base64\. Make one/],
    [
      { GLIR_NODE_URL: 'https://glir.example.org', GLIR_NODE_LISTEN: '10.0.0.4:7400' },
      /^GLIR_NODE_URL: leads to PUBLIC_URL.* Set /,
    ],
    [{ GLIR_NODE_URL: 'http://0.0.0.0:7400' }, /^GLIR_NODE_URL: 0\.0\.0\.0 is no address.* Set /],
    [{ GLIR_NODE_URL: 'tcp://10.0.0.4:7400' }, /^GLIR_NODE_URL: not a web address.* Set /],
    [{ GLIR_NODE_URL: 'http://me:secret@10.0.0.4:7400' }, /^GLIR_NODE_URL: it holds a user name or password.* Set /],
    [{ GLIR_NODE_URL: 'http://10.0.0.4:7400/node' }, /^GLIR_NODE_URL: it holds more than the origin.* Set /],
    [{ GLIR_NODE_URL: 'http://10.0.0.4:3000' }, /^GLIR_NODE_LISTEN: port 3000 is the web server's PORT\. Set another/],
    [{ GLIR_NODE_URL: 'http://10.0.0.4:24444' }, /^GLIR_NODE_LISTEN: port 24444 is one of the data channels' ports/],
    [{ GLIR_NODE_LISTEN: '10.0.0.9:7400' }, /^GLIR_NODE_LISTEN: 10\.0\.0\.9 is not an address of this machine\. Set /],
    [{ GLIR_NODE_LISTEN: 'node-1:7400' }, /^GLIR_NODE_LISTEN: not an IP address and a port\. Set /],
    [{ GLIR_NODE_LISTEN: '10.0.0.4' }, /^GLIR_NODE_LISTEN: not an IP address and a port\. Set /],
    [{ GLIR_NODE_LISTEN: '10.0.0.4:0' }, /^GLIR_NODE_LISTEN: not an IP address and a port\. Set /],
    [{ GLIR_NODE_LISTEN: '10.0.0.4:99999' }, /^GLIR_NODE_LISTEN: not an IP address and a port\. Set /],
  ])('is refused with %j, saying what to set', (more, text) => {
    const env = node(more);
    if (more['GLIR_DATABASE_URL'] === '') env['GLIR_DATA_DIR'] = '/data';
    expect(refusals(env)).toEqual([expect.stringMatching(text)]);
    for (const secret of ['correct horse', 'me:secret', DATA_KEY]) expect(refusals(env).join()).not.toContain(secret);
  });

  it('is warned when its URL looks public and is not encrypted', () => {
    const warnings = (url: string) => load(node({ GLIR_NODE_URL: url, GLIR_NODE_LISTEN: '10.0.0.4:7400' })).warnings;
    expect(warnings('http://203.0.113.5:7400')).toEqual([expect.stringMatching(/looks public.*not encrypted/)]);
    expect(warnings('https://203.0.113.5:7400')).toEqual([]);
    expect(warnings('http://10.0.0.4:7400')).toEqual([]);
  });

  it('has a key that is not printed with the configuration', () => {
    expect(JSON.stringify(load(node()))).not.toContain(KEY);
    expect(inspect(load(node()), { depth: 9, showHidden: true })).not.toContain(KEY);
  });
});
