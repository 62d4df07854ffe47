import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type CookieOptions, type Request, type Response, type Router } from 'express';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client';
import { z } from 'zod';
import type { OperatorSignIn } from '../config/config.ts';
import { html } from '../http/html.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { beginSession, cookieOf, languageOf } from './access.ts';
import { ADMIN_PATH, sendAdminPage } from './admin-page.ts';
import type { ConsoleContext } from './console-context.ts';

const OPERATOR_PATH = '/operator';
const CALLBACK_PATH = `${OPERATOR_PATH}/callback`;
const STATE_SECONDS = 10 * 60;
const PROVIDER_MS = 10_000;
/** Ties the way back to the browser that began it. It has to come along from the provider's site, so it is not strict. */
const BROWSER_COOKIE = '__Host-glir-admin-operator';
const BROWSER_COOKIE_OPTIONS: CookieOptions = {
  httpOnly: true,
  secure: true,
  sameSite: 'lax',
  path: '/',
  maxAge: STATE_SECONDS * 1000,
};
const BROWSER_BYTES = 32;

/** What a state stands for, until somebody comes back with it. */
const stateSchema = z.object({ verifier: z.string(), nonce: z.string(), browser: z.string() });

/**
 * The operator signs in with their OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0,
 * section 3.1; RFC 7636). Who is not on the list of the configuration is told their subject, and not let in.
 */
export function operatorRoutes(signIn: OperatorSignIn, context: ConsoleContext): Router {
  const router = express.Router();
  const redirectUri = `${context.config.publicUrl}${ADMIN_PATH}${CALLBACK_PATH}`;
  let known: Promise<Configuration> | null = null;

  /** What the provider says of itself; asked again after a failure. */
  function provider(): Promise<Configuration> {
    known ??= discover(signIn).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  }

  router.get(OPERATOR_PATH, async (request, response) => {
    try {
      const configuration = await provider();
      const [verifier, nonce, browser] = [
        randomPKCECodeVerifier(),
        randomNonce(),
        toBase64Url(randomBytes(BROWSER_BYTES)),
      ];
      const state = await context.store.states.issue({ verifier, nonce, browser: hashOf(browser) }, STATE_SECONDS);
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      response.cookie(BROWSER_COOKIE, browser, BROWSER_COOKIE_OPTIONS);
      response.redirect(303, url.href);
    } catch (error) {
      failed(error, request, response);
    }
  });

  router.get(CALLBACK_PATH, async (request, response) => {
    const { maxAge: _, ...cookie } = BROWSER_COOKIE_OPTIONS;
    response.clearCookie(BROWSER_COOKIE, cookie);
    try {
      const claims = await claimsOf(request);
      const language = languageOf(request, response);
      const { text, say } = language;
      if (!isAllowed(claims, signIn.allowed)) {
        context.log.warn({ event: 'admin-operator-refused' });
        const body = html`<p>${say('signIn.refused.next', { id: claims.sub })}</p>`;
        return sendAdminPage(response, language, { title: text('signIn.refused'), body }, 403);
      }
      await beginSession({ kind: 'operator', subject: claims.sub }, response, context);
      // A redirect would still belong to the provider's site, and go without the cookie that was just set.
      const body = html`<p><a class="button button-primary" href="${ADMIN_PATH}">${text('goOn')}</a></p>`;
      sendAdminPage(response, language, { title: text('signIn.done'), body, goesTo: ADMIN_PATH });
    } catch (error) {
      failed(error, request, response);
    }
  });

  /** Who came back. Rejects when the state is not this browser's, or the provider does not vouch for them. */
  async function claimsOf(request: Request): Promise<IDToken> {
    const state = z.string().max(128).parse(request.query['state']);
    const kept = await context.store.states.redeem(state, stateSchema);
    const browser = cookieOf(request, BROWSER_COOKIE) ?? '';
    if (kept === null || !timingSafeEqual(Buffer.from(hashOf(browser)), Buffer.from(kept.browser))) {
      throw new Error('The state is of another browser, was used, or is too old.');
    }
    const url = new URL(request.originalUrl, context.config.publicUrl);
    const configuration = await provider();
    const tokens = await authorizationCodeGrant(configuration, url, {
      expectedState: state,
      expectedNonce: kept.nonce,
      pkceCodeVerifier: kept.verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('The provider sent no ID token.');
    // Some providers tell of addresses and groups there alone (section 5.3).
    const { userinfo_endpoint: more } = configuration.serverMetadata();
    if (more === undefined) return claims;
    return { ...(await fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
  }

  /** What the provider said may hold tokens: the log has the kind of failure alone. */
  function failed(error: unknown, request: Request, response: Response): void {
    const code = error instanceof Error && 'code' in error ? String(error.code).slice(0, 64) : undefined;
    const reason = error instanceof Error ? error.name : typeof error;
    context.log.warn({ event: 'admin-operator-failed', reason, ...(code === undefined ? {} : { code }) });
    const language = languageOf(request, response);
    const body = html`<p><a class="button" href="${ADMIN_PATH}${OPERATOR_PATH}">${language.text('signIn.operator')}</a></p>`;
    sendAdminPage(response, language, { title: language.text('signIn.failed'), body }, 400);
  }
  return router;
}

function discover({ issuer, clientId, clientSecret }: OperatorSignIn): Promise<Configuration> {
  // The configuration takes plain HTTP for this machine alone.
  const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
  return discovery(new URL(issuer), clientId, clientSecret.reveal(), undefined, {
    execute,
    timeout: PROVIDER_MS / 1000,
  });
}

/** Whether one of the rules is for these claims. An e-mail address counts where the provider has verified it. */
function isAllowed(claims: Readonly<Record<string, unknown>>, rules: readonly string[]): boolean {
  const { sub, email, email_verified: isVerified } = claims;
  return rules.some((rule) => {
    const at = rule.indexOf('=');
    if (at > 0) return valuesOf(claims[rule.slice(0, at)]).includes(rule.slice(at + 1));
    if (rule.includes('@') && typeof email === 'string' && isVerified === true) {
      if (email.toLowerCase() === rule.toLowerCase()) return true;
    }
    return sub === rule;
  });
}

/** A claim has one value or several. */
function valuesOf(claim: unknown): unknown[] {
  return Array.isArray(claim) ? claim : [claim];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
