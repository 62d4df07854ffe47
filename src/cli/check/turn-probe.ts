/** A TURN client (RFC 8656) that asks for an address and gives it back: as little of the protocol as that takes. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const COOKIE = 0x2112a442;
const ALLOCATE = 0x003;
const REFRESH = 0x004;
const HEADER_BYTES = 20;
const ANSWER_MS = 5_000;
/** How long until a packet over UDP is sent again (RFC 8489, section 6.2.1). */
const AGAIN_MS = 500;
const UNAUTHORIZED = 401;
const STALE_NONCE = 438;
const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  lifetime: 0x000d,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
} as const;
const UDP = Buffer.from([17, 0, 0, 0]);

export interface TurnAddress {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
}

/** Where a `turn:` or `turns:` URL leads (RFC 7065). */
export function turnAddress(url: string): TurnAddress {
  const [, scheme = '', host = '', port, , udpOrTcp] =
    /^(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(\?transport=(udp|tcp))?$/.exec(url) ?? [];
  const isTls = scheme === 'turns';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (isTls ? 5349 : 3478)),
    transport: isTls ? 'tls' : ((udpOrTcp as 'udp' | 'tcp' | undefined) ?? 'udp'),
  };
}

/**
 * Asks a TURN server for an address with these credentials, and gives it back.
 *
 * @returns 0, or the error code of the server (RFC 8656, section 18); 401 for wrong credentials
 * @throws when nothing answers
 */
export async function allocateAt(address: TurnAddress, username: string, credential: string): Promise<number> {
  const line = await open(address);
  try {
    const transport = attribute(ATTRIBUTE.transport, UDP);
    const first = await line.ask(message(ALLOCATE, [transport]));
    if (first.code !== UNAUTHORIZED || first.realm === undefined || first.nonce === undefined) return first.code;
    let { nonce } = first;
    const { realm } = first;
    const key = createHash('md5').update(`${username}:${realm.toString()}:${credential}`).digest();
    const signed = (method: number, attributes: Buffer[]): Buffer =>
      message(
        method,
        [
          ...attributes,
          attribute(ATTRIBUTE.username, Buffer.from(username)),
          attribute(ATTRIBUTE.realm, realm),
          attribute(ATTRIBUTE.nonce, nonce),
        ],
        key,
      );
    let answer = await line.ask(signed(ALLOCATE, [transport]));
    if (answer.code === STALE_NONCE && answer.nonce !== undefined) {
      ({ nonce } = answer);
      answer = await line.ask(signed(ALLOCATE, [transport]));
    }
    if (answer.code === 0) await line.ask(signed(REFRESH, [attribute(ATTRIBUTE.lifetime, Buffer.alloc(4))]));
    return answer.code;
  } finally {
    line.close();
  }
}

interface Answer {
  code: number;
  realm: Buffer | undefined;
  nonce: Buffer | undefined;
}

interface Line {
  ask(request: Buffer): Promise<Answer>;
  close(): void;
}

function open(address: TurnAddress): Promise<Line> {
  return address.transport === 'udp' ? Promise.resolve(overUdp(address)) : overStream(address);
}

function overUdp({ host, port }: TurnAddress): Line {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const send = (): void => socket.send(request, port, host, (error) => error && settle(() => reject(error)));
        const again = setInterval(send, AGAIN_MS);
        const late = setTimeout(() => settle(() => reject(new Error('no answer'))), ANSWER_MS);
        const onMessage = (data: Buffer): void => {
          if (isAnswer(data, request)) settle(() => resolve(read(data)));
        };
        const settle = (then: () => void): void => {
          clearInterval(again);
          clearTimeout(late);
          socket.off('message', onMessage);
          then();
        };
        socket.on('message', onMessage);
        socket.once('error', (error) => settle(() => reject(error)));
        send();
      }),
    close: () => void socket.close(),
  };
}

function overStream({ host, port, transport }: TurnAddress): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket: Socket =
      transport === 'tls'
        ? connectTls({ host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host }, onOpen)
        : connectTcp({ host, port }, onOpen);
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    function onOpen(): void {
      resolve({
        ask: (request) =>
          new Promise((answered, failed) => {
            let received = Buffer.alloc(0);
            socket.once('error', failed);
            socket.once('close', () => failed(new Error('closed')));
            socket.on('data', (data: Buffer) => {
              received = Buffer.concat([received, data]);
              const isWhole =
                received.length >= HEADER_BYTES && received.length >= HEADER_BYTES + received.readUInt16BE(2);
              if (!isWhole) return;
              socket.removeAllListeners('data');
              answered(read(received));
            });
            socket.write(request);
          }),
        close: () => void socket.destroy(),
      });
    }
  });
}

function isAnswer(data: Buffer, request: Buffer): boolean {
  return data.length >= HEADER_BYTES && data.subarray(8, 20).equals(request.subarray(8, 20));
}

function read(answer: Buffer): Answer {
  const found = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at + 4 <= answer.length; ) {
    const length = answer.readUInt16BE(at + 2);
    found.set(answer.readUInt16BE(at), answer.subarray(at + 4, at + 4 + length));
    at += 4 + length + padding(length);
  }
  const error = found.get(ATTRIBUTE.error);
  return {
    code: error === undefined || error.length < 4 ? 0 : error.readUInt8(2) * 100 + error.readUInt8(3),
    realm: found.get(ATTRIBUTE.realm),
    nonce: found.get(ATTRIBUTE.nonce),
  };
}

/** A message (RFC 8489, section 5), with its integrity when there is a key (section 14.5). */
function message(method: number, attributes: Buffer[], key?: Buffer): Buffer {
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(method);
  header.writeUInt16BE(body.length + (key === undefined ? 0 : 24), 2);
  header.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(header, 8);
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
