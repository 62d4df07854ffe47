import { expect, it, vi } from 'vitest';
import type { ForwardedClient } from '../../../src/cluster/cluster.ts';
import type { ClientMessage } from '../../../src/protocol/messages.ts';
import { createForwarding } from '../../../src/signalling/forwarding.ts';
import { Peer } from '../../../src/signalling/peer.ts';

const ROOM = 'R'.repeat(22);
const JOIN = { t: 'join', id: 7, version: 1, roomId: ROOM, joinKey: 'k'.repeat(43) } as const;

/** A reader's socket at a node that passes it on to a host; `hostSays` is that host's word. */
async function forwarded() {
  const sent: string[] = [];
  const wire = { readyState: 1, OPEN: 1, bufferedAmount: 0, send: (text: string) => void sent.push(text) };
  const peer = new Peer({ ...wire, close: vi.fn(), terminate: vi.fn() } as never, 'network');
  let client: ForwardedClient | null = null;
  const cluster = {
    locate: () => Promise.resolve({ run: 'host', url: 'http://127.0.0.1:1', epoch: 1 }),
    forward(_host: unknown, passedOn: ForwardedClient) {
      client = passedOn;
      return { send: () => undefined, close: () => undefined, bufferedAmount: 0 };
    },
  };
  const connectedRooms = { rooms: { find: () => undefined }, cluster, log: { info: vi.fn() }, addReceiver: vi.fn() };
  const forwarding = createForwarding(connectedRooms as never, {
    refusalCode: (code) => Promise.resolve(code),
    answerHere: (_peer: Peer, _message: ClientMessage) => Promise.resolve(),
  });
  expect(await forwarding.enter(peer, JOIN)).toBe(true);
  return { peer, sent, hostSays: (text: string) => client?.onMessage(text) };
}

it.each(['', '{', 'null', '[]', '"reply"', '{"t":"reply"}', '{"t":"reply","id":"7"}', '\u0000'])(
  'a host that answers a join with %j lets nobody in and ends no other node',
  async (text) => {
    const { peer, sent, hostSays } = await forwarded();
    hostSays(text);
    hostSays('{"t":"refused","id":7,"code":"wrong-key"}');
    await expect.poll(() => sent).toContain('{"t":"refused","id":7,"code":"wrong-key"}');
    expect(peer.role.name).toBe('unauthenticated');
  },
);
