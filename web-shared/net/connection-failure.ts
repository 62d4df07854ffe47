/** What keeps a WebRTC connection from opening, told from what it came to. */
import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import type { TransportInfo } from '../../src/protocol/messages.ts';
import type { PageClock } from '../clock.ts';

/**
 * How long a connection may take to open. Four round trips of a slow phone line are far less, and with the page and its
 * socket whoever sits before it knows within ten seconds.
 */
const OPENING_MS = 7_000;
/** How often it is looked at meanwhile: browsers forget addresses that did not answer. */
const LOOK_MS = 1_000;

/** Where a browser sends from that has no address of this family, as Chromium does all the same. */
const UNSPECIFIED: ReadonlySet<unknown> = new Set(['0.0.0.0', '::']);

/** A connection whose statistics (W3C webrtc-stats) can be asked for. */
export interface Observed {
  getStats(): Promise<RTCStatsReport>;
}

/** How far a connection has come, as far as was seen. */
interface Progress {
  /** This browser found an address of its own to send from. */
  local: boolean;
  /** It had somewhere to send to from there. */
  paired: boolean;
  /** Somebody answered. */
  answered: boolean;
}

/**
 * Watches a connection until it opens.
 *
 * @param opened fulfilled once data can flow; whether and how it rejects does not matter
 * @param connection null while there is none
 * @param policy with `relay` the browser uses no address of its own but what a TURN server gives it
 * @returns null when it opened in time, else what is in the way
 */
export async function failureOf(
  clock: PageClock,
  opened: Promise<unknown>,
  connection: () => Observed | null,
  policy: TransportInfo['iceTransportPolicy'],
): Promise<ConnectionFailure | null> {
  const progress: Progress = { local: false, paired: false, answered: false };
  const isOpen = opened.then(
    () => true,
    () => new Promise<never>(() => undefined),
  );
  for (let passedMs = 0; passedMs < OPENING_MS; passedMs += LOOK_MS) {
    if (await Promise.race([isOpen, passed(clock, LOOK_MS)])) return null;
    await look(connection(), progress);
  }
  if (!progress.local) return policy === 'relay' ? 'data-port-blocked' : 'no-webrtc';
  if (!progress.paired) return 'no-common-address';
  return progress.answered ? 'dtls-failed' : 'data-port-blocked';
}

/** Whether this browser has WebRTC, and lets the page use it: extensions take it away in either way. */
export function hasWebRtc(): boolean {
  try {
    new RTCPeerConnection().close();
    return true;
  } catch {
    return false;
  }
}

/** Whether the page came unencrypted from another machine: browsers encrypt nothing for such a page (W3C Secure Contexts). */
export function isUnencrypted(): boolean {
  return location.protocol === 'http:' && !globalThis.isSecureContext;
}

function passed(clock: PageClock, ms: number): Promise<false> {
  return new Promise((resolve) => clock.after(ms, () => resolve(false)));
}

async function look(connection: Observed | null, progress: Progress): Promise<void> {
  // One that is closed meanwhile is nobody's concern any more.
  const report = await connection?.getStats().catch(() => null);
  for (const entry of report?.values() ?? []) {
    if (entry.type === 'local-candidate') progress.local = true;
    if (entry.type !== 'candidate-pair') continue;
    progress.paired ||= !UNSPECIFIED.has(report?.get(entry.localCandidateId)?.address);
    if (entry.state === 'succeeded' || entry.responsesReceived > 0) progress.answered = true;
  }
}
