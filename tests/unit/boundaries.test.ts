import { describe, expect, it } from 'vitest';
import { boundaryViolations } from '../../scripts/checks/boundaries.ts';
import { type Files, inTemporaryTree } from '../support/server/temporary-tree.ts';

const violationsIn = (files: Files) => inTemporaryTree(files, boundaryViolations);

/** A file, what it imports, and a word of the refusal. */
const refused: [file: string, specifier: string, reason: string][] = [
  ['bots/commands/open.ts', '../../src/signalling/peer.ts', 'must not import signalling'],
  ['bots/commands/open.ts', '../../src/rooms/room-service.ts', 'must not import room-service'],
  ['bots/slack/app.ts', '../../src/rooms/room-service.ts', 'must not import room-service'],
  ['bots/commands/open.ts', '../../src/sfu/channels.ts', 'must not import sfu'],
  ['bots/commands/open.ts', '../../src/http/web-server.ts', 'must not import http'],
  ['bots/commands/open.ts', '../slack/messages.ts', 'must not import bots/slack'],
  ['bots/commands/open.ts', '../teams/cards.ts', 'must not import bots/teams'],
  ['bots/commands/open.ts', '../local/router.ts', 'must not import bots/local'],
  ['bots/slack/app.ts', '../../src/signalling/peer.ts', 'must not import signalling'],
  ['bots/slack/app.ts', '../../src/http/web-server.ts', 'must not import http'],
  ['bots/commands/open.ts', '../../src/http/plain-page.ts', 'must not import plain-page'],
  ['src/http/plain-page.ts', './server.ts', 'must not import http'],
  ['bots/slack/app.ts', '../teams/cards.ts', 'must not import bots/teams'],
  ['bots/teams/app.ts', '../local/router.ts', 'must not import bots/local'],
  ['bots/local/router.ts', '../slack/messages.ts', 'must not import bots/slack'],
  ['bots/local/router.ts', '../../src/http/web-server.ts', 'must not import http'],
  ['bots/local/router.ts', './page/main.ts', 'must not import bots/local/page'],
  ['bots/local/page/main.ts', '../router.ts', 'must not import bots/local'],
  ['bots/local/page/main.ts', '../../../src/rooms/room.ts', 'must not import rooms'],
  ['bots/local/page/main.ts', 'node:fs', 'it has no Node'],
  ['src/signalling/peer.ts', '../http/server.ts', 'must not import http'],
  ['src/signalling/peer.ts', '../../bots/commands/open.ts', 'must not import bots/commands'],
  ['src/signalling/peer.ts', '../../mediasoup-config/worker.ts', 'must not import mediasoup-config'],
  ['src/sfu/channels.ts', '../rooms/room.ts', 'must not import rooms'],
  ['src/sfu/channels.ts', '../signalling/peer.ts', 'must not import signalling'],
  ['src/rooms/room.ts', './room-service.ts', 'must not import room-service'],
  ['src/rooms/room-service.ts', '../cluster/cluster.ts', 'must not import cluster'],
  ['src/limits/limits.ts', '../cluster/cluster.ts', 'must not import cluster'],
  ['src/cluster/cluster.ts', '../sfu/worker-pool.ts', 'must not import sfu'],
  ['src/rooms/room.ts', '../http/server.ts', 'must not import http'],
  ['src/rooms/room.ts', '../sfu/channels.ts', 'must not import sfu'],
  ['src/rooms/room.ts', '../../bots/commands/open.ts', 'must not import bots/commands'],
  ['src/rooms/room.ts', 'mediasoup', 'only sfu and mediasoup-config may import'],
  ['src/rooms/room.ts', 'mediasoup/types', 'only sfu and mediasoup-config may import'],
  ['src/rooms/room.ts', 'express', 'must not import "express"'],
  ['src/rooms/room.ts', 'ws', 'must not import "ws"'],
  ['src/config/load.ts', '../http/server.ts', 'must not import http'],
  ['src/config/load.ts', '../rooms/room.ts', 'must not import rooms'],
  ['src/protocol/link.ts', '../rooms/room.ts', 'must not import rooms'],
  ['src/protocol/link.ts', '../clock.ts', 'must not import clock'],
  ['src/protocol/crypto/link-keys.ts', '../../../web-shared/dom.ts', 'must not import web-shared'],
  ['src/protocol/link.ts', 'node:crypto', 'it has no Node'],
  ['src/protocol/link.ts', 'crypto', 'it has no Node'],
  ['src/http/web-server.ts', '../app.ts', 'must not import wiring'],
  ['src/http/web-server.ts', '../../scripts/setup.mjs', 'must not import scripts'],
  ['src/main.ts', '../tests/support/clock.ts', 'must not import tests'],
  ['src/app.ts', '../web-shared/dom.ts', 'must not import web-shared'],
  ['web-composer/main.ts', '../src/rooms/room.ts', 'must not import rooms'],
  ['web-composer/main.ts', '../src/clock.ts', 'must not import clock'],
  ['web-composer/main.ts', '../web-receiver/ui/view.ts', 'must not import web-receiver'],
  ['web-composer/main.ts', 'node:fs', 'it has no Node'],
  ['web-composer/main.ts', 'mediasoup-client', 'only web-shared may import'],
  ['web-receiver/main.ts', '../web-composer/ui/view.ts', 'must not import web-composer'],
  ['web-receiver/main.ts', 'mediasoup-client/types', 'only web-shared may import'],
  ['web-shared/net/webrtc-transport.ts', '../../web-composer/ui/view.ts', 'must not import web-composer'],
  ['web-shared/net/webrtc-transport.ts', '../../web-receiver/ui/view.ts', 'must not import web-receiver'],
  ['web-shared/net/webrtc-transport.ts', 'mediasoup', 'only sfu and mediasoup-config may import'],
  ['mediasoup-config/worker.ts', '../src/sfu/channels.ts', 'must not import sfu'],
  ['src/signalling/peer.ts', 'mediasoup', 'only sfu and mediasoup-config may import'],
  ['src/app.ts', 'botbuilder', 'only bots/teams may import'],
  ['bots/slack/app.ts', 'botbuilder', 'only bots/teams may import'],
  ['bots/teams/app.ts', '@slack/bolt', 'only bots/slack may import'],
  ['src/app.ts', '@slack/web-api', 'only bots/slack may import'],
  ['src/rooms/room.ts', '../elsewhere/thing.ts', 'outside the layout'],
  ['src/rooms/room.ts', '/etc/thing.ts', 'neither a relative path nor a package'],
];

const allowed: [file: string, specifier: string][] = [
  ['bots/commands/open.ts', '../../src/rooms/room.ts'],
  ['bots/local/router.ts', '../commands/open.ts'],
  ['bots/local/router.ts', 'express'],
  ['bots/local/page/main.ts', '../../../web-shared/dom.ts'],
  ['bots/local/page/main.ts', '../../../src/protocol/link.ts'],
  ['bots/slack/app.ts', '../../src/http/plain-page.ts'],
  ['src/http/web-server.ts', './plain-page.ts'],
  ['bots/slack/app.ts', '@slack/bolt'],
  ['bots/teams/app.ts', 'botbuilder'],
  ['src/signalling/peer.ts', '../rooms/room.ts'],
  ['src/signalling/peer.ts', '../sfu/channels.ts'],
  ['src/signalling/peer.ts', 'ws'],
  ['src/sfu/channels.ts', '../../mediasoup-config/worker.ts'],
  ['src/sfu/channels.ts', 'mediasoup'],
  ['src/rooms/room.ts', '../protocol/link.ts'],
  ['src/rooms/room.ts', 'node:crypto'],
  ['src/protocol/crypto/link-keys.ts', '../link.ts'],
  ['src/protocol/link.ts', 'zod'],
  ['src/main.ts', '../bots/local/router.ts'],
  ['src/app.ts', './signalling/peer.ts'],
  ['web-composer/main.ts', '../web-shared/dom.ts'],
  ['web-composer/main.ts', './style.css'],
  ['web-receiver/main.ts', '../src/protocol/link.ts'],
  ['web-shared/net/webrtc-transport.ts', 'mediasoup-client'],
  ['mediasoup-config/worker.ts', 'mediasoup'],
  ['tests/unit/all.test.ts', '../../src/sfu/channels.ts'],
  ['tests/support/peer.ts', 'mediasoup-client'],
  ['scripts/tool.mjs', '../src/app.ts'],
];

const forms: [form: string, source: string][] = [
  ['a type', "import type { Peer } from '../signalling/peer.ts';"],
  ['a re-export', "export { peer } from '../signalling/peer.ts';"],
  ['a re-export of everything', "export * from '../signalling/peer.ts';"],
  ['a side effect', "import '../signalling/peer.ts';"],
  ['an import() call', "export const peer = await import('../signalling/peer.ts');"],
  ['an import type', "export type Peer = import('../signalling/peer.ts').Peer;"],
  ['a require call', "export const peer = require('../signalling/peer.ts');"],
];

describe('the directions of imports', () => {
  it.each(refused)('refuse that %s imports "%s"', (file, specifier, reason) => {
    const violations = violationsIn({ [file]: `import '${specifier}';\n` });
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(`${file}:1: `);
    expect(violations[0]).toContain(reason);
  });

  it.each(allowed)('allow that %s imports "%s"', (file, specifier) => {
    expect(violationsIn({ [file]: `import '${specifier}';\n` })).toEqual([]);
  });

  it.each(forms)('see through %s', (_form, source) => {
    const violations = violationsIn({ 'src/rooms/room.ts': `\n${source}\n` });
    expect(violations).toEqual(['src/rooms/room.ts:2: rooms must not import signalling ("src/signalling/peer.ts")']);
  });

  it('refuse an import whose path is put together at run time', () => {
    const [violation] = violationsIn({ 'src/rooms/room.ts': 'export const load = (name: string) => import(name);\n' });
    expect(violation).toContain('cannot be checked');
  });

  it('refuse a file in a folder that the layout does not know', () => {
    const [violation] = violationsIn({ 'src/helpers/misc.ts': 'export const one = 1;\n' });
    expect(violation).toContain('src/helpers/misc.ts: belongs to no part of the layout');
  });

  it('refuse a circle, also one of types alone', () => {
    const violations = violationsIn({
      'src/rooms/a.ts': "import type { B } from './b.ts';\nexport type A = B;\n",
      'src/rooms/b.ts': "import type { C } from './c.ts';\nexport type B = C;\n",
      'src/rooms/c.ts': "import type { A } from './a.ts';\nexport type C = A;\n",
    });
    expect(violations).toEqual([
      'src/rooms/a.ts: circular import: src/rooms/a.ts -> src/rooms/b.ts -> src/rooms/c.ts -> src/rooms/a.ts',
    ]);
  });

  it('pass over what is installed and what is built', () => {
    const bad = "import '../../src/sfu/channels.ts';\n";
    expect(violationsIn({ 'node_modules/x/index.js': bad, 'src/rooms/dist/index.js': bad })).toEqual([]);
  });

  it('name the file that cannot be read as code', () => {
    expect(() => violationsIn({ 'src/rooms/room.ts': 'import from from;\n' })).toThrow('src/rooms/room.ts');
  });
});
