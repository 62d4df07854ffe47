/** One medicine that stands in a text several times: a request and the statement about it, or two versions of a resource. */
import * as z from 'zod/mini';
import type { ReadPrescription } from './prescription.ts';
import { type IndexedResource, shortAddress } from './source/resources.ts';

const text = z.catch(z.optional(z.string()), undefined);
const reference = z.object({ reference: text });
const list = z.catch(
  z.union([
    z.array(z.catch(reference, { reference: undefined })),
    z.pipe(
      reference,
      z.transform((one) => [one]),
    ),
  ]),
  [],
);
const linksSchema = z.object({ basedOn: list, derivedFrom: list, priorPrescription: list });

export interface Version {
  readonly resource: IndexedResource;
  readonly read: ReadPrescription;
}

/**
 * Each medicine once. Of those that would be rows and belong together, the first stays, unless another one says that it
 * takes its place; one that says the same goes, and one that says something else is left to the doctor as a choice.
 */
export function onceEach(all: readonly Version[]): ReadPrescription[] {
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
  return rows.flatMap(({ version: { read }, group }) => {
    const first = firsts.get(group);
    if (read.kind !== 'row' || first === undefined || first === read) return [read];
    const isSame = JSON.stringify(first.row) === JSON.stringify(read.row);
    return isSame ? [] : [{ ...read, kind: 'choice' as const, why: 'same-medicine' as const }];
  });
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

const LINKS = ['basedOn', 'derivedFrom', 'priorPrescription'] as const;

function linksOf({ resource }: IndexedResource, names: readonly (typeof LINKS)[number][]): string[] {
  const { data } = linksSchema.safeParse(resource);
  const all = names.flatMap((name) => data?.[name] ?? []);
  return all.map((each) => each.reference).filter((each) => each !== undefined);
}
