import { createHmac, randomBytes } from 'node:crypto';

/** Users of one room's readers: as many as the doctor's page takes newcomers, and few enough for a relay to serve. */
const READERS = 40;
const ID_BYTES = 6;

/** Which user of a TURN server each tab of a room is. */
export interface RelayUsers {
  /** The composer's user. */
  composer(): string;
  /**
   * The user of a reader from this network: the same each time, so that who comes again and again gets no more of a relay than
   * one reader. Null for networks beyond the fortieth: they connect without a relay.
   */
  reader(network: string): string | null;
}

/**
 * Makes users of rooms. Those of one room stay the same when its composer connects anew; nobody can tell rooms, networks or
 * people by them.
 */
export function createRelayUsers(): (roomId: string) => RelayUsers {
  const key = randomBytes(32);
  return (roomId) => {
    const readers = new Set<string>();
    const idOf = (tab: string): string =>
      createHmac('sha256', key)
        .update(JSON.stringify([roomId, tab]))
        .digest()
        .subarray(0, ID_BYTES)
        .toString('base64url');
    return {
      composer: () => idOf('composer'),
      reader(network) {
        const user = idOf(`reader ${network}`);
        if (!readers.has(user) && readers.size >= READERS) return null;
        readers.add(user);
        return user;
      },
    };
  };
}
