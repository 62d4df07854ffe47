import type { IceCandidate } from 'mediasoup/types';
import type { Config } from '../src/config/config.ts';

/** One step of the local preference in a candidate's priority (RFC 8445, section 5.1.2.1). */
const PREFERENCE_STEP = 1 << 8;

/**
 * What a browser is told of a transport's sockets. mediasoup knows one announced address of each; the further ones follow it,
 * each a little less preferred. ICE tries all of them, and the worker answers whichever leads to its socket, so that a
 * doctor inside the hospital and a patient outside each find theirs.
 */
export function announcedCandidates(candidates: readonly IceCandidate[], { rtc }: Pick<Config, 'rtc'>): IceCandidate[] {
  const told = new Set(candidates.map(keyOf));
  return candidates.flatMap((candidate) => {
    const [, ...further] = rtc.listen.find(({ announced }) => announced[0] === candidate.address)?.announced ?? [];
    const added = further
      .map((address, index) => ({
        ...candidate,
        // Candidates of different addresses must not look alike (RFC 8445, section 5.1.1.3).
        foundation: `${candidate.foundation}${index + 1}`,
        priority: candidate.priority - (index + 1) * PREFERENCE_STEP,
        address,
        ip: address,
      }))
      .filter((one) => !told.has(keyOf(one)));
    for (const one of added) told.add(keyOf(one));
    return [candidate, ...added];
  });
}

function keyOf({ protocol, address, port }: IceCandidate): string {
  return `${protocol} ${address} ${port}`;
}
