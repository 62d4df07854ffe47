import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** What a TURN server answered: 0 for success, its error code otherwise. */
export type TurnCode = number;

/** A TURN client (RFC 8656) that asks what a hostile browser would: as little of the protocol as that takes. */
export interface TurnClient {
  /** Asks for an address of the server's own. */
  allocate(family?: 4 | 6): Promise<TurnCode>;
  /** Asks to exchange packets with a peer. */
  permit(peer: string): Promise<TurnCode>;
  /** The same, in the other way. */
  bind(peer: string): Promise<TurnCode>;
  /** Has the server send a packet to a peer, without asking first. */
  send(peer: string, port: number, text: string): void;
  close(): void;
}

const COOKIE = 0x2112a442;
const METHOD = { allocate: 0x003, createPermission: 0x008, channelBind: 0x009, send: 0x016 } as const;
const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  channel: 0x000c,
  peer: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  family: 0x0017,
  transport: 0x0019,
} as const;
const PEER_PORT = 40_000;
const RETRY_MS = 500;

/** Speaks to a TURN server on 127.0.0.1 with these credentials. */
export async function turnClient(port: number, username: string, credential: string): Promise<TurnClient> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let realm: Buffer = Buffer.alloc(0);
  let nonce: Buffer = Buffer.alloc(0);
  let channel = 0x4000;

  function signed(method: number, attributes: Attributes): Buffer {
    if (realm.length === 0) return message(method, attributes);
    const all: Attributes = (id) => [
      ...attributes(id),
      attribute(ATTRIBUTE.username, Buffer.from(username)),
      attribute(ATTRIBUTE.realm, realm),
      attribute(ATTRIBUTE.nonce, nonce),
    ];
    const key = createHash('md5').update(`${username}:${realm.toString()}:${credential}`).digest();
    return message(method, all, key);
  }

  /** Asks once more when the server gives its realm and nonce. */
  async function ask(method: number, attributes: Attributes): Promise<TurnCode> {
    const first = await exchange(socket, port, signed(method, attributes));
    if (first.code !== 401 && first.code !== 438) return first.code;
    if (first.realm === undefined || first.nonce === undefined) return first.code;
    [realm, nonce] = [first.realm, first.nonce];
    return (await exchange(socket, port, signed(method, attributes))).code;
  }

  return {
    allocate: (family = 4) =>
      ask(METHOD.allocate, () => [
        attribute(ATTRIBUTE.transport, Buffer.from([17, 0, 0, 0])),
        ...(family === 4 ? [] : [attribute(ATTRIBUTE.family, Buffer.from([2, 0, 0, 0]))]),
      ]),
    permit: (peer) => ask(METHOD.createPermission, (id) => [peerAttribute(peer, PEER_PORT, id)]),
    bind(peer) {
      channel += 1;
      const number = attribute(ATTRIBUTE.channel, Buffer.from([channel >> 8, channel & 255, 0, 0]));
      return ask(METHOD.channelBind, (id) => [number, peerAttribute(peer, PEER_PORT, id)]);
    },
    send(peer, peerPort, text) {
      const data = attribute(ATTRIBUTE.data, Buffer.from(text));
      socket.send(
        message(METHOD.send, (id) => [peerAttribute(peer, peerPort, id), data]),
        port,
        '127.0.0.1',
      );
    },
    close: () => void socket.close(),
  };
}

interface Answer {
  code: TurnCode;
  realm?: Buffer;
  nonce?: Buffer;
}

/** Sends a request, again where it or its answer may be lost (RFC 8489, section 6.2.1). */
async function exchange(socket: Socket, port: number, request: Buffer): Promise<Answer> {
  const again = setInterval(() => socket.send(request, port, '127.0.0.1'), RETRY_MS);
  socket.send(request, port, '127.0.0.1');
  try {
    for (;;) {
      const [answer]: Buffer[] = await once(socket, 'message');
      if (answer?.subarray(8, 20).equals(request.subarray(8, 20)) === true) return read(answer);
    }
  } finally {
    clearInterval(again);
  }
}

function read(answer: Buffer): Answer {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= answer.length; ) {
    const length = answer.readUInt16BE(at + 2);
    found.set(answer.readUInt16BE(at), answer.subarray(at + 4, at + 4 + length));
    at += 4 + length + padding(length);
  }
  const error = found.get(ATTRIBUTE.error);
  const [realm, nonce] = [found.get(ATTRIBUTE.realm), found.get(ATTRIBUTE.nonce)];
  return {
    code: error === undefined ? 0 : error.readUInt8(2) * 100 + error.readUInt8(3),
    ...(realm === undefined ? {} : { realm }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** A message's attributes, for its transaction's id. */
type Attributes = (id: Buffer) => Buffer[];

/** A message (RFC 8489, section 5), with its integrity when there is a key (section 14.5). */
function message(method: number, attributes: Attributes, key?: Buffer): Buffer {
  const id = randomBytes(12);
  const body = Buffer.concat(attributes(id));
  const header = Buffer.alloc(20);
  header.writeUInt16BE(method);
  header.writeUInt32BE(COOKIE, 4);
  id.copy(header, 8);
  header.writeUInt16BE(body.length + (key === undefined ? 0 : 24), 2);
  const whole = Buffer.concat([header, body]);
  if (key === undefined) return whole;
  return Buffer.concat([whole, attribute(ATTRIBUTE.integrity, createHmac('sha1', key).update(whole).digest())]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(padding(value.length))]);
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}

/** XOR-PEER-ADDRESS (RFC 8489, section 14.2): for IPv6 the transaction's id is part of the mask. */
function peerAttribute(address: string, port: number, id: Buffer): Buffer {
  const bytes = isIPv6(address) ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(COOKIE);
  id.copy(mask, 4);
  const value = Buffer.alloc(4 + bytes.length);
  value.writeUInt8(isIPv6(address) ? 2 : 1, 1);
  value.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  for (const [index, byte] of bytes.entries()) value.writeUInt8(byte ^ (mask[index] ?? 0), 4 + index);
  return attribute(ATTRIBUTE.peer, value);
}

function ipv6Bytes(address: string): Buffer {
  // A URL writes an address out in groups, also one that ends like IPv4.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = short.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const tail = groups(right ?? '');
  const head = groups(left);
  const whole = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of whole.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}
