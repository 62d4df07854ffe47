/** One medicine that stands in a text several times: a request and the statement about it, or two versions of a resource. */
import { type Version, withDoubt } from './doubt.ts';
import type { ReadPrescription } from './prescription.ts';
import { LINKS, linksOf } from './source/links.ts';
import { shortAddress } from './source/resources.ts';

/**
 * Each medicine once. Of those that would be rows and belong together, the first stays, unless another one says that it
 * takes its place; one that says the same goes, and one that says something else is left to the doctor as a choice.
 */
export function onceEach(found: readonly Version[]): ReadPrescription[] {
  const all = withDoubt(found);
  const groups = groupsOf(all);
  const replaced = new Set(all.flatMap(({ resource }) => linksOf(resource, ['priorPrescription']).map(shortAddress)));
  const isReplaced = ({ resource }: Version): boolean =>
    resource.addresses.some((each) => replaced.has(shortAddress(each)));
  const firsts = new Map<number, ReadPrescription>();
  const rows = all.map((version, place) => ({ version, group: groups[place] ?? place }));
  for (const wanted of [false, true]) {
    for (const { version, group } of rows) {
      const isCandidate = version.read.kind === 'row' && isReplaced(version) === wanted;
      if (isCandidate && !firsts.has(group)) firsts.set(group, version.read);
    }
  }
  const choices = new Set<string>();
  const isRepeated = ({ kind, why, row }: ReadPrescription, group: number): boolean => {
    if (kind !== 'choice') return false;
    const said = JSON.stringify([group, why, row]);
    const isKnown = choices.has(said);
    choices.add(said);
    return isKnown;
  };
  return rows.flatMap(({ version: { read }, group }) => {
    const first = firsts.get(group);
    if (isRepeated(read, group)) return [];
    if (first === undefined || first === read) return [read];
    if (read.kind !== 'row') return isIssueOf(read, first) ? [] : [read];
    const isSame = JSON.stringify(first.row) === JSON.stringify(read.row);
    return isSame ? [] : [{ ...read, kind: 'choice' as const, why: 'same-medicine' as const }];
  });
}

/** The plan that is carried out, or one dispensing of it that is over: when it says the same, it says nothing new. */
function isIssueOf({ why, row }: ReadPrescription, first: ReadPrescription): boolean {
  const fields = ['name', 'strength', 'dose', 'when'] as const;
  return (
    (why === 'planned' || why === 'completed') && fields.every((field) => row.cells[field] === first.row.cells[field])
  );
}

/** For each one the place of the first that it belongs to, over as many links as there are. */
function groupsOf(all: readonly Version[]): number[] {
  const groups = all.map((_, place) => place);
  const rootOf = (place: number): number => {
    let root = place;
    while (groups[root] !== undefined && groups[root] !== root) root = groups[root] ?? root;
    return root;
  };
  const join = (a: number, b: number): void => {
    const [low, high] = [rootOf(a), rootOf(b)].sort((x, y) => x - y);
    if (low !== undefined && high !== undefined) groups[high] = low;
  };
  const places = new Map<string, number>();
  all.forEach(({ resource }, place) => {
    for (const address of resource.addresses.map(shortAddress).filter((each) => each !== '')) {
      const earlier = places.get(address);
      if (earlier === undefined) places.set(address, place);
      else if (resource.type === all[earlier]?.resource.type) join(earlier, place);
    }
  });
  all.forEach(({ resource }, place) => {
    for (const address of linksOf(resource, LINKS)) {
      const target = places.get(shortAddress(address));
      if (target !== undefined) join(target, place);
    }
  });
  return groups.map((_, place) => rootOf(place));
}
