/**
 * Floods a GLIR server from 127.0.0.2 in every way at once, in a process of its own, until it is told to end (SIGTERM):
 * `node abuse-flood.ts URL NOTE-PATH`. Prints how many attempts it made.
 */
import { request } from 'node:http';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { WebSocket } from 'ws';
import { frame, handshake } from '../server/raw-connection.ts';

const [url = '', notePath = ''] = process.argv.slice(2);
const FROM = { host: '127.0.0.1', port: Number(new URL(url).port), localAddress: '127.0.0.2' };
const AT_ONCE = 40;
/** Less than what is let in at once, so that the other ways are not shut by this one. */
const HELD = 60;
// It stands for another machine, which would not take this one's cores.
setPriority(19);
let attempts = 0;
let held = 0;

/** Repeats an attempt as fast as the server lets it, several at once. */
function flood(attempt: (done: () => void) => void): void {
  const again = () => {
    attempts += 1;
    let over = false;
    attempt(() => {
      if (over) return;
      over = true;
      setImmediate(again);
    });
  };
  for (let started = 0; started < AT_ONCE; started++) again();
}

function asks(path: string, method = 'GET', body = ''): (done: () => void) => void {
  return (done) => {
    const asked = request({ ...FROM, path, method, agent: false, headers: { 'content-type': 'application/json' } });
    asked.on('response', (answer) => answer.resume().on('close', done));
    asked.on('error', done);
    asked.end(body);
  };
}

/** Sends bytes over a connection, and holds on to it. */
function holds(bytes: string | Buffer): (done: () => void) => void {
  return (done) => {
    if (held >= HELD) return void setTimeout(done, 20);
    held += 1;
    const socket = connect({ ...FROM, allowHalfOpen: true }, () => {
      socket.write(bytes);
      done();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      held -= 1;
      done();
    });
  };
}

function says(...messages: (string | Buffer)[]): (done: () => void) => void {
  return (done) => {
    const { host, port, localAddress } = FROM;
    const socket = new WebSocket(`ws://${host}:${port}/signal`, { origin: url, localAddress });
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    socket.on('error', done);
    socket.on('close', done);
    socket.on('message', () => socket.terminate());
  };
}

const wrong = JSON.stringify({ t: 'join', id: 1, version: 1, roomId: 'r'.repeat(22), joinKey: 'k'.repeat(43) });
const wrongKey = JSON.stringify({ t: 'join', id: 1, version: 1, roomId: notePath.slice(3), joinKey: 'k'.repeat(43) });
for (const attempt of [
  asks(notePath),
  asks('/local/command', 'POST', '{"text":"/glir"}'),
  asks(`/${'x'.repeat(20_000)}`),
  holds(''),
  holds('GET / HTTP/1.1\r\n'),
  holds(handshake(url)),
  holds(Buffer.concat([Buffer.from(handshake(url)), ...Array.from({ length: 200 }, () => frame(0x89, 'x'))])),
  says(wrong, wrong, wrong),
  says(wrongKey, wrongKey, wrongKey),
  says(...Array.from({ length: 200 }, () => '{"t":"junk"}')),
  says('x'.repeat(65_536), 'x'.repeat(65_536), 'x'.repeat(10_000_000)),
]) {
  flood(attempt);
}
process.stdout.write('flooding\n');
process.once('SIGTERM', () => {
  process.stdout.write(`${attempts}\n`, () => process.exit(0));
});
