import { createHash } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { POLICY_REPORT_PATH } from './failure-reports.ts';

/**
 * Browser features that no page of GLIR needs; each is switched off for the pages and everything in them. Those that they
 * do need are the screen's wake lock and writing to the clipboard.
 */
const SWITCHED_OFF = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'clipboard-read',
  'compute-pressure',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'private-state-token-issuance',
  'private-state-token-redemption',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'serial',
  'storage-access',
  'sync-xhr',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];

const NOTHING_ALLOWED = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  'trusted-types': ["'none'"],
};

/** Where Microsoft Teams runs in a browser: the only sites that may frame a page of ours, and only one page. */
const TEAMS_HOSTS = ['https://teams.microsoft.com', 'https://*.teams.microsoft.com', 'https://*.cloud.microsoft'];

/** Names and values of headers. */
export type Headers = Readonly<Record<string, string>>;

/**
 * The headers of every answer, errors included: nothing may run, be framed, be kept or be told to others. Scripts that
 * are not in the page itself need integrity metadata (Subresource Integrity, `Integrity-Policy`), which is in its import map.
 * There is no `Connection-Allowlist`: it would also stop the links in a note and the practice's telephone number.
 */
export function securityHeaders(publicUrl: string): Headers {
  const https = publicUrl.startsWith('https:');
  return {
    ...helmetHeaders({
      contentSecurityPolicy: { useDefaults: false, directives: NOTHING_ALLOWED },
      crossOriginEmbedderPolicy: { policy: 'require-corp' },
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'no-referrer' },
      strictTransportSecurity: https ? { maxAge: 63_072_000, includeSubDomains: false } : false,
      xFrameOptions: { action: 'deny' },
    }),
    // A script that something on the way has changed is none that a browser runs (RFC 9111, section 5.2.2.6).
    'Cache-Control': 'no-store, no-transform',
    'Integrity-Policy': 'blocked-destinations=(script)',
    'Permissions-Policy': SWITCHED_OFF.map((feature) => `${feature}=()`).join(', '),
    'X-Robots-Tag': 'noindex, nofollow, noarchive',
  };
}

/** What helmet sets. Its answer is the same for every request, so one that never came has it. */
function helmetHeaders(options: Parameters<typeof helmet>[0]): Headers {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(options)(response.req, response, (error) => {
    if (error !== undefined) throw error;
  });
  return Object.fromEntries(response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]));
}

/**
 * For the page inside a Teams dialog, whose policy names who may frame it. Its bytes are the same for everybody, so a
 * frame that demands `Cross-Origin-Resource-Policy` may have them.
 */
export const framedByTeams: RequestHandler = (_request, response, next) => {
  response.removeHeader('X-Frame-Options');
  response.set('Cross-Origin-Resource-Policy', 'cross-origin');
  next();
};

/**
 * For the tab that takes a note over from a Teams dialog: with `same-origin` the browser would cut it off from the window
 * that opened it, which is all that the two can speak through. Our other pages stay cut off from whoever opened them.
 */
export const keptByItsOpener: RequestHandler = (_request, response, next) => {
  response.set('Cross-Origin-Opener-Policy', 'unsafe-none');
  next();
};

/**
 * The policy of a page: its own inline script and style by their hashes, the scripts that those load later, our own server, and
 * no HTML made from text.
 * Nobody may frame it but Teams, where `framed` says so.
 */
export function pagePolicy(
  publicUrl: string,
  page: { scripts: string[]; styles: string[]; lazyScripts: ReadonlyMap<string, { identity: Uint8Array }> },
  framed: 'by-teams' | 'never' = 'never',
): string {
  // Older Safari does not count a WebSocket to our own host as 'self'.
  const socket = publicUrl.replace(/^http/, 'ws');
  const directives = {
    ...NOTHING_ALLOWED,
    ...(framed === 'by-teams' ? { 'frame-ancestors': TEAMS_HOSTS } : {}),
    'script-src': [
      ...page.scripts.map((hash) => `'${hash}'`),
      // With the integrity that the page's import map gives it, what is imported later counts by its hash (CSP Level 3, 8.4).
      ...[...page.lazyScripts.values()].map(
        ({ identity }) => `'sha256-${createHash('sha256').update(identity).digest('base64')}'`,
      ),
    ],
    'style-src': page.styles.map((hash) => `'${hash}'`),
    'connect-src': ["'self'", socket],
    'img-src': ["'self'"],
    // By which the server hears of a script that was changed on the way; `report-to` is not known to every browser.
    'report-uri': [POLICY_REPORT_PATH],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
