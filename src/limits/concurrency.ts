import { prefixesOf } from './client-network.ts';

/** Limits how many of something there are at once, for each network, for the wider networks that it is part of, and altogether. */
export interface ConcurrencyLimit {
  /**
   * Takes one; gives the function that releases it, which may be called again. Null when there is none left.
   *
   * @param onEvicted called when somebody else gets the place, in a limit that gives the oldest one of the most crowded
   * network away; without it the place is kept
   */
  acquire(network: string, onEvicted?: () => void): (() => void) | null;
  /** Whether one more of this network would get a place that nobody has. */
  hasPlace(network: string): boolean;
}

interface Place {
  readonly network: string;
  readonly onEvicted: (() => void) | undefined;
}

/** Places of one prefix, by the next narrower ones; those of a network, the oldest first. */
interface Group {
  count: number;
  readonly within: Map<string, Group>;
  readonly places: Set<Place>;
}

/**
 * @param each how many one network may have; wider ones may have a few times as many
 * @param total how many all may have together
 * @param evicts whether a newcomer gets the place of the oldest one of the most crowded network, rather than none
 * @param onFull called whenever there is no place left
 */
export function createConcurrencyLimit({
  each,
  total,
  evicts = false,
  onFull = () => undefined,
}: {
  each: number;
  total: number;
  evicts?: boolean;
  onFull?: () => void;
}): ConcurrencyLimit {
  const all = emptyGroup();

  function groupsOf(network: string): Group[] {
    const groups: Group[] = [all];
    let group: Group | undefined = all;
    for (const { key } of prefixesOf(network)) {
      group = group?.within.get(key);
      if (group === undefined) break;
      groups.push(group);
    }
    return groups;
  }

  /** The widest part of the way to `network` that has no place left; null when there is one. */
  function fullGroup(network: string): Group | null {
    if (all.count >= total) return all;
    const groups = groupsOf(network);
    const shares = prefixesOf(network).map(({ share }) => share);
    return groups.find((group, level) => level > 0 && group.count >= each * (shares[level - 1] ?? 1)) ?? null;
  }

  function add(place: Place): void {
    all.count += 1;
    let group = all;
    for (const { key } of prefixesOf(place.network)) {
      const next = group.within.get(key) ?? emptyGroup();
      group.within.set(key, next);
      next.count += 1;
      group = next;
    }
    group.places.add(place);
  }

  function remove(place: Place): void {
    const groups = groupsOf(place.network);
    if (groups.at(-1)?.places.delete(place) !== true) return;
    for (const group of groups) group.count -= 1;
    prefixesOf(place.network).forEach(({ key }, level) => {
      if (groups[level + 1]?.count === 0) groups[level]?.within.delete(key);
    });
  }

  return {
    hasPlace: (network) => fullGroup(network) === null,
    acquire(network, onEvicted) {
      const full = fullGroup(network);
      if (full !== null) {
        onFull();
        const oldest = evicts ? oldestIn(full, network) : null;
        if (oldest?.onEvicted === undefined) return null;
        remove(oldest);
        oldest.onEvicted();
      }
      const place: Place = { network, onEvicted };
      add(place);
      return () => remove(place);
    },
  };
}

/** See `oldestOfMostCrowded`; of networks that are as crowded as the newcomer's, it is the newcomer's that gives. */
function oldestIn(group: Group, newcomer: string): Place | null {
  const own = new Set(prefixesOf(newcomer).map(({ key }) => key));
  let crowd = group;
  while (crowd.within.size > 0) {
    let most: Group | null = null;
    for (const [key, one] of crowd.within) {
      if (most === null || one.count > most.count || (one.count === most.count && own.has(key))) most = one;
    }
    if (most === null) break;
    crowd = most;
  }
  const [oldest = null] = crowd.places;
  return oldest;
}

/**
 * Of those who are here, the oldest first, the one whose place somebody else may have. At each width it is the most crowded
 * network that gives, so that whoever has many narrow ones within a wide one takes no place of others.
 */
export function oldestOfMostCrowded<Item>(here: readonly Item[], networkOf: (item: Item) => string): Item | undefined {
  let crowd = here;
  for (let width = 0; ; width++) {
    const within = Map.groupBy(crowd, (item) => prefixesOf(networkOf(item))[width]?.key ?? null);
    if (within.size === 0 || (within.size === 1 && within.has(null))) return crowd[0];
    for (const [index, one] of [...within.values()].entries())
      if (index === 0 || one.length > crowd.length) crowd = one;
  }
}

function emptyGroup(): Group {
  return { count: 0, within: new Map(), places: new Set() };
}
