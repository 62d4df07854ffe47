import type { Request, RequestHandler, Response } from 'express';
import type { AddressLimits } from '../limits/address-limits.ts';
import type { Networks } from '../limits/client-network.ts';
import { SIGNED_PATHS } from '../limits/signed-paths.ts';
import { costOf } from './header-limits.ts';
import { sendTrouble, troublePages } from './trouble-pages.ts';

/** Longer than any address of ours, with what chat platforms add when they redirect from an installation. */
const URL_CHARACTERS = 4_096;
const WAIT_FOR_BODIES_SECONDS = 5;

/** Answers a network's requests beyond its limit with 429 and the time to wait, and closes the connection. */
export function requestLimits(limits: AddressLimits, networks: Networks): RequestHandler {
  const pages = troublePages();

  function refuse(request: Request, response: Response, waitSeconds: number): void {
    response.set({ 'Retry-After': String(waitSeconds), Connection: 'close' });
    const next = `Wait ${waitSeconds} s, then try again.`;
    // The local chat shows its answer's messages.
    const messages = request.path === '/local/command' ? { messages: [{ kind: 'error', next }] } : {};
    const data = { error: 'too-often', next, ...messages };
    sendTrouble(request, response, { status: 429, page: pages.busy, data });
  }

  return async (request, response, next) => {
    if (request.url.length > URL_CHARACTERS) {
      response.set('Connection', 'close');
      const data = { error: 'too-large', next: 'Check the address, or ask for the link again.' };
      return sendTrouble(request, response, { status: 414, page: pages.missing, data });
    }
    const network = networks.of(request);
    const excess = await limits.request(network, costOf(request));
    if (excess !== null) return refuse(request, response, excess.waitSeconds);
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    if (length !== '0' || encoding !== undefined) {
      const release = limits.bodies.acquire(network, () => request.destroy());
      if (release === null) return refuse(request, response, WAIT_FOR_BODIES_SECONDS);
      request.once('end', release);
      response.once('close', release);
      // Node would read an unwanted body to its end, however long.
      if (!SIGNED_PATHS.has(request.path)) response.set('Connection', 'close');
      else {
        response.once('finish', () => response.statusCode < 400 && void limits.signed(network, costOf(request)));
      }
    }
    next();
  };
}
