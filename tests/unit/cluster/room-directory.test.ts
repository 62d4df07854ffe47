import { createServer } from 'node:http';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { press } from '../../../bots/commands/button-presses.ts';
import { homeView } from '../../../bots/commands/home-view.ts';
import { answerView } from '../../../bots/commands/note-views.ts';
import { parseCommand } from '../../../bots/commands/parse-command.ts';
import type { RoomStatus } from '../../../bots/commands/room-status.ts';
import { runCommand } from '../../../bots/commands/run-command.ts';
import type { Action } from '../../../bots/commands/view.ts';
import { localChatRouter } from '../../../bots/local/router.ts';
import { ANSWER_MS } from '../../../src/cluster/cluster.ts';
import type { RoomChange } from '../../../src/cluster/room-directory.ts';
import { type Doctor, roomTag } from '../../../src/rooms/room.ts';
import { CHAT, ENGLISH } from '../bots/setup.ts';
import { JOIN_HASH, ROSSI, refusalOf } from '../rooms/setup.ts';
import { arrived, type Node, threeNodes } from './setup.ts';

const addressSchema = z.object({ port: z.int() });
const READER = { readerId: 'r'.repeat(22), number: 1, shortCode: '123456' };
const WEBER: Doctor = { ...ROSSI, user: 'U2', displayName: 'Dr Jonas Weber' };

/** What a doctor reads who types a command at one node. */
async function typed(node: Node, text: string, doctor: Doctor = ROSSI): Promise<string> {
  const result = await runCommand(parseCommand(text), doctor, node.bot);
  if (result.kind === 'form' || result.kind === 'settings' || result.kind === 'admin') throw new Error('a form');
  return result.kind === 'opened' ? 'opened' : answerView(result, CHAT).summary;
}

function presses(node: Node, action: Action, value: string, doctor: Doctor = ROSSI) {
  return press({ action, value, doctor }, CHAT, node.bot);
}

/** Resolves when `work` has, which waits for as long as a node may take to answer. */
async function late<Result>(work: Promise<Result>, { clock }: Awaited<ReturnType<typeof threeNodes>>): Promise<Result> {
  const settled: string[] = [];
  work.then(
    () => settled.push('given'),
    () => settled.push('refused'),
  );
  await arrived();
  clock.advance(ANSWER_MS - 1);
  await arrived();
  expect(settled).toEqual([]);
  clock.advance(1);
  return await work;
}

describe('the console at one node', () => {
  it('sees the live notes of every node with who hosts them, of one tenant alone where it is asked for that', async () => {
    const { first, second, third } = await threeNodes();
    const elsewhere = { ...ROSSI, tenant: 'T2' };
    const ids = [
      (await first.rooms.draft(ROSSI)).room.id,
      (await second.rooms.draft(ROSSI)).room.id,
      (await third.rooms.draft(elsewhere)).room.id,
    ];
    const tenant = { platform: ROSSI.platform, tenant: ROSSI.tenant };
    const own = await third.bot.rooms.all(tenant);
    expect(own.rooms.map(({ id }) => id).sort()).toEqual(ids.slice(0, 2).sort());
    const all = await third.bot.rooms.all(null);
    expect(all.rooms.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect([own.missing, all.missing, (await first.bot.rooms.nodes()).nodes.length]).toEqual([0, 0, 3]);
  });

  it('is told that a node does not answer, and sees the others', async () => {
    const nodes = await threeNodes();
    const { first, second, third } = nodes;
    const { id } = (await second.rooms.draft(ROSSI)).room;
    await third.rooms.draft(ROSSI);
    third.cluster.frozen = true;
    const { rooms, missing } = await late(first.bot.rooms.all(null), nodes);
    expect([rooms.map((room) => room.id), missing]).toEqual([[id], 1]);
  });
});

describe('a command at one node', () => {
  it('lists the notes of every node, oldest first', async () => {
    const { first, second, third, clock } = await threeNodes();
    const ids: string[] = [];
    for (const node of [second, first, third, second]) {
      ids.push((await node.rooms.draft(ROSSI)).room.id);
      clock.advance(1_000);
    }
    await third.rooms.draft(WEBER);
    for (const node of [first, second, third]) {
      const result = await runCommand(parseCommand('list'), ROSSI, node.bot);
      expect(result).toMatchObject({ kind: 'list', rooms: ids.map((id) => ({ id: roomTag(id), state: 'draft' })) });
    }
  });

  it('lists a note once that is just moving from one node to another', async () => {
    const { first, second, third } = await threeNodes();
    const { roomId } = await second.practised.open();
    third.rooms.of = second.rooms.of.bind(second.rooms);
    expect(await first.bot.rooms.of(ROSSI)).toMatchObject([{ id: roomId }]);
  });

  it('revokes a note that another node hosts', async () => {
    const { first, second, third } = await threeNodes();
    const { roomId } = await second.practised.open();
    const other = await second.practised.open();
    expect(await typed(first, `revoke ${roomTag(roomId)}`)).toBe('The note is gone, on every screen.');
    expect(second.rooms.of(ROSSI).map(({ id }) => id)).toEqual([other.roomId]);
    expect((await third.bot.rooms.findTombstone(roomId))?.reason).toBe('revoked');
    expect(await typed(third, `revoke ${roomTag(roomId)}`)).toContain('There is no such open note.');
  });

  it('revokes all the doctor’s notes on every node, and nobody else’s', async () => {
    const { first, second, third } = await threeNodes();
    for (const node of [first, second, third, third]) await node.rooms.draft(ROSSI);
    await second.rooms.draft(WEBER);
    expect(await typed(first, 'revoke all')).toBe('4 notes are gone, on every screen.');
    for (const node of [first, second, third]) expect(node.rooms.of(ROSSI)).toEqual([]);
    expect(second.rooms.of(WEBER)).toHaveLength(1);
  });

  it('ends every note of a tenant that removed GLIR, and of no other', async () => {
    const { first, second, third } = await threeNodes();
    for (const node of [first, second, third]) for (const doctor of [ROSSI, WEBER]) await node.rooms.draft(doctor);
    await third.rooms.draft({ ...ROSSI, tenant: 'T2' });
    expect(await second.bot.rooms.endTenant(ROSSI, 'stopped')).toBe(6);
    expect(await first.bot.rooms.of(ROSSI)).toEqual([]);
    expect(await first.bot.rooms.of({ ...ROSSI, tenant: 'T2' })).toHaveLength(1);
  });
});

describe('a button that is pressed at one node', () => {
  it('revokes a note that another node hosts, and says how many had read it', async () => {
    const { first, second } = await threeNodes();
    const { roomId } = await second.practised.open();
    second.rooms.setReaders(roomId, { waiting: [], readBy: 3 });
    const pressed = await presses(first, 'glir-revoke', roomTag(roomId));
    expect(pressed).toMatchObject({ kind: 'done', view: { summary: 'You revoked it' }, ended: true });
    expect(JSON.stringify(pressed)).toContain('Read by 3');
    expect(second.rooms.find(roomId)).toBeUndefined();
  });

  it.each([
    ['glir-admit', 'admit'],
    ['glir-refuse', 'refuse'],
  ] as const)('%s reaches the composer at the node that hosts the note, once', async (action, decision) => {
    const { first, second, third } = await threeNodes();
    const { roomId } = await second.practised.open();
    second.rooms.setReaders(roomId, { waiting: [READER], readBy: 0 });
    const value = `${roomTag(roomId)} ${READER.readerId}`;
    expect(await presses(first, action, value)).toMatchObject({ kind: 'done', ended: false });
    const decided = { kind: 'decision-requested', readerId: READER.readerId, decision };
    expect(second.practised.events.filter(({ kind }) => kind === 'decision-requested')).toMatchObject([decided]);
    expect([...first.practised.events, ...third.practised.events]).toEqual([]);
    second.rooms.setReaders(roomId, { waiting: [], readBy: 0 });
    expect(await presses(first, action, value)).toMatchObject({
      kind: 'refused',
      view: { summary: 'That person is no longer waiting.' },
    });
  });

  it('does nothing for a colleague', async () => {
    const { first, second } = await threeNodes();
    const { roomId } = await second.practised.open();
    expect(await presses(first, 'glir-revoke', roomTag(roomId), WEBER)).toMatchObject({ kind: 'refused', room: null });
    expect(second.rooms.find(roomId)?.state).toBe('open');
  });
});

describe('a chat message at one node', () => {
  async function following() {
    const nodes = await threeNodes();
    const { roomId } = await nodes.second.practised.open();
    await arrived();
    const shown: RoomStatus[] = [];
    nodes.first.bot.board.follow(roomId, (status) => {
      shown.push(status);
      return Promise.resolve();
    });
    await arrived();
    /** Lets the board's pace of one call a second pass. */
    const later = async () => {
      await arrived();
      nodes.clock.advance(1_000);
      await arrived();
    };
    return { ...nodes, roomId, shown, later };
  }

  it('follows a note that another node hosts to its end', async () => {
    const { second, third, roomId, shown, later } = await following();
    expect(shown).toMatchObject([{ roomTag: roomTag(roomId), state: 'open', reading: 0, over: null }]);
    await later();
    second.rooms.setReaders(roomId, { waiting: [READER], readBy: 1 });
    await later();
    second.rooms.composerLost(roomId);
    await later();
    second.rooms.composerBack(roomId);
    await later();
    second.rooms.setReading(roomId, 2);
    await later();
    await presses(third, 'glir-revoke', roomTag(roomId));
    await later();
    expect(shown.map(({ state }) => state)).toEqual(['open', 'open', 'interrupted', 'open', 'open', 'ended']);
    expect(shown[1]?.waiting).toEqual([READER]);
    expect(shown[4]?.reading).toBe(2);
    expect(shown.at(-1)).toMatchObject({ readBy: 1, over: { reason: 'revoked' } });
  });

  it('goes on with a note whose node stops, until another node has it', async () => {
    const { second, roomId, shown, later } = await following();
    second.rooms.setReaders(roomId, { waiting: [READER], readBy: 0 });
    await later();
    second.rooms.suspend();
    await later();
    expect(shown.at(-1)).toMatchObject({ state: 'interrupted', waiting: [], over: null });
    expect(shown.at(-1)?.restarting).toBeUndefined();
    await second.rooms.endAll('lost');
    await later();
    expect(shown.at(-1)).toMatchObject({ over: { reason: 'lost' } });
  });

  it('of a note whose node does not answer shows it as soon as that node says anything', async () => {
    const nodes = await threeNodes();
    const { first, second, clock } = nodes;
    const { roomId } = await second.practised.open();
    await arrived();
    second.cluster.frozen = true;
    const shown: RoomStatus[] = [];
    first.bot.board.follow(roomId, (status) => Promise.resolve(void shown.push(status)));
    await arrived();
    clock.advance(ANSWER_MS);
    await arrived();
    expect(first.logged().at(-1)).toMatchObject({ event: 'status-unknown', code: 'node-unreachable' });
    second.cluster.frozen = false;
    second.rooms.setReading(roomId, 1);
    await arrived();
    expect(shown).toMatchObject([{ state: 'open', reading: 1 }]);
  });

  it('hears of each change once, wherever it happens', async () => {
    const { first, second } = await threeNodes();
    const heard: RoomChange[] = [];
    const stop = first.bot.rooms.onEvent((change) => heard.push(change));
    const elsewhere = await second.practised.open();
    const here = await first.practised.open();
    await first.rooms.end(here.roomId, 'left');
    await second.rooms.end(elsewhere.roomId, 'left');
    await arrived();
    const of = (roomId: string) => heard.filter(({ room }) => room.id === roomId).map(({ kind }) => kind);
    expect(of(elsewhere.roomId)).toEqual(['drafted', 'opened', 'ended']);
    expect(of(here.roomId)).toEqual(['drafted', 'opened', 'ended']);
    stop();
    await second.practised.open();
    await first.practised.open();
    await arrived();
    expect(heard).toHaveLength(6);
  });
});

describe('a node that does not answer', () => {
  async function frozen() {
    const nodes = await threeNodes();
    const { roomId } = await nodes.second.practised.open();
    await nodes.third.rooms.draft(ROSSI);
    await nodes.first.rooms.draft(ROSSI);
    nodes.second.cluster.frozen = true;
    return { ...nodes, roomId };
  }

  it.each([
    ['list', "One of GLIR's servers does not answer, so your open notes cannot all be shown. Try again in a moment."],
    ['revoke all', "One of GLIR's servers does not answer, so a note may still be open. Try again in a moment."],
    ['revoke abcdefgh', "One of GLIR's servers does not answer, so a note may still be open. Try again in a moment."],
  ])('is said so to who types "%s", after 1.5 s', async (text, sentence) => {
    const nodes = await frozen();
    expect(await late(typed(nodes.first, text), nodes)).toBe(sentence);
  });

  it('keeps "revoke all" from none of the other nodes', async () => {
    const nodes = await frozen();
    await late(typed(nodes.first, 'revoke all'), nodes);
    expect([nodes.first, nodes.third].map(({ rooms }) => rooms.of(ROSSI))).toEqual([[], []]);
  });

  it.each(['glir-revoke', 'glir-refresh', 'glir-admit', 'glir-revoke-listed'] as const)(
    'is said so to who presses %s, and the log says so without the note',
    async (action) => {
      const nodes = await frozen();
      const { first, roomId } = nodes;
      const pressed = presses(first, action, `${roomTag(roomId)} ${READER.readerId}`);
      expect(await late(pressed, nodes)).toMatchObject({
        kind: 'node-unreachable',
        view: { summary: "That note's server does not answer. Try again in a moment." },
      });
      expect(first.logged().at(-1)).toMatchObject({ event: 'press-not-answered', action });
      expect(JSON.stringify(first.logged())).not.toContain(roomTag(roomId));
    },
  );

  it('that hosts a note is refused as such, by its code', async () => {
    const nodes = await frozen();
    const { rooms } = nodes.first.bot;
    const { roomId } = nodes;
    for (const ask of [
      () => rooms.find(roomId),
      () => rooms.end(roomId, 'revoked'),
      () => rooms.requestDecision(roomId, READER.readerId, 'admit'),
      () => rooms.of(ROSSI),
      () => rooms.endTenant(ROSSI, 'stopped'),
    ]) {
      expect(await late(refusalOf(ask), nodes)).toBe('node-unreachable');
    }
  });

  it('keeps nobody from the notes of the other nodes', async () => {
    const { first, third } = await frozen();
    const [room] = third.rooms.of(ROSSI);
    expect(await first.bot.rooms.find(room?.id ?? '')).toMatchObject({ state: 'draft' });
    expect(await first.bot.rooms.end(room?.id ?? '', 'revoked')).toBe(true);
  });

  it('is said so in the local chat', async () => {
    const nodes = await frozen();
    const server = createServer(express().use(localChatRouter(nodes.first.bot, () => true)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = addressSchema.parse(server.address());
    const asked = fetch(`http://127.0.0.1:${port}/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: '/glir revoke all' }),
    });
    const isAsked = () => nodes.network.crossed.some((text) => text.includes('"end-doctor"'));
    await expect.poll(isAsked, { timeout: 5_000 }).toBe(true);
    await arrived();
    nodes.clock.advance(ANSWER_MS);
    expect(await (await asked).json()).toEqual({
      messages: [{ kind: 'error', next: expect.stringContaining('so a note may still be open.') }],
    });
    server.close();
  });

  it('is said so in a list of open notes that has the past ones as well', () => {
    const view = homeView({ live: null, past: [], personal: { name: null, language: null }, settings: null }, ENGLISH);
    expect(JSON.stringify(view)).toContain(
      "One of GLIR's servers does not answer, so your open notes cannot all be shown.",
    );
    expect(JSON.stringify(view)).not.toContain('You have no open notes.');
  });
});

describe('what crosses between nodes', () => {
  it('has no name, no link and nothing that opens a note', async () => {
    const { first, second, network } = await threeNodes();
    const { room, ticket } = await second.rooms.draft(ROSSI, {}, {}, '+39 055 123');
    const { ownerToken } = await second.rooms.redeem(ticket, () => false);
    await second.rooms.open(room.id, JOIN_HASH, room.policy);
    second.rooms.setReaders(room.id, { waiting: [READER], readBy: 0 });
    await typed(first, 'list');
    await presses(first, 'glir-refresh', roomTag(room.id));
    await presses(first, 'glir-admit', `${roomTag(room.id)} ${READER.readerId}`);
    await typed(first, 'revoke all');
    await first.bot.rooms.endTenant(ROSSI, 'stopped');
    await arrived();
    const crossed = network.crossed.join('\n');
    expect(crossed).toContain(room.id);
    for (const hidden of [ROSSI.displayName, JOIN_HASH, ticket, ownerToken, '+39', 'compose#']) {
      expect(crossed).not.toContain(hidden);
    }
  });

  it('is small: a status with ten readers who wait fits into one notification of a database', async () => {
    const { second, network } = await threeNodes();
    const { roomId } = await second.practised.open();
    const waiting = Array.from({ length: 10 }, (_, index) => ({ ...READER, number: index + 1 }));
    second.rooms.setReaders(roomId, { waiting, readBy: 0 });
    await arrived();
    for (const text of network.crossed) expect(Buffer.byteLength(text)).toBeLessThan(7_900);
  });
});

describe('the limit of open notes', () => {
  const FEW = { notes: { user: 100, tenant: 100 }, rooms: { user: 3, tenant: 4 } };

  it('counts the notes of every node', async () => {
    const { first, second, third } = await threeNodes({ atMost: FEW });
    expect([await typed(first, '15m'), await typed(second, '15m'), await typed(third, '15m')]).toEqual(
      Array.from({ length: 3 }, () => 'opened'),
    );
    expect(await typed(first, '15m')).toMatch(/^You have 3 open notes/);
    expect(await typed(second, '15m', WEBER)).toBe('opened');
    expect(await typed(third, '15m', { ...ROSSI, user: 'U3' })).toMatch(/^Your organisation has 4 open notes/);
    await typed(third, 'revoke all');
    expect(await typed(second, '15m')).toBe('opened');
  });

  it('is kept by notes that are begun at the same time on one node', async () => {
    const { first, second } = await threeNodes({ atMost: FEW });
    await second.rooms.draft(ROSSI);
    const results = await Promise.all(Array.from({ length: 6 }, () => typed(first, '15m')));
    expect(results.filter((result) => result === 'opened')).toHaveLength(2);
    expect(first.rooms.of(ROSSI)).toHaveLength(2);
  });

  it('is not used up by a note that could not be begun', async () => {
    const { first } = await threeNodes({ atMost: FEW });
    first.practised.disk.broken = true;
    for (let tried = 0; tried < 5; tried++) expect(await typed(first, '15m')).toContain('cannot begin a note');
    expect(first.bot.rooms.countHere(ROSSI)).toEqual({ user: 0, tenant: 0 });
  });

  it('keeps nobody from writing because another node does not answer', async () => {
    const nodes = await threeNodes({ atMost: FEW });
    await nodes.second.rooms.draft(ROSSI);
    nodes.third.cluster.frozen = true;
    expect(await typed(nodes.first, '15m')).toBe('opened');
    expect(await typed(nodes.first, '15m')).toBe('opened');
    expect(await typed(nodes.first, '15m')).toMatch(/^You have 3 open notes/);
  });
});
