/**
 * Vitest's global setup for the tests that open pages: one Chromium for the clinic, one for the patient's home and one
 * gallery for all test files of a project. Each is started when the first file asks for it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { serveGallery } from '../../shots/gallery-server.ts';
import { HEADLESS_SHELL } from './browsers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test file learns the addresses of what is shared; see shared.ts. */
    sharedAddress: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const browsers = new Map<string, Promise<BrowserServer>>();
  let gallery: ReturnType<typeof serveGallery> | undefined;

  /** The address of a browser or of the gallery, which is started if it is not there yet. */
  async function addressOf(what: string): Promise<string> {
    if (what === 'gallery') {
      gallery ??= serveGallery();
      return (await gallery).address;
    }
    const browser = browsers.get(what) ?? chromium.launchServer(HEADLESS_SHELL);
    browsers.set(what, browser);
    return (await browser).wsEndpoint();
  }

  const server = createServer(({ url = '' }, response) => {
    addressOf(url.slice(1)).then(
      (address) => response.end(address),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('sharedAddress', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  return async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([...browsers.values()].map(async (browser) => (await browser).close()));
    (await gallery)?.close();
  };
}
