import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { type App, createApp } from '../../../src/app.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { readPages } from '../../../src/http/built-pages.ts';
import { logFields } from '../../../src/log-context.ts';
import { dataDir } from './data-dir.ts';
import { freePort } from './free-port.ts';
import { type MovableClock, runningClock } from './movable-clock.ts';

export { freePort };

/** A GLIR server of its own for one test, on free ports of 127.0.0.1. */
export interface Glir {
  url: string;
  /** On 127.0.0.1, also where the URL is a balancer's. */
  readonly port: number;
  readonly app: App;
  clock: MovableClock;
  /** Every log line so far, at the most talkative level. */
  log: string[];
  stop(): Promise<void>;
  /** Where its durable data is. */
  dataDir: string;
  /** Stops it as a restart does: its data stays, and `again` starts it at the same address; the log goes on. */
  pause(): Promise<void>;
  again(): Promise<void>;
}

/**
 * Starts a real server with a real worker. `env` is added to its environment. In a network of the test's own, data
 * channels can be reached at its address as well.
 */
export async function startGlir(env: NodeJS.ProcessEnv = {}): Promise<Glir> {
  const clock = runningClock();
  const log: string[] = [];
  const lines = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString());
      done();
    },
  });
  const [port, rtcPort] = [await freePort(), await freePort()];
  const own = process.env['TEST_ADDRESS'];
  const data = dataDir();
  const config = loadConfig(
    {
      PORT: String(port),
      GLIR_RTC_PORT: String(rtcPort),
      GLIR_RTC_LISTEN: own === undefined ? undefined : `127.0.0.1,${own}`,
      GLIR_DATA_DIR: data.path,
      MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
      GLIR_LOG_LEVEL: 'trace',
      ...env,
    },
    { addresses: ['127.0.0.1', '::1', ...(own === undefined ? [] : [own])] },
  );
  const pages = await readPages();

  async function start(): Promise<App> {
    const bootTime = () => ({ boot: 'of the tests', ms: clock.uptime() });
    const logger = pino({ level: config.logLevel, mixin: () => ({ ...logFields() }) }, lines);
    const app = await createApp({ config, clock, log: logger, pages, bootTime });
    app.server.listen(config.http.port, '127.0.0.1');
    await once(app.server, 'listening');
    await app.start();
    return app;
  }

  let app = await start();
  return {
    url: config.publicUrl,
    port,
    get app() {
      return app;
    },
    clock,
    log,
    dataDir: config.store.dir ?? data.path,
    async stop() {
      await app.stop();
      data.remove();
    },
    pause: () => app.stop(),
    async again() {
      app = await start();
    },
  };
}
