import { createReadStream } from 'node:fs';

/** A TCP segment out of a capture. */
export interface Segment {
  /** Both ends as `address:port`. */
  from: string;
  to: string;
  fromPort: number;
  toPort: number;
  sequence: number;
  begins: boolean;
  payload: Buffer;
}

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
const SYN = 0x02;

/** How long the header of a packet of "all interfaces" is, and where in it the protocol stands, by link type. */
const COOKED: Readonly<Record<number, { bytes: number; protocolAt: number }>> = {
  113: { bytes: 16, protocolAt: 14 },
  276: { bytes: 20, protocolAt: 0 },
};

/**
 * Reads the TCP segments of a capture of all interfaces (pcap format, little end first). The last packet may still be on its
 * way into the file. Throws an Error for another format.
 */
export async function* segmentsOf(file: string): AsyncGenerator<Segment> {
  let rest = Buffer.alloc(0);
  let link: { bytes: number; protocolAt: number } | null = null;
  for await (const piece of createReadStream(file, { highWaterMark: 4 * 1024 * 1024 })) {
    rest = Buffer.concat([rest, piece]);
    let at = 0;
    if (link === null) {
      if (rest.length < FILE_HEADER_BYTES) continue;
      link = linkOf(rest);
      at = FILE_HEADER_BYTES;
    }
    while (rest.length - at >= RECORD_HEADER_BYTES) {
      const bytes = rest.readUInt32LE(at + 8);
      const begin = at + RECORD_HEADER_BYTES;
      if (rest.length - begin < bytes) break;
      const segment = readPacket(rest.subarray(begin, begin + bytes), link);
      if (segment !== null) yield segment;
      at = begin + bytes;
    }
    rest = rest.subarray(at);
  }
}

function linkOf(header: Buffer): { bytes: number; protocolAt: number } {
  const isKnown = [0xa1b2c3d4, 0xa1b23c4d].includes(header.readUInt32LE(0));
  const link = COOKED[header.readUInt32LE(20)];
  if (!isKnown || link === undefined) throw new Error('This is no capture of all interfaces.');
  return link;
}

function readPacket(packet: Buffer, link: { bytes: number; protocolAt: number }): Segment | null {
  if (packet.length < link.bytes + 20) return null;
  const protocol = packet.readUInt16BE(link.protocolAt);
  const ip = packet.subarray(link.bytes);
  if (protocol === IPV4 && ip[9] === TCP) {
    const header = ((ip[0] ?? 0) & 0x0f) * 4;
    const ends = [12, 16].map((at) => [...ip.subarray(at, at + 4)].join('.'));
    return readSegment(ip.subarray(header, ip.readUInt16BE(2)), ends);
  }
  if (protocol === IPV6 && ip.length >= 40 && ip[6] === TCP) {
    const ends = [8, 24].map((at) => ip.subarray(at, at + 16).toString('hex'));
    return readSegment(ip.subarray(40, 40 + ip.readUInt16BE(4)), ends);
  }
  return null;
}

function readSegment(tcp: Buffer, [source = '', target = '']: string[]): Segment | null {
  if (tcp.length < 20) return null;
  const [fromPort, toPort] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
  return {
    from: `${source}:${fromPort}`,
    to: `${target}:${toPort}`,
    fromPort,
    toPort,
    sequence: tcp.readUInt32BE(4),
    begins: ((tcp[13] ?? 0) & SYN) !== 0,
    payload: Buffer.from(tcp.subarray(((tcp[12] ?? 0) >> 4) * 4)),
  };
}
