import { type Segment, segmentsOf } from './packets.ts';

/** What went one way over one TCP connection, put together in order. */
interface Stream {
  /** The sequence number of its first byte. */
  first: number;
  parts: { at: number; payload: Buffer }[];
}

/** What both ends of the connections read. */
export interface Conversations {
  /** Each direction of each connection as it was sent; of WebSockets also what the masks of the browser's frames hid. */
  texts: Buffer[];
  /** Bytes that the capture lacks. */
  missing: number;
}

/** Puts the TCP connections to and from these ports together. Packets that came twice or in another order do no harm. */
export async function conversationsOf(file: string, ports: ReadonlySet<number>): Promise<Conversations> {
  const conversations: Conversations = { texts: [], missing: 0 };
  for (const stream of await streamsOf(file, ports)) {
    const { text, missing } = assembled(stream);
    conversations.missing += missing;
    conversations.texts.push(text);
    const unmasked = unmaskedFrames(text);
    if (unmasked !== null) conversations.texts.push(unmasked);
  }
  return conversations;
}

async function streamsOf(file: string, ports: ReadonlySet<number>): Promise<Stream[]> {
  const streams: Stream[] = [];
  const current = new Map<string, Stream>();
  for await (const segment of segmentsOf(file)) {
    if (!ports.has(segment.fromPort) && !ports.has(segment.toPort)) continue;
    const ends = `${segment.from} ${segment.to}`;
    const first = (segment.sequence + 1) >>> 0;
    // The same ends can begin anew; the same beginning can come twice.
    if (segment.begins && current.get(ends)?.first !== first) {
      const begun = { first, parts: [] };
      streams.push(begun);
      current.set(ends, begun);
    }
    const stream = current.get(ends);
    if (stream !== undefined) add(stream, segment);
  }
  return streams;
}

function add({ first, parts }: Stream, { sequence, payload }: Segment): void {
  const at = (sequence - first) >>> 0;
  // A keep-alive repeats the byte before the first.
  if (payload.length > 0 && at < 0x80000000) parts.push({ at, payload });
}

function assembled({ parts }: Stream): { text: Buffer; missing: number } {
  const ordered = parts.sort((a, b) => a.at - b.at);
  const pieces: Buffer[] = [];
  let end = 0;
  let missing = 0;
  for (const { at, payload } of ordered) {
    if (at > end) missing += at - end;
    if (at + payload.length <= end) continue;
    pieces.push(payload.subarray(Math.max(0, end - at)));
    end = at + payload.length;
  }
  return { text: Buffer.concat(pieces), missing };
}

/** What a browser says over a WebSocket, without the masks (RFC 6455, section 5.3); null when it is no WebSocket. */
function unmaskedFrames(text: Buffer): Buffer | null {
  const head = text.indexOf('\r\n\r\n');
  const asks = text.toString('latin1', 0, Math.max(0, head + 2));
  if (!/^GET [^\r]*\r\n(?:[^\r]+\r\n)*upgrade: websocket\r\n/i.test(asks)) return null;
  const payloads: Buffer[] = [];
  for (let at = head + 4; at + 6 <= text.length; ) {
    const { begin, length } = frameAt(text, at);
    const mask = text.subarray(begin - 4, begin);
    const masked = text.subarray(begin, begin + length);
    payloads.push(Buffer.from(masked.map((byte, index) => byte ^ (mask[index % 4] ?? 0))));
    at = begin + length;
  }
  return Buffer.concat(payloads);
}

/** Where a frame's payload begins, behind its mask, and how long it is. */
function frameAt(text: Buffer, at: number): { begin: number; length: number } {
  const short = (text[at + 1] ?? 0) & 0x7f;
  if (short === 127 && at + 10 <= text.length) return { begin: at + 14, length: Number(text.readBigUInt64BE(at + 2)) };
  if (short === 126) return { begin: at + 8, length: text.readUInt16BE(at + 2) };
  return { begin: at + 6, length: short };
}
