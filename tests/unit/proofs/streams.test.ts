import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { conversationsOf } from '../../proofs/canary/streams.ts';

const BROWSER = 40_000;
const SERVER = 3_000;
const SYN = 2;
const BEGINNING = 0xffff_fff0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'glir-streams-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Sent {
  from?: number;
  to?: number;
  /** Bytes of the stream before it; sequence numbers begin again at 0 on the way. */
  at?: number;
  flags?: number;
  text?: string | Buffer;
}

/** A packet of a capture of all interfaces, as tcpdump writes it. */
function packet({ from = BROWSER, to = SERVER, at = 0, flags = 0x10, text = '' }: Sent): Buffer {
  const payload = Buffer.from(text);
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from, 0);
  tcp.writeUInt16BE(to, 2);
  tcp.writeUInt32BE((BEGINNING + (flags === SYN ? 0 : 1) + at) % 2 ** 32, 4);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(40 + payload.length, 2);
  ip[9] = 6;
  ip.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
  const cooked = Buffer.alloc(20);
  cooked.writeUInt16BE(0x0800, 0);
  const whole = Buffer.concat([cooked, ip, tcp, payload]);
  const record = Buffer.alloc(16);
  record.writeUInt32LE(whole.length, 8);
  record.writeUInt32LE(whole.length, 12);
  return Buffer.concat([record, whole]);
}

async function conversations(...sent: Sent[]) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt32LE(276, 20);
  const file = path.join(folder, 'packets.pcap');
  // The last packet is only half there.
  const half = packet({ text: 'not yet' }).subarray(0, 30);
  await writeFile(file, Buffer.concat([header, ...sent.map(packet), half]));
  const { texts, missing } = await conversationsOf(file, new Set([SERVER]));
  return { texts: texts.map(String), missing };
}

it('a text is put together from packets that came late, twice, overlapping and on both sides of sequence number 0', async () => {
  const sent = [
    { flags: SYN },
    { at: 20, text: 'night' },
    { at: 0, text: 'half a tab' },
    { at: 8, text: 'ablet at the' },
    { at: 0, text: 'half a tab' },
    { from: 5_000, to: 6_000, flags: SYN },
    { from: 5_000, to: 6_000, text: 'somebody else' },
  ];
  expect(await conversations(...sent)).toEqual({ texts: ['half a tablet at thenight'], missing: 0 });
});

it('what the capture lacks is told', async () => {
  expect(await conversations({ flags: SYN }, { at: 10, text: 'x' })).toMatchObject({ missing: 10 });
});

it.each([5, 200, 70_000])('what a browser masked in a frame of %i bytes can be read', async (length) => {
  const request = 'GET /signal HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n';
  const text = 'PIN 1'.padEnd(length, '.');
  const mask = Buffer.from([1, 2, 3, 4]);
  const extended = length > 65_535 ? Buffer.alloc(8) : Buffer.alloc(length > 125 ? 2 : 0);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  if (extended.length === 2) extended.writeUInt16BE(length);
  const short = extended.length === 8 ? 127 : extended.length === 2 ? 126 : length;
  const masked = Buffer.from(Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | short]), extended, mask, masked]);
  const parts = [
    frame.subarray(0, 9),
    frame.subarray(9, 30_000),
    frame.subarray(30_000, 60_000),
    frame.subarray(60_000),
  ];
  const sent = parts.map((part, index) => ({
    at: request.length + parts.slice(0, index).reduce((sum, before) => sum + before.length, 0),
    text: part,
  }));
  const { texts } = await conversations({ flags: SYN }, { text: request }, ...sent);
  expect(texts).toHaveLength(2);
  expect(texts[0]).not.toContain('PIN 1');
  expect(texts[1]).toBe(text);
});
