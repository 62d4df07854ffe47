import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WebSocket } from 'ws';
import type { Pattern } from '../../support/server/pattern-search.ts';
import { spellingsOf, spellingsOfBytes } from '../../support/server/search.ts';
import { patternsOf, randomPhrase, randomWord } from './markers.ts';

/** A marker that is put into a place on purpose, in every spelling, so that the search must find each. */
export interface Plant {
  patterns: readonly Pattern[];
  /** All spellings, one behind the other. */
  bytes: Buffer;
}

const ADDRESS = '127.0.0.1';
/** More than ever is received at once afterwards, so that it is not written over. */
const DATAGRAM_BYTES = 48 * 1024;
const PROMISED_BYTES = 512 * 1024;

/** A marker of its own: a phrase and a key. */
export function makePlant(): Plant {
  const patterns = [
    ...patternsOf('planted phrase', spellingsOf(randomPhrase())),
    ...patternsOf('planted key', spellingsOfBytes(randomBytes(32))),
  ];
  const gap = Buffer.from('\0\n');
  return { patterns, bytes: Buffer.concat(patterns.flatMap(({ bytes }) => [bytes, gap])) };
}

/** A marker that goes where only words do: in one spelling. */
export function makeWordPlant(): Plant {
  const bytes = Buffer.from(randomWord());
  return { patterns: [{ marker: 'planted word', spelling: 'UTF-8', bytes }], bytes };
}

/**
 * Into the memory of the server: the first part of a request's body, which it has to keep until the rest comes or the socket that
 * is given back is closed. Sent in several parts, it is whole on the wire only when it is put together again.
 */
export async function holdRequest(url: string, { bytes }: Plant, parts = 1): Promise<Socket> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), ADDRESS).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `POST /slack/events HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${PROMISED_BYTES}\r\n\r\n`,
  );
  const size = Math.ceil(bytes.length / parts);
  for (let at = 0; at < bytes.length; at += size) {
    await new Promise((resolve) => socket.write(bytes.subarray(at, at + size), resolve));
    // What is asked for afterwards is answered afterwards.
    for (let round = 0; round < 3; round += 1) await fetch(`${url}/healthz`);
  }
  return socket;
}

/** Into the memory of a worker: a datagram, of which its buffer keeps the end until a larger one comes. */
export async function sendToWorker(port: number, { bytes }: Plant): Promise<void> {
  await sendDatagram(port, Buffer.concat([Buffer.alloc(DATAGRAM_BYTES - bytes.length, 1), bytes]));
}

/** Into the packets: a datagram to nobody. */
export async function sendToNobody({ bytes }: Plant): Promise<void> {
  await sendDatagram(9, bytes);
}

/** Into a WebSocket: a frame that the server does not understand, masked as a browser masks. */
export async function sendFrame(url: string, { bytes }: Plant): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/signal`, { origin: url, perMessageDeflate: false });
  await once(socket, 'open');
  const answered = once(socket, 'message');
  socket.send(bytes);
  await answered;
  socket.terminate();
}

/** Into the log, as a line of its own. */
export function appendToLog(file: string, { bytes }: Plant): void {
  appendFileSync(file, Buffer.concat([bytes, Buffer.from('\n')]));
}

/** Into the database, in a table that the server does not know. */
export function writeToDatabase(dataDir: string, { patterns }: Plant): void {
  const db = new DatabaseSync(path.join(dataDir, 'glir.db'));
  db.exec('PRAGMA busy_timeout = 5000; CREATE TABLE IF NOT EXISTS planted (what BLOB) STRICT');
  const insert = db.prepare('INSERT INTO planted VALUES (?)');
  for (const { bytes } of patterns) insert.run(bytes);
  db.close();
}

/** Into a file of its own. */
export function writeIntoFile(file: string, { bytes }: Plant): void {
  writeFileSync(file, bytes);
}

/** Into what a chat platform receives: a request to it. */
export async function sendToPlatform(url: string, { bytes }: Plant): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  await fetch(`${url}/planted`, { method: 'POST', headers, body: new Uint8Array(bytes) });
}

async function sendDatagram(port: number, bytes: Buffer): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.send(bytes, port, ADDRESS, resolve));
  socket.close();
}
