import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer, createRefuse } from '../../src/http/http-server.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { addressOf } from '../support/server/server-address.ts';

/** As much as Node takes with the rest of the request. */
const LONG = 15_000;
const filled = (piece: string): string => piece.repeat(LONG / piece.length);

/** What somebody writes into headers to keep a server busy: lists, parameters, and signs that parsers look for. */
const COSTLY: [string, string][] = [
  ...['a,', 'a-b;q=0.1,', '*,', ',', 'a ,', ';', '-', ' '].map((piece): [string, string] => ['accept-language', piece]),
  ...['gzip;q=0.1,', ',', '*,'].map((piece): [string, string] => ['accept-encoding', piece]),
  ...['a/b;q=0.1,', 'a/b;c="', '*/*,', ','].map((piece): [string, string] => ['accept', piece]),
  ['accept-charset', 'a,'],
  ['content-type', 'a/b;'],
  ['if-none-match', 'W/"a",'],
  ['cache-control', ',  '],
  ['origin', 'a'],
  ['cookie', 'a=b;'],
  ['authorization', 'a.'],
  ['x-forwarded-for', '1,'],
  ['forwarded', 'for=a,'],
  ['range', '0-1,'],
];

function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { headers }, (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    sent.once('error', reject).end();
  });
}

describe('headers of 15 kB', () => {
  let glir: Glir;
  beforeAll(async () => {
    glir = await startGlir({ GLIR_LIMIT_REQUESTS: '1000000' });
  });
  afterAll(() => glir.stop());

  /** Milliseconds of the processor for one page; the client's part is in both that are compared. */
  async function costOfPage(headers: Record<string, string>): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const before = process.cpuUsage();
      for (let count = 0; count < 12; count++) await get(`${glir.url}/n/AAAAAAAAAAAAAAAAAAAAAA`, headers);
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 12_000);
    }
    return Math.min(...times);
  }

  it('cost no more than a few times as much as a browser’s, whatever they hold', async () => {
    await costOfPage({});
    const usual = await costOfPage({
      'accept-language': 'it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7',
      'accept-encoding': 'gzip, br',
    });
    const most = 3 * usual + 0.5;
    const dear: [string, number][] = [];
    for (const [name, piece] of COSTLY) {
      let cost = Number.POSITIVE_INFINITY;
      // Whatever else the machine does may spoil one measurement, not each of several.
      for (let tried = 0; tried < 3 && cost > most; tried++) {
        cost = Math.min(cost, await costOfPage({ [name]: filled(piece) }));
      }
      if (cost > most) dear.push([`${name}: ${piece}`, cost]);
    }
    expect(dear, `a usual page costs ${usual} ms`).toEqual([]);
  });

  it('are read as far as a browser ever goes, and the languages behind that are not', async () => {
    const language = async (value: string) =>
      (await get(`${glir.url}/n/AAAAAAAAAAAAAAAAAAAAAA`, { 'accept-language': value })).headers['content-language'];
    expect(await language('xx,yy;q=0.9,it;q=0.8')).toBe('it');
    expect(await language(`${'xx,'.repeat(12)}it`)).toBe('it');
    expect(await language(`${'xx,'.repeat(LONG / 3)}it`)).toBe('en');
  });
});

describe('what a server reads of headers', () => {
  it('is 256 characters, sixteen items of a list, and the end of what proxies have added', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const headers = {};
    const server = createHttpServer(
      express().use((request, response) => {
        seen.push(request.headers);
        response.end();
      }),
      { options: { maxHeaderSize: 256 * 1024 }, headers, refuse: createRefuse(headers), takesSocket: () => false },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = addressOf(server);
    const long: Record<string, string> = Object.fromEntries(
      ['accept-language', 'origin', 'user-agent', 'if-none-match', 'x-anything'].map((name) => [name, filled('a,')]),
    );
    await get(url, { ...long, 'x-forwarded-for': `${filled('1,')}203.0.113.9`, authorization: filled('a') });
    server.close();
    const [read = {}] = seen;
    expect(read['accept-language']?.split(',')).toHaveLength(16);
    for (const name of ['origin', 'user-agent', 'if-none-match', 'x-anything']) {
      expect(read[name], name).toBe(filled('a,').slice(0, 256));
    }
    expect(read['x-forwarded-for']).toMatch(/^.{1013}203\.0\.113\.9$/);
    expect(read.authorization).toHaveLength(8_192);
  });
});

describe('a network that sends long headers', () => {
  it('uses its rate up sooner than one that sends a browser’s', async () => {
    const glir = await startGlir({ GLIR_LIMIT_REQUESTS: '40' });
    try {
      const answers: number[] = [];
      for (let count = 0; count < 10; count++) {
        answers.push((await get(`${glir.url}/robots.txt`, { 'x-filler': 'a'.repeat(LONG) })).status);
      }
      expect(answers).toEqual([...Array(5).fill(200), ...Array(5).fill(429)]);
    } finally {
      await glir.stop();
    }
    const other = await startGlir({ GLIR_LIMIT_REQUESTS: '40' });
    try {
      const browser = { 'user-agent': 'Mozilla/5.0 '.repeat(10), accept: 'text/html,*/*;q=0.8' };
      for (let count = 0; count < 40; count++) {
        expect((await get(`${other.url}/robots.txt`, browser)).status).toBe(200);
      }
    } finally {
      await other.stop();
    }
  });
});
