import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RoomLocation } from '../../../src/cluster/cluster.ts';
import type { Cable } from '../../support/postgres/cable.ts';
import { freePort } from '../../support/server/free-port.ts';
import { SOON } from '../../support/server/soon.ts';
import { POSTGRES_SERVER } from '../store/databases.ts';
import { cableTo, clusterOn } from './postgres-nodes.ts';

const NETWORK = '198.51.100.7';

describe.each(POSTGRES_SERVER === null ? [] : [POSTGRES_SERVER])('a forwarded socket', (server) => {
  /** A node where a person arrives, and one that hosts the room, with a cable between them. */
  async function arrangement() {
    const { started } = await clusterOn(server);
    const cables: Cable[] = [];
    const host = await started({
      async behind(port) {
        const cable = await cableTo(port);
        cables.push(cable);
        return cable;
      },
    });
    const arrival = await started();
    const [cable] = cables;
    if (cable === undefined) throw new Error('The host has a cable.');
    const accepted: { socket: WebSocket; network: string; texts: string[] }[] = [];
    host.cluster.onForwarded((socket, network) => {
      const texts: string[] = [];
      socket.on('message', (data) => texts.push(String(data)));
      accepted.push({ socket, network, texts });
    });
    const location: RoomLocation = { run: host.run, url: host.url, epoch: 1 };

    function forward(to = location) {
      const client = { network: NETWORK, onMessage: vi.fn(), onClose: vi.fn() };
      const socket = arrival.cluster.forward(to, client);
      onTestFinished(() => socket.close());
      return { socket, client };
    }
    async function open() {
      const forwarded = forward();
      forwarded.socket.send('first');
      await expect.poll(() => accepted.at(-1)?.texts, SOON).toEqual(['first']);
      const [atHost] = accepted;
      if (atHost === undefined) throw new Error('It has arrived.');
      return { ...forwarded, atHost };
    }
    return { host, arrival, cable, accepted, location, forward, open };
  }

  it('carries messages both ways in their order, those too that were sent before it was open', async () => {
    const { forward, accepted } = await arrangement();
    const { socket, client } = forward();
    socket.send('one');
    socket.send('two');
    expect(socket.bufferedAmount).toBe(6);
    await expect.poll(() => accepted[0]?.texts, SOON).toEqual(['one', 'two']);
    socket.send('three');
    accepted[0]?.socket.send('{"t":"heartbeat"}');
    accepted[0]?.socket.send('é');
    await expect.poll(() => client.onMessage.mock.calls, SOON).toEqual([['{"t":"heartbeat"}'], ['é']]);
    await expect.poll(() => accepted[0]?.texts, SOON).toEqual(['one', 'two', 'three']);
    expect(accepted[0]?.network).toBe(NETWORK);
    expect(socket.bufferedAmount).toBe(0);
    expect(client.onClose).not.toHaveBeenCalled();
  });

  it.each([1000, 1008, 1012, 4000])('closes with the code of the host: %i', async (code) => {
    const { open } = await arrangement();
    const { client, atHost } = await open();
    atHost.socket.close(code);
    await expect.poll(() => client.onClose.mock.calls, SOON).toEqual([[code]]);
  });

  it('closes at the host when the person is gone, who hears nothing more', async () => {
    const { open } = await arrangement();
    const { socket, client, atHost } = await open();
    const closed = vi.fn();
    atHost.socket.on('close', closed);
    socket.close();
    atHost.socket.send('too late');
    await expect.poll(() => closed.mock.calls[0]?.[0], SOON).toBe(1000);
    expect(client.onMessage).not.toHaveBeenCalled();
    expect(client.onClose).not.toHaveBeenCalled();
  });

  it('that is closed before it was open never arrives', async () => {
    const { forward, accepted } = await arrangement();
    const { socket, client } = forward();
    socket.send('one');
    socket.close();
    const other = forward();
    other.socket.send('other');
    await expect.poll(() => accepted.flatMap(({ texts }) => texts), SOON).toEqual(['other']);
    expect(client.onClose).not.toHaveBeenCalled();
  });

  it('closes with 1012 when the host stops, is killed, or the node of the person stops', async () => {
    const { open, host, arrival, cable } = await arrangement();
    const first = await open();
    cable.cut();
    await expect.poll(() => first.client.onClose.mock.calls, SOON).toEqual([[1012]]);
    const second = await open();
    await host.cluster.close();
    await expect.poll(() => second.client.onClose.mock.calls, SOON).toEqual([[1012]]);
    const other = await arrangement();
    const third = await other.open();
    await other.arrival.cluster.close();
    expect(third.client.onClose.mock.calls).toEqual([[1012]]);
    expect(arrival.events()).not.toContain('node-listener-error');
  });

  it('closes with 1012 when the host does not answer for 3 s, and not while it does', async () => {
    const { open, cable } = await arrangement();
    const { client } = await open();
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(client.onClose).not.toHaveBeenCalled();
    const start = performance.now();
    cable.pull();
    await expect.poll(() => client.onClose.mock.calls, SOON).toEqual([[1012]]);
    expect(performance.now() - start).toBeGreaterThan(1_900);
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  it('closes with 1012 when the host takes longer than 3 s to open it', async () => {
    const { forward, cable } = await arrangement();
    cable.pull();
    const { socket, client } = forward();
    socket.send('join');
    await expect.poll(() => client.onClose.mock.calls, SOON).toEqual([[1012]]);
    cable.putBack();
  });

  it('is not opened to somebody who cannot prove to be a node', async () => {
    const { forward, location } = await arrangement();
    const port = await freePort();
    const impostor = new WebSocketServer({ host: '127.0.0.1', port });
    onTestFinished(() => impostor.close());
    const texts: string[] = [];
    impostor.on('connection', (socket) => {
      socket.on('message', (data) => texts.push(String(data)));
      socket.on('error', () => undefined);
      socket.send('welcome');
    });
    const { socket, client } = forward({ ...location, url: `http://127.0.0.1:${port}` });
    socket.send('join');
    await expect.poll(() => client.onClose.mock.calls, SOON).toEqual([[1012]]);
    expect(client.onMessage).not.toHaveBeenCalled();
    expect(texts).toEqual([]);
  });

  it('closes with 1012 when nobody is there, it is another run, or the host takes none yet', async () => {
    const { forward, location, arrival } = await arrangement();
    const nobody = forward({ ...location, url: 'http://127.0.0.1:1' });
    const another = forward({ ...location, run: 'another' });
    const notYet = forward({ run: arrival.run, url: arrival.url, epoch: 1 });
    for (const { client } of [nobody, another, notYet]) {
      await expect.poll(() => client.onClose.mock.calls, SOON).toEqual([[1012]]);
    }
  });
});
