/** Prescriptions that another resource of the same text speaks against: the doctor decides on them. */
import type { ReadPrescription } from './prescription.ts';
import { isNewer, linksOf, shortAddresses } from './source/links.ts';
import { type IndexedResource, shortAddress } from './source/resources.ts';

export interface Version {
  readonly resource: IndexedResource;
  readonly read: ReadPrescription;
}

const NOT_TAKEN: readonly unknown[] = ['stopped', 'not-taken', 'on-hold'];

/**
 * The same versions. One that would be a row is only a choice when a newer version of its resource is in the text, or
 * when of a request and the statement about it the other one says that the medicine is no longer taken.
 */
export function withDoubt(all: readonly Version[]): Version[] {
  const newest = newestOf(all);
  const against = opponentsOf(all);
  return all.map((version) => {
    const { read, resource } = version;
    if (read.kind !== 'row') return version;
    const other = newest.get(resource.address) ?? version;
    const isOld = other !== version && isNewer(other.resource, resource);
    const why = against.get(version) ?? (isOld ? 'same-medicine' : null);
    return why === null ? version : { ...version, read: { ...read, kind: 'choice', why } };
  });
}

function newestOf(all: readonly Version[]): ReadonlyMap<string, Version> {
  const newest = new Map<string, Version>();
  for (const version of all) {
    const { address } = version.resource;
    const known = newest.get(address);
    if (address !== '' && (known === undefined || isNewer(version.resource, known.resource)))
      newest.set(address, version);
  }
  return newest;
}

/** For each version why a request or a statement that it is linked to is not taken any longer. */
function opponentsOf(all: readonly Version[]): ReadonlyMap<Version, Version['read']['why']> {
  const byAddress = new Map(all.flatMap((version) => shortAddresses(version.resource).map((each) => [each, version])));
  const found = new Map<Version, Version['read']['why']>();
  for (const version of all) {
    for (const link of linksOf(version.resource, ['basedOn', 'derivedFrom'])) {
      const other = byAddress.get(shortAddress(link));
      if (other === undefined || other.resource.type === version.resource.type) continue;
      if (NOT_TAKEN.includes(other.read.why)) found.set(version, other.read.why);
      if (NOT_TAKEN.includes(version.read.why)) found.set(other, version.read.why);
    }
  }
  return found;
}
