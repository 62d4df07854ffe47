/**
 * Run by `observatory.ts` in a process of its own: scans the addresses that it is given with MDN's HTTP Observatory and
 * writes each scan as one line of JSON. Only this machine can be reached from it.
 */
import fs from 'node:fs';
import net from 'node:net';
import { z } from 'zod';

/** The Observatory's list of preloaded sites, which its installation would download. None of ours is on it. */
const PRELOADED = /mdn-http-observatory[\\/]conf[\\/]hsts-preload\.json$/;
const HERE = new Set(['localhost', '127.0.0.1']);

const read = fs.readFileSync;
Object.assign(fs, {
  readFileSync: (...args: Parameters<typeof read>) => (PRELOADED.test(String(args[0])) ? '{}' : read(...args)),
});

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const { host } = z.looseObject({ host: z.string().optional() }).parse([args[0]].flat()[0]);
  if (host === undefined || !HERE.has(host)) {
    process.stderr.write(`The scan wanted to reach ${host}.\n`);
    process.exit(1);
  }
  return Reflect.apply(connect, this, args);
};

const observatory: unknown = await import(import.meta.resolve('@mdn/mdn-http-observatory'));
const { scan } = z.object({ scan: z.custom<(address: string) => Promise<unknown>>() }).parse(observatory);
for (const address of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await scan(address))}\n`);
