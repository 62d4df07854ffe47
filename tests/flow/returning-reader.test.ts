import { beforeEach, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import type { Glir } from '../support/server/glir.ts';
import { request } from '../support/signalling/channels.ts';
import { type RawClient, rawClient } from '../support/signalling/client.ts';
import { anyKnock, type TalkingRoom, talkingRoom } from '../support/signalling/raw.ts';
import { useSharedServer } from '../support/signalling/shared-server.ts';

const PLACES = 3;

let glir: Glir;
useSharedServer((started) => {
  glir = started;
});

describe('a patient who comes back on another network, before the server knows that the first one is dead', () => {
  let room: TalkingRoom;
  let first: { client: RawClient; readerId: string };

  beforeEach(async () => {
    room = await talkingRoom(glir.url, { prekeys: PLACES + 1 });
    first = await room.visitor();
    await first.client.ask(anyKnock);
    for (let place = 1; place < PLACES; place++) await (await room.visitor()).client.ask(anyKnock);
    expect(glir.app.rooms.find(room.roomId)?.reading).toBe(PLACES);
  });

  /** Joins the full room as a new socket of a page that was `before`, and taps. */
  async function comesBack(before: string) {
    const client = await rawClient(glir.url);
    const { roomId, joinKey } = room;
    await request(client, 'join', { version: PROTOCOL_VERSION, roomId, joinKey, before });
    return client.ask(anyKnock);
  }

  it('gets the place that its own dead connection held, and the doctor hears that the connection ended', async () => {
    expect(await comesBack(first.readerId)).toMatchObject({ t: 'reply' });
    expect(room.doctor.received).toContainEqual(
      expect.objectContaining({ t: 'reader-left', readerId: first.readerId }),
    );
    expect(glir.app.rooms.find(room.roomId)?.reading).toBe(PLACES);
  });

  it('nobody takes the place of another reader whose connection they cannot name', async () => {
    expect(await comesBack('r'.repeat(22))).toMatchObject({ t: 'refused', code: 'room-full' });
    expect(room.doctor.received.some(({ t }) => t === 'reader-left')).toBe(false);
  });
});
