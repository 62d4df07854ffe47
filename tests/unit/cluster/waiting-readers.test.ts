import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { createFailureLog } from '../../../src/limits/failure-log.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/constants.ts';
import { Refused } from '../../../src/protocol/errors.ts';
import { ConnectedRooms } from '../../../src/signalling/connected-rooms.ts';
import { Peer, type Wire } from '../../../src/signalling/peer.ts';
import { readerHandlers } from '../../../src/signalling/reader-handlers.ts';
import { FakeSfu } from '../../support/signalling/fake-sfu.ts';
import { POLICY, pass, refusalOf } from '../rooms/setup.ts';
import { arrived, threeNodes } from './setup.ts';

const JOIN_KEY = 'k'.repeat(43);
const JOIN_HASH = createHash('sha256').update(Buffer.from(JOIN_KEY, 'base64url')).digest('base64url');

/** A room at the first node, and a patient who came to the second, which found it nowhere. */
async function missed() {
  const { clock, first, second } = await threeNodes();
  const { roomId } = await first.practised.composed();
  await first.rooms.open(roomId, JOIN_HASH, POLICY);
  const log = pino({ level: 'silent' });
  const connected = new ConnectedRooms({
    rooms: second.rooms,
    cluster: second.cluster,
    workers: new FakeSfu(),
    failures: createFailureLog(log, clock, {}),
    files: { fileBytes: 0, totalBytes: 0 },
    draftAgain: () => Promise.reject(new Refused('unavailable')),
    clock,
    log,
  });
  const sent: unknown[] = [];
  const wire: Wire = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (text: unknown) => void sent.push(JSON.parse(String(text))),
    close: () => undefined,
    terminate: () => undefined,
  };
  const peer = new Peer(wire, '198.51.100.7');
  const join = () =>
    refusalOf(() => readerHandlers(connected).join(peer, { version: PROTOCOL_VERSION, roomId, joinKey: JOIN_KEY }));
  return { clock, first, second, roomId, sent, join };
}

it('hears of a room that another node took before anybody waited for it', async () => {
  const { sent, join } = await missed();
  expect(await join()).toBe('not-open');
  expect(sent).toEqual([]);
  await arrived();
  expect(sent).toEqual([{ t: 'resumed' }]);
});

it('hears of it as soon as somebody can be asked who has it, and once', async () => {
  const { clock, second, sent, join } = await missed();
  const locate = vi.spyOn(second.cluster, 'locate').mockRejectedValue(new Refused('unavailable'));
  expect([await join(), await join()]).toEqual(['not-open', 'not-open']);
  for (let second = 0; second < 5; second++) {
    await arrived();
    await pass(clock, 1_000);
  }
  expect(sent).toEqual([]);
  expect(locate.mock.calls.length).toBeLessThan(8);
  locate.mockRestore();
  await pass(clock, 1_000);
  await arrived();
  expect(sent).toEqual([{ t: 'resumed' }]);
});

it('is not sent to a host that does not answer', async () => {
  const { clock, first, sent, join } = await missed();
  first.cluster.frozen = true;
  expect(await join()).toBe('not-open');
  for (let second = 0; second < 3; second++) {
    await arrived();
    await pass(clock, 1_000);
  }
  expect(sent).toEqual([]);
  first.cluster.frozen = false;
  await pass(clock, 1_000);
  await arrived();
  expect(sent).toEqual([{ t: 'resumed' }]);
});

it('hears how a room ended before anybody waited for it', async () => {
  const { first, second, roomId, sent, join } = await missed();
  // What was found out at this node a moment before the end.
  const joinHash = await second.rooms.recoverableJoinHash(roomId);
  await first.rooms.end(roomId, 'revoked');
  await arrived();
  vi.spyOn(second.rooms, 'findTombstone').mockResolvedValueOnce(undefined);
  vi.spyOn(second.rooms, 'recoverableJoinHash').mockResolvedValueOnce(joinHash);
  expect(await join()).toBe('not-open');
  await arrived();
  expect(sent).toMatchObject([{ t: 'ended', reason: 'revoked' }]);
});
