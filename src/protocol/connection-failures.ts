import * as z from 'zod/mini';

/** What a page finds to keep it from the note, in its own browser or on its way to the server. */
export const CONNECTION_FAILURES = [
  /** The browser has no WebRTC, or may not use it: policy, Lockdown Mode, an extension. */
  'no-webrtc',
  /** No address of the data channels answered, by UDP or TCP (ICE, RFC 8445). */
  'data-port-blocked',
  /** The browser has addresses of another family than every one that was announced, such as IPv6 only. */
  'no-common-address',
  /** An address answered, but no encrypted connection (DTLS, RFC 6347) came of it. */
  'dtls-failed',
  /** The server answers HTTP, but no WebSocket opens. */
  'socket-blocked',
  /** WebSockets open, and something ends them again and again. */
  'socket-cut',
] as const;
export type ConnectionFailure = (typeof CONNECTION_FAILURES)[number];

/** Whose page it is. */
export const PAGE_SIDES = ['composer', 'reader'] as const;
export type PageSide = (typeof PAGE_SIDES)[number];

/** The longest life of a socket that is told, in seconds. */
const CUT_SECONDS_MAX = 3_600;

/** How long the sockets lived that were cut; to name a time limit of a proxy. */
export const cutSeconds = z.int().check(z.minimum(0), z.maximum(CUT_SECONDS_MAX));

/** Where a page tells of a failure that it cannot tell over its socket. */
export const FAILURE_PATH = '/connection-failed';

/** Body of that POST. `room`: the first characters of the room's id, where the page knows it. */
export const failureReportSchema = z.strictObject({
  side: z.enum(PAGE_SIDES),
  code: z.enum(CONNECTION_FAILURES),
  room: z.exactOptional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,8}$/))),
});
export type FailureReport = z.infer<typeof failureReportSchema>;
