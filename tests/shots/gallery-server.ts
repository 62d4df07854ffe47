/** Serves the gallery's pages on a free port of this machine, under the policy that the real pages have. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type BuiltPage, buildPage, cspHash } from '../../web-build/page.ts';

const root = path.join(import.meta.dirname, '../..');
const FOLDERS = { receiver: 'web-receiver', composer: 'web-composer', chat: 'bots/local/page' } as const;
export type PageName = keyof typeof FOLDERS;

function policyOf(page: BuiltPage): string {
  const hashes = (contents: string[]): string => contents.map((content) => `'${cspHash(content)}'`).join(' ');
  return [
    "default-src 'none'",
    `script-src ${hashes(page.scripts)}`,
    `style-src ${hashes(page.styles)}`,
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Builds the three pages around made-up states and serves them; the address ends without a slash. */
export async function serveGallery(): Promise<{ address: string; close(): void }> {
  const pages = new Map<string, BuiltPage>();
  for (const [name, folder] of Object.entries(FOLDERS)) {
    const from = path.join(root, folder);
    const entry = path.relative(from, path.join(root, `tests/shots/gallery/${name}.ts`));
    pages.set(`/${name}`, await buildPage(from, entry));
  }
  const server = createServer((request, response) => {
    const page = pages.get(new URL(request.url ?? '/', 'http://gallery').pathname);
    if (page === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyOf(page) });
    response.end(page.html);
  });
  return { address: await listen(server), close: () => server.close() };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${port}`);
    });
  });
}
