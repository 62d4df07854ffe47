import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Router } from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bodies, Page } from '../../../src/http/built-pages.ts';
import { createHttpServer, createRefuse } from '../../../src/http/http-server.ts';
import { createRoutes } from '../../../src/http/routes.ts';
import { securityHeaders } from '../../../src/http/security-headers.ts';

const CODES = ['en', 'ar', 'de', 'it', 'pt'];

function bodies(text: string): Bodies {
  return { identity: Buffer.from(text), gzip: gzipSync(text), br: Buffer.from('br') };
}

function page(name: string, codes: readonly string[]): Page {
  const languages = codes.map(
    (code) => [code, { bodies: bodies(`${name} ${code}`), strings: bodies(`"${code}"`) }] as const,
  );
  return {
    scripts: [],
    styles: [],
    lazyScripts: new Map(),
    bodies: bodies(`${name} en`),
    languages: new Map(languages),
  };
}

let server: Server;
let url: string;

beforeAll(async () => {
  const app = createRoutes({
    publicUrl: 'http://localhost:3000',
    trustProxy: 0,
    limited: (_request, _response, next) => next(),
    pages: {
      receiver: page('receiver', CODES),
      composer: page('composer', CODES),
      chat: page('chat', []),
      teams: page('teams', CODES),
      favicon: Buffer.from('<svg/>'),
    },
    log: pino({ level: 'silent' }),
    health: { ready: () => true, writable: () => true, connected: () => true, version: '0.0.0' },
    localChat: null,
    join: Router(),
    failureReports: Router(),
    info: Router(),
    platforms: [],
    teamsDialog: false,
  });
  const headers = securityHeaders('http://localhost:3000');
  server = createHttpServer(app, { options: {}, headers, refuse: createRefuse(headers), takesSocket: () => false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function ask(path: string, accepted?: string): Promise<Response> {
  return fetch(url + path, {
    headers: { 'accept-encoding': 'gzip', ...(accepted === undefined ? {} : { 'accept-language': accepted }) },
  });
}

describe('the language of a page', () => {
  it.each([
    ['it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7', 'it'],
    ['pt-BR,pt;q=0.9', 'pt'],
    ['pt-BR', 'pt'],
    ['de-AT;q=0.3,ar;q=0.9', 'ar'],
    ['zh-CN,zh;q=0.9', 'en'],
    ['zh-CN,zh;q=0.9,de;q=0.1', 'de'],
    ['en;q=0,de', 'de'],
    ['*', 'en'],
    ['', 'en'],
    [';;q=x,,<script>', 'en'],
    [undefined, 'en'],
  ])('for a browser that asks for "%s" is %s', async (accepted, code) => {
    const answer = await ask('/n/abcdefghijklmnopqrstuv', accepted);
    expect(await answer.text()).toBe(`receiver ${code}`);
    expect(answer.headers.get('content-language')).toBe(code);
    expect(answer.headers.get('vary')).toBe('Accept-Language, Accept-Encoding');
  });

  it('has no part in the policy: the scripts are the same in each', async () => {
    const [arabic, german] = await Promise.all([ask('/compose', 'ar'), ask('/compose', 'de')]);
    expect(arabic.headers.get('content-security-policy')).toBe(german.headers.get('content-security-policy'));
    expect([await arabic.text(), await german.text()]).toEqual(['composer ar', 'composer de']);
  });
});

describe('the words of a language', () => {
  it('come alone, to a page that is open in another one', async () => {
    const answer = await ask('/strings/receiver/ar.json', 'de');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toBe('ar');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-language': 'ar',
      'cache-control': 'no-store, no-transform',
      vary: 'Accept-Encoding',
    });
  });

  it.each([
    '/strings/receiver/xx.json',
    '/strings/chat/en.json',
    '/strings/receiver/..%2fcomposer.json',
    '/strings/receiver',
  ])('are not there at %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });
});
