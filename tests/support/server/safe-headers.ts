import { expect } from 'vitest';

const TEAMS = 'https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft';

/** The only routes that are less shut than the others, and in what. */
const OPENED: Readonly<Record<string, { missing?: string; instead?: Record<string, string>; framedBy?: string }>> = {
  '/teams/compose': {
    missing: 'x-frame-options',
    instead: { 'cross-origin-resource-policy': 'cross-origin' },
    framedBy: TEAMS,
  },
  '/teams/continue': { instead: { 'cross-origin-opener-policy': 'unsafe-none' } },
};

const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'integrity-policy': 'blocked-destinations=(script)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow, noarchive',
};

/** What tells about the server, or lets something be kept. */
const NEVER = /^(x-powered-by|server|etag|last-modified|via|x-aspnet-version|link|refresh|access-control-.*)$/;

/** Where a directive has no sources but hashes, it is said by this. */
const HASHES = /^'sha256-[A-Za-z0-9+/]{43}='( 'sha256-[A-Za-z0-9+/]{43}=')*$/;

/** What a policy may say beside shutting everything. */
const MAY: Readonly<Record<string, RegExp>> = {
  'script-src': HASHES,
  'style-src': HASHES,
  'connect-src': /^'self' wss?:\/\/[\w.:[\]-]+$/,
  'img-src': /^'self'$/,
};

/** Expects an answer, whatever it is, to let nothing run, be framed, be kept or be told to others. `route` is where it came from. */
export function expectSafe(headers: Readonly<Record<string, unknown>>, route: string): void {
  const { missing, instead = {}, framedBy = "'none'" } = OPENED[route] ?? {};
  const expected = Object.entries({ ...ALWAYS, ...instead }).filter(([name]) => name !== missing);
  const got = expected.map(([name]) => [name, headers[name]]);
  expect(got, route).toEqual(expected);
  if (missing !== undefined) expect(headers, route).not.toHaveProperty(missing);
  expect(
    Object.keys(headers).filter((name) => NEVER.test(name)),
    route,
  ).toEqual([]);

  expect(headers['permissions-policy'], route).toMatch(/\bcamera=\(\), .*\bgeolocation=\(\), .*\bmicrophone=\(\), /);
  const policy = new Map(
    String(headers['content-security-policy'])
      .split(';')
      .map((directive) => /^\s*(\S+)\s+(.*)$/.exec(directive)?.slice(1) ?? [directive, ''])
      .map(([name = '', sources = '']) => [name, sources]),
  );
  const shut = ['default-src', 'base-uri', 'form-action', 'trusted-types'].map((name) => [name, "'none'"]);
  for (const [name = '', sources] of [
    ...shut,
    ['require-trusted-types-for', "'script'"],
    ['frame-ancestors', framedBy],
  ]) {
    expect(policy.get(name), `${name} of ${route}`).toBe(sources);
    policy.delete(name);
  }
  for (const [name, sources] of policy) expect(sources, `${name} of ${route}`).toMatch(MAY[name] ?? /^'none'$/);
}
