import { wholeNumber } from './fields.ts';
import { withDefault } from './variable.ts';

/** Beyond this a limit is none. */
const MOST = 1_000_000;

const limit = (about: string, fallback: string, example: string) =>
  withDefault(wholeNumber(1, MOST), { group: 'Limits', about, default: fallback, example });

/**
 * How much one address, one doctor and one organisation may ask for. An address may be a whole hospital behind one NAT,
 * so what it may do is far above what its people do, and far below what harms others.
 */
export const limitVariables = {
  GLIR_LIMIT_REQUESTS: limit(
    'Requests from one address in a minute: HTTP, new sockets, and messages on sockets that have shown neither a ticket nor a note link. IPv6 counts by /64 network.',
    '12000',
    '3000',
  ),
  GLIR_LIMIT_SOCKETS: limit(
    'Signalling sockets that one address may have open at once: one for each page in use. A quarter as many may be connections that are no such socket, and a quarter sockets of which nobody knows yet whose they are.',
    '4000',
    '1000',
  ),
  GLIR_LIMIT_ENTRIES: limit(
    'Notes that may be opened, joined or come back to from one address in a minute, by doctors and patients together.',
    '3000',
    '600',
  ),
  GLIR_LIMIT_WRONG_TRIES: limit(
    'Tickets, note links and owner tokens that one address may get wrong within ten minutes. After that GLIR no longer says what was wrong, and closes the socket. A right one still works.',
    '100',
    '20',
  ),
  GLIR_LIMIT_USER_NOTES: limit('Notes that one doctor may begin within an hour.', '200', '30'),
  GLIR_LIMIT_USER_ROOMS: limit('Notes that one doctor may have open at once, drafts included.', '100', '20'),
  GLIR_LIMIT_TENANT_NOTES: limit(
    "Notes that one workspace's or organisation's doctors may begin within an hour.",
    '5000',
    '500',
  ),
  GLIR_LIMIT_TENANT_ROOMS: limit(
    "Notes that one workspace's or organisation's doctors may have open at once, drafts included. Counts for the local chat too.",
    '5000',
    '500',
  ),
};
