import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { keyFor } from '../../../src/cluster/cluster-keys.ts';
import { checkAlive } from '../../../src/cluster/node-requests.ts';
import { NodeServer } from '../../../src/cluster/node-server.ts';
import { RequestSignatures, SIGNATURE_HEADER, SIGNATURE_MS } from '../../../src/cluster/request-signature.ts';
import { Secret } from '../../../src/config/secret.ts';
import { freePort } from '../../support/server/free-port.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const ALIVE = { method: 'GET', path: '/node/alive' };
const SIGNAL = { method: 'GET', path: '/node/signal' };
const newSecret = () => new Secret(randomBytes(32).toString('base64'));

/** A node `host` that listens, and another one with the same key. */
async function twoNodes() {
  const clock = standingClock();
  const secret = newSecret();
  const signaturesOf = (run: string, key = keyFor('requests', secret)) =>
    new RequestSignatures({ key, run, now: () => clock.now() });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const host = { run: 'host', url };
  const server = new NodeServer({ run: 'host', url, signatures: signaturesOf('host') });
  const networks: string[] = [];
  server.onSocket((_socket, network) => networks.push(network));
  await server.listen({ host: '127.0.0.1', port });
  onTestFinished(() => server.close());

  /** The status that a request with this header gets. */
  async function get(header: string | null, path = ALIVE.path, method = 'GET'): Promise<number> {
    const headers = header === null ? undefined : { [SIGNATURE_HEADER]: header };
    const { status } = await fetch(url + path, { method, ...(headers && { headers }) });
    return status;
  }
  /** The same for a socket; 101 when it opens. */
  async function connect(header: string, path = SIGNAL.path): Promise<number> {
    const socket = new WebSocket(url.replace('http', 'ws') + path, { headers: { [SIGNATURE_HEADER]: header } });
    socket.on('error', () => undefined);
    const opened = once(socket, 'open').then(() => 101);
    const refused = once(socket, 'unexpected-response').then(([, response]) => Number(response.statusCode));
    const status = await Promise.race([opened, refused]);
    socket.terminate();
    return status;
  }
  return { clock, secret, host, signaturesOf, sender: signaturesOf('sender'), url, get, connect, networks };
}

/** The header with one of its claims replaced, as somebody without the key could do. */
function changed(header: string, claim: string, value: unknown): string {
  const [text = '', mac = ''] = header.split('.');
  const claims = { ...JSON.parse(Buffer.from(text, 'base64url').toString()), [claim]: value };
  return `${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${mac}`;
}

describe('a request between nodes', () => {
  it('is answered when it is signed for this node', async () => {
    const { host, sender, get, connect, networks } = await twoNodes();
    expect(await get(sender.sign(ALIVE, host))).toBe(200);
    expect(await connect(sender.sign(SIGNAL, host, '198.51.100.7'))).toBe(101);
    expect(networks).toEqual(['198.51.100.7']);
  });

  it('is good once', async () => {
    const { host, sender, get, connect } = await twoNodes();
    const [alive, signal] = [sender.sign(ALIVE, host), sender.sign(SIGNAL, host)];
    expect([await get(alive), await get(alive)]).toEqual([200, 401]);
    expect([await connect(signal), await connect(signal)]).toEqual([101, 401]);
  });

  it.each([
    [SIGNATURE_MS, 200],
    [SIGNATURE_MS + 1, 401],
  ])('is good for 30 s: after %i ms it gets %i', async (ms, status) => {
    const { host, sender, get, clock } = await twoNodes();
    const header = sender.sign(ALIVE, host);
    clock.advance(ms);
    expect(await get(header)).toBe(status);
  });

  it('of the future is good for as long, and no more than once either', async () => {
    const { host, secret, get, clock } = await twoNodes();
    const ahead = (ms: number) => {
      const now = () => clock.now() + ms;
      return new RequestSignatures({ key: keyFor('requests', secret), run: 'sender', now }).sign(ALIVE, host);
    };
    expect(await get(ahead(SIGNATURE_MS + 1))).toBe(401);
    const header = ahead(SIGNATURE_MS);
    expect(await get(header)).toBe(200);
    for (let seconds = 0; seconds < 60; seconds += 10) {
      clock.advance(10_000);
      // Others that come and go meanwhile take nothing out of the memory for it.
      await get(ahead(0));
      expect(await get(header)).toBe(401);
    }
  });

  it('with another key is refused, also with the key for messages', async () => {
    const { host, signaturesOf, secret, get, connect } = await twoNodes();
    for (const key of [keyFor('requests', newSecret()), keyFor('messages', secret)]) {
      expect(await get(signaturesOf('sender', key).sign(ALIVE, host))).toBe(401);
      expect(await connect(signaturesOf('sender', key).sign(SIGNAL, host))).toBe(401);
    }
  });

  it('is refused when anything about it is changed', async () => {
    const { host, sender, get, connect, clock } = await twoNodes();
    const signed = () => sender.sign(SIGNAL, host, '198.51.100.7');
    expect(await connect(changed(signed(), 'network', '203.0.113.9'))).toBe(401);
    expect(await connect(changed(signed(), 'from', 'somebody'))).toBe(401);
    expect(await connect(changed(signed(), 'at', clock.now() + 1))).toBe(401);
    expect(await connect(changed(signed(), 'nonce', 'n'.repeat(22)))).toBe(401);
    expect(await get(signed())).toBe(401);
    expect(await connect(sender.sign(ALIVE, host))).toBe(401);
    expect(await connect(signed(), '/node/signal?more')).toBe(401);
    expect(await get(sender.sign(ALIVE, host), ALIVE.path, 'POST')).toBe(401);
    expect(await connect(signed())).toBe(101);
  });

  it.each([null, '', '.', 'a.b', 'a.b.c', `${Buffer.from('{}').toString('base64url')}.`])(
    'without a signature is refused: %j',
    async (header) => {
      const { get } = await twoNodes();
      expect(await get(header)).toBe(401);
      expect(await get(header, '/anything')).toBe(401);
    },
  );

  it('that was sent to somebody else, who passes it on, is refused', async () => {
    const { sender, connect } = await twoNodes();
    const elsewhere = { run: 'host', url: 'http://127.0.0.1:1' };
    expect(await connect(sender.sign(SIGNAL, elsewhere, '198.51.100.7'))).toBe(401);
  });

  it('for another run, or for what is not there, is not answered', async () => {
    const { host, sender, get } = await twoNodes();
    expect(await get(sender.sign(ALIVE, { ...host, run: 'another' }))).toBe(404);
    expect(await get(sender.sign({ method: 'GET', path: '/metrics' }, host), '/metrics')).toBe(404);
    expect(await get(sender.sign({ method: 'POST', path: ALIVE.path }, host), ALIVE.path, 'POST')).toBe(404);
  });
});

describe('whether a node is alive', () => {
  it('is believed of a node with the key alone', async () => {
    const { sender, signaturesOf, url } = await twoNodes();
    expect(await checkAlive({ url, run: 'host' }, sender)).toBe('answers');
    expect(await checkAlive({ url, run: 'another' }, sender)).toBe('silent');
    expect(await checkAlive({ url: 'http://127.0.0.1:1', run: 'host' }, sender)).toBe('silent');
    expect(await checkAlive({ url, run: 'host' }, signaturesOf('sender', keyFor('requests', newSecret())))).toBe(
      'refused',
    );
  });

  it('is not believed of somebody who says yes to everything', async () => {
    const { sender } = await twoNodes();
    const { createServer } = await import('node:http');
    const port = await freePort();
    const impostor = createServer((_request, response) => response.end('x'.repeat(43))).listen(port, '127.0.0.1');
    await once(impostor, 'listening');
    onTestFinished(() => void impostor.close());
    expect(await checkAlive({ url: `http://127.0.0.1:${port}`, run: 'host' }, sender)).toBe('silent');
  });

  it('is not waited for in the memory, where somebody answers without end', async () => {
    const { sender } = await twoNodes();
    const { createServer } = await import('node:http');
    const port = await freePort();
    let written = 0;
    const endless = createServer((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        if (response.destroyed) return;
        written += piece.length;
        response.write(piece, () => setImmediate(more));
      };
      more();
    }).listen(port, '127.0.0.1');
    await once(endless, 'listening');
    onTestFinished(() => {
      endless.closeAllConnections();
      endless.close();
    });
    expect(await checkAlive({ url: `http://127.0.0.1:${port}`, run: 'host' }, sender)).toBe('silent');
    // What was on its way when it hung up.
    expect(written).toBeLessThan(40 * 1024 * 1024);
  });
});
