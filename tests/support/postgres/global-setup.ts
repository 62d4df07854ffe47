/**
 * Vitest's global setup for the tests that need a PostgreSQL: one server for all of them, which is started when the first
 * one asks for it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type OwnPostgresServer, postgresPrograms, startPostgres } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test file learns where the server is; see databases.ts. */
    postgresAddress?: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const programs = postgresPrograms(process.env);
  let started: Promise<OwnPostgresServer> | undefined;
  if ('problem' in programs) throw new Error(programs.problem);
  const { folder } = programs;

  function answer(): Promise<OwnPostgresServer> {
    started ??= startPostgres(folder);
    return started;
  }

  const http = createServer((_request, response) => {
    answer().then(
      (found) => response.end(JSON.stringify(found)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  project.provide('postgresAddress', `http://127.0.0.1:${(http.address() as AddressInfo).port}`);

  return async () => {
    http.closeAllConnections();
    http.close();
    await started?.then((server) => server.stop()).catch(() => undefined);
  };
}
