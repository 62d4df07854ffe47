import './config/unset-debug.ts';
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { type App, createApp } from './app.ts';
import { systemClock } from './clock.ts';
import { thisMachine } from './config/addresses.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { withSecretFiles } from './config/secret-files.ts';
import { SECRET_NAMES } from './config/variables.ts';
import { readPages } from './http/built-pages.ts';
import { useProxyOf } from './http/outgoing-proxy.ts';

const STOP_MS = 5_000;

try {
  await main();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  // Before the configuration is read, too.
  if (process.env['GLIR_LOG_FORMAT']?.trim() === 'json') pino({ base: null }).fatal({ event: 'not-started', reason });
  else process.stderr.write(`GLIR did not start.\n${reason}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const config = loadConfig(withSecretFiles(process.env), thisMachine());
  useProxyOf(process.env);
  // The workers inherit the environment, and have no use for these.
  for (const name of SECRET_NAMES) delete process.env[name];
  const log = pino({ level: config.logLevel, base: null });
  for (const warning of config.warnings) log.warn({ event: 'config-warning', warning });
  const app = await createApp({ config, clock: systemClock, log, pages: await readPages() });
  await listen(app.server, config);
  await app.start();
  log.info({ event: 'ready', url: config.publicUrl, rtcPort: config.rtc.port, workers: config.rtc.workers });
  if (config.logFormat === 'text') process.stdout.write(`GLIR is ready: ${config.publicUrl}\n`);
  // Also for a server that will be killed.
  flushCompileCache();

  const signal = await Promise.race([
    once(process, 'SIGINT').then(() => 'SIGINT'),
    once(process, 'SIGTERM').then(() => 'SIGTERM'),
    // The terminal was closed.
    once(process, 'SIGHUP').then(() => 'SIGHUP'),
    once(process, 'uncaughtException').then(([error]) => {
      // What state it is in nobody knows: notes are hidden in good order, and come back with the next start.
      log.fatal({ event: 'uncaught-error', err: error });
      process.exitCode = 1;
      return null;
    }),
  ]);
  log.info({ event: 'stopping', signal });
  setTimeout(() => process.exit(1), STOP_MS).unref();
  await app.stop();
  log.info({ event: 'stopped' });
}

/** Throws an Error that says what to set when the port cannot be had. */
async function listen(server: App['server'], { http: { host, port } }: Config): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE') throw new Error(`Port ${port}/tcp is taken by another program. Set PORT or stop it.`);
    if (code === 'EACCES')
      throw new Error(`Port ${port}/tcp needs more rights than this user has. Set PORT to 1024 or more.`);
    throw error;
  }
}
