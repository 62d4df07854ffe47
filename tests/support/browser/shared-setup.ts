/**
 * Vitest's global setup for the tests that open pages: one Chromium for the clinic, one for the patient's home and one
 * gallery for all test files of a project. Each is started when the first file asks for it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { serveGallery } from '../../shots/gallery-server.ts';

const BROWSER_SERVER = fileURLToPath(new URL('./browser-server.ts', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test file learns the addresses of what is shared; see shared.ts. */
    sharedAddress: string;
  }
}

/** A browser in a process of its own, and where it is. */
interface SharedBrowser {
  process: ChildProcess;
  address: string;
}

async function startBrowser(): Promise<SharedBrowser> {
  const child = fork(BROWSER_SERVER, { execArgv: [] });
  const address = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(String(message)));
    child.once('exit', (code) => reject(new Error(`the browser's process ended with ${code}`)));
  });
  return { process: child, address };
}

async function stopBrowser({ process: child }: SharedBrowser): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const browsers = new Map<string, Promise<SharedBrowser>>();
  let gallery: ReturnType<typeof serveGallery> | undefined;

  /** The address of a browser or of the gallery, which is started if it is not there yet. */
  async function addressOf(what: string): Promise<string> {
    if (what === 'gallery') {
      gallery ??= serveGallery();
      return (await gallery).address;
    }
    const browser = browsers.get(what) ?? startBrowser();
    browsers.set(what, browser);
    return (await browser).address;
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
    await Promise.all([...browsers.values()].map(async (browser) => stopBrowser(await browser)));
    (await gallery)?.close();
  };
}
