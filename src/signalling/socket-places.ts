import type { AddressLimits } from '../limits/address-limits.ts';

/** The place of one socket: among those that have shown nothing, or among doctors or readers. */
export interface SocketPlaces {
  /** The socket shows a ticket, an owner token or a link. False when there is no place for it. */
  take(as: 'composer' | 'reader'): boolean;
  /** What it showed was none, or it is nobody's any more. */
  giveBack(): void;
  /** The socket is closed. */
  leave(): void;
}

/**
 * A socket that has shown nothing yet has a place that newcomers of other networks may get; `evict` then closes it. Null when
 * there is none.
 */
export function createSocketPlaces(limits: AddressLimits, network: string, evict: () => void): SocketPlaces | null {
  let releases: readonly (() => void)[] = [];
  let isShown = false;
  let isClosed = false;

  function leave(): void {
    for (const release of releases) release();
    releases = [];
  }

  /** Takes all of them or none. */
  function acquire(all: readonly (() => (() => void) | null)[]): boolean {
    const taken: (() => void)[] = [];
    for (const one of all) {
      const release = one();
      if (release === null) {
        for (const back of taken) back();
        return false;
      }
      taken.push(release);
    }
    leave();
    releases = taken;
    return true;
  }

  function waitUnknown(): boolean {
    return acquire([() => limits.unauthenticated.acquire(network, evict)]);
  }

  if (!waitUnknown()) return null;
  return {
    take(as) {
      if (isShown || isClosed) return !isClosed;
      const all = [() => limits.sockets.acquire(network)];
      if (as === 'reader') all.push(() => limits.readers.acquire(network));
      isShown = acquire(all);
      return isShown;
    },
    giveBack() {
      if (!isShown || isClosed) return;
      isShown = false;
      if (!waitUnknown()) evict();
    },
    leave() {
      isClosed = true;
      leave();
    },
  };
}
