/** The page with the medicines' editor in a real browser, under the composer's security policy. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { buildPage, cspHash } from '../../../web-build/inline-page.ts';
import { sharedBrowser } from './shared.ts';

const COMPOSER = fileURLToPath(new URL('../../../web-composer', import.meta.url));
const ENTRY = fileURLToPath(new URL('medicines-page.ts', import.meta.url));

/** Each test of a file gets a page of its own, and fails when the page complains. */
export function useMedicinesPage(opened: (stage: { page: Page; address: string }) => void): void {
  let server: Server;
  let address: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    const built = await buildPage(COMPOSER, path.relative(COMPOSER, ENTRY));
    const hashes = (parts: string[]): string => parts.map((part) => `'${cspHash(part)}'`).join(' ');
    const policy = `default-src 'none'; img-src 'self'; script-src ${hashes(built.scripts)}; style-src ${hashes(built.styles)}; require-trusted-types-for 'script'; trusted-types 'none'`;
    server = createServer((request, response) => {
      if (request.url?.startsWith('/page') !== true) response.writeHead(204).end();
      else
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
          .end(built.html);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    address = `http://127.0.0.1:${port}/page`;
    browser = await sharedBrowser();
  });

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });

  beforeEach(async () => {
    page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1200, height: 900 } });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(address);
    opened({ page, address });
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
}

/** Pastes as a browser does: an event with the text on its clipboard. Gives how long the page was busy, in ms. */
export function pasteInto(page: Page, text: string): Promise<number> {
  return page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    const begin = performance.now();
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
    void document.body.offsetHeight;
    return performance.now() - begin;
  }, text);
}
