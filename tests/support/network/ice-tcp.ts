import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';

const COOKIE = 0x2112a442;
const FINGERPRINT_XOR = 0x5354554e;
const BINDING = 0x0001;
const SUCCESS = 0x0101;
const ATTRIBUTE = { username: 0x0006, integrity: 0x0008, priority: 0x0024, fingerprint: 0x8028, controlling: 0x802a };

/** A TCP connection to a server's data channels, and whether the server still has it open. */
export interface TcpTab {
  socket: Socket;
  readonly isOpen: boolean;
  /** Milliseconds that it was open, once it is closed. */
  closed: Promise<number>;
}

/** Connects from an address of this machine; the connection says nothing. Rejects when it cannot be made. */
export async function tcpTab(port: number, from = '127.0.0.1'): Promise<TcpTab> {
  const began = performance.now();
  const socket = connect({ host: '127.0.0.1', port, localAddress: from, allowHalfOpen: false });
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now() - began)));
  await Promise.race([once(socket, 'connect'), closed]);
  socket.resume();
  return {
    socket,
    closed,
    get isOpen() {
      return !socket.destroyed && !socket.readableEnded;
    },
  };
}

/** The beginning of a frame (RFC 4571) whose end never comes. */
export const HALF_A_FRAME = Buffer.concat([Buffer.from([0x10, 0x00]), randomBytes(100)]);

/** A STUN binding request (RFC 8489, RFC 8445) of a browser that knows the server's credentials, in a frame. */
export function bindingRequest({ usernameFragment, password }: { usernameFragment: string; password: string }): Buffer {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(1_853_817_087);
  const body = Buffer.concat([
    attribute(ATTRIBUTE.username, Buffer.from(`${usernameFragment}:tests`)),
    attribute(ATTRIBUTE.controlling, randomBytes(8)),
    attribute(ATTRIBUTE.priority, priority),
  ]);
  const id = randomBytes(12);
  const head = (length: number): Buffer => {
    const header = Buffer.alloc(8);
    header.writeUInt16BE(BINDING);
    header.writeUInt16BE(length, 2);
    header.writeUInt32BE(COOKIE, 4);
    return Buffer.concat([header, id]);
  };
  const mac = createHmac('sha1', password)
    .update(Buffer.concat([head(body.length + 24), body]))
    .digest();
  const signed = Buffer.concat([body, attribute(ATTRIBUTE.integrity, mac)]);
  const print = Buffer.alloc(4);
  print.writeUInt32BE((crc32(Buffer.concat([head(signed.length + 8), signed])) ^ FINGERPRINT_XOR) >>> 0);
  const whole = Buffer.concat([head(signed.length + 8), signed, attribute(ATTRIBUTE.fingerprint, print)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(whole.length);
  return Buffer.concat([length, whole]);
}

/** Whether a framed answer is a binding's success. */
export function isSuccess(frame: Buffer): boolean {
  return frame.length > 4 && frame.readUInt16BE(2) === SUCCESS;
}

function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
