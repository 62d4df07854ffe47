import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SocketConnection } from '../../../bots/slack/connection/socket-connection.ts';
import { useProxyOf } from '../../../src/http/outgoing-proxy.ts';
import { runningClock } from '../../support/server/movable-clock.ts';
import { SOON } from '../../support/server/soon.ts';

let proxy: Server;
let asked: string[];
let putBack: () => void;
beforeEach(async () => {
  asked = [];
  putBack = () => undefined;
  proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterEach(async () => {
  putBack();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

const address = () => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

describe('a proxy of the environment', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('%s takes calls', async (name) => {
    putBack = useProxyOf({ [name]: address() });
    await fetch('https://slack.invalid/api/auth.test').catch(() => null);
    expect(asked).toEqual(['slack.invalid:443']);
  });

  it('takes Slack’s socket', async () => {
    putBack = useProxyOf({ HTTPS_PROXY: address() });
    const ended: string[] = [];
    const ignore = () => undefined;
    new SocketConnection('wss://wss-primary.invalid/link', runningClock(), {
      onHello: ignore,
      onEnvelope: ignore,
      onDisconnect: ignore,
      onRubbish: ignore,
      onEnd: (why) => ended.push(why),
    });
    await expect.poll(() => ended.length, SOON).toBe(1);
    expect(asked).toEqual(['wss-primary.invalid:443']);
  });

  it('is not asked for what NO_PROXY names', async () => {
    putBack = useProxyOf({ HTTPS_PROXY: address(), NO_PROXY: 'slack.invalid' });
    await fetch('https://slack.invalid/').catch(() => null);
    expect(asked).toEqual([]);
  });

  it.each(['socks5://proxy.example.org:1080', 'proxy.example.org', 'ftp://x'])(
    '%s is refused with what to set',
    (url) => {
      expect(() => useProxyOf({ HTTPS_PROXY: url })).toThrow(/HTTPS_PROXY: .*http:\/\/proxy/);
    },
  );
});
