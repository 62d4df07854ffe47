#!/usr/bin/env node
/**
 * Firefox as Playwright starts it with one gap closed. Playwright sets the colour
 * scheme of every new context with a command that Firefox 153 does not know, and gives up when it is refused. Between
 * the two, this answers that one refusal with "done": the contexts keep Firefox's own colours.
 */
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { firefoxProgram } from './firefox.ts';

const PASSED_OVER = 'emulation.setMediaFeaturesOverride';
const READY = /^WebDriver BiDi listening on (ws:\/\/.+)$/;

const command = z.object({ id: z.number(), method: z.string() });
const refusal = z.object({ id: z.number(), type: z.literal('error'), error: z.literal('unknown command') });

const firefox = spawn(firefoxProgram(process.env) ?? 'firefox-esr', process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'pipe'],
});
firefox.on('error', (error) => end(`${error.message}\n`, 1));
firefox.on('exit', (code) => end('', code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => firefox.kill(signal));

createInterface({ input: firefox.stderr }).on('line', (line) => {
  const address = READY.exec(line)?.[1];
  if (address === undefined) process.stderr.write(`${line}\n`);
  else listenFor(address);
});

/** Takes Firefox's place at an address of its own, and says so in Firefox's words. */
function listenFor(address: string): void {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (playwright, { url }) => join(playwright, new WebSocket(`${address}${url ?? ''}`)));
  server.on('listening', () => {
    const { port } = server.address() as AddressInfo;
    process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${port}\n`);
  });
}

function join(playwright: WebSocket, browser: WebSocket): void {
  const waiting: string[] = [];
  const passedOver = new Set<number>();
  browser.on('open', () => {
    for (const text of waiting.splice(0)) browser.send(text);
  });
  playwright.on('message', (data) => {
    const text = textOf(data);
    if (text.includes(PASSED_OVER)) {
      const { id, method } = command.parse(JSON.parse(text));
      if (method === PASSED_OVER) passedOver.add(id);
    }
    if (browser.readyState === WebSocket.CONNECTING) waiting.push(text);
    else browser.send(text);
  });
  browser.on('message', (data) => {
    const text = textOf(data);
    const refused = passedOver.size > 0 ? refusal.safeParse(JSON.parse(text)).data : undefined;
    if (refused === undefined || !passedOver.delete(refused.id)) playwright.send(text);
    else playwright.send(JSON.stringify({ type: 'success', id: refused.id, result: {} }));
  });
  playwright.on('close', () => firefox.kill());
  browser.on('close', () => playwright.close());
  browser.on('error', (error) => end(`${error.message}\n`, 1));
}

function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

function end(words: string, code: number): void {
  process.stderr.write(words);
  process.exit(code);
}
