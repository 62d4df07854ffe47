/** A patient's half of a connection, in Node and in Chromium: the pages' own code, without the rest of the page. */
import path from 'node:path';
import { build } from 'vite';
import type { Reply, Request } from '../../../src/protocol/messages.ts';
import { beginConnection, prepareConnection } from '../../../web-shared/net/data-connection.ts';
import { launchBrowser } from '../../support/browser/browsers.ts';

type Joined = Reply<'join'>;

/** One connection, from the fingerprint on. */
export interface HalfConnection {
  readonly dtls: NonNullable<Request<'join'>['dtls']>;
  /** Milliseconds until the first message of the channel; Infinity when none comes in half a minute. */
  firstMessage(joined: Joined): Promise<number>;
  close(): Promise<void>;
}

export interface ReaderPages {
  prepare(): Promise<HalfConnection>;
  close(): Promise<void>;
}

const PATIENCE_MS = 30_000;
const CODE = path.join(import.meta.dirname, '../../../web-shared/net/data-connection.ts');

export function nodeReaders(): Promise<ReaderPages> {
  return Promise.resolve({
    async prepare() {
      const prepared = await prepareConnection();
      if (prepared === null) throw new Error('Node cannot prepare a connection');
      return {
        dtls: prepared.dtls,
        firstMessage(joined) {
          const from = performance.now();
          const { channel } = beginConnection(prepared, joined);
          return new Promise((resolve) => {
            channel.addEventListener('message', () => resolve(performance.now() - from), { once: true });
            setTimeout(() => resolve(Number.POSITIVE_INFINITY), PATIENCE_MS).unref();
          });
        },
        close: async () => prepared.close(),
      };
    },
    close: async () => undefined,
  });
}

export async function chromiumReaders(): Promise<ReaderPages> {
  const code = await bundled();
  const browser = await launchBrowser('chromium');
  const page = await browser.newPage();
  await page.evaluate(code);
  return {
    async prepare() {
      const prepared = await page.evaluateHandle(() => window.dataConnection.prepareConnection());
      const dtls = await prepared.evaluate((made) => made?.dtls);
      if (dtls === undefined) throw new Error('Chromium cannot prepare a connection');
      return {
        dtls,
        firstMessage: (joined) =>
          prepared.evaluate(
            (made, [said, patienceMs]) => {
              const from = performance.now();
              if (made === null) throw new Error('no connection');
              const { channel } = window.dataConnection.beginConnection(made, said);
              return new Promise<number>((resolve) => {
                channel.addEventListener('message', () => resolve(performance.now() - from), { once: true });
                setTimeout(() => resolve(Number.POSITIVE_INFINITY), patienceMs);
              });
            },
            [joined, PATIENCE_MS] as const,
          ),
        async close() {
          await prepared.evaluate((made) => made?.close());
          await prepared.dispose();
        },
      };
    },
    close: () => browser.close(),
  };
}

declare global {
  interface Window {
    dataConnection: { prepareConnection: typeof prepareConnection; beginConnection: typeof beginConnection };
  }
}

/** The pages' code as a script that stands by itself. */
async function bundled(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: CODE, formats: ['iife'], name: 'dataConnection' },
    },
  });
  const [built] = Array.isArray(result) ? result : [];
  const [chunk] = built?.output ?? [];
  if (chunk?.type !== 'chunk') throw new Error('the pages’ code could not be built');
  return `${chunk.code}\nwindow.dataConnection = dataConnection;`;
}
