/** Which other prescriptions one refers to, and which version of its resource it is. */
import * as z from 'zod/mini';
import { type IndexedResource, shortAddress } from './resources.ts';

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
const metaSchema = z.object({
  meta: z.catch(z.optional(z.object({ versionId: text, lastUpdated: text })), undefined),
});

export const LINKS = ['basedOn', 'derivedFrom', 'priorPrescription'] as const;

/** References, as they are written. */
export function linksOf({ resource }: IndexedResource, names: readonly (typeof LINKS)[number][]): string[] {
  const { data } = linksSchema.safeParse(resource);
  const all = names.flatMap((name) => data?.[name] ?? []);
  return all.map((each) => each.reference).filter((each) => each !== undefined);
}

/** Whether one version of a resource is newer than another, by its time or its number; false where neither says it. */
export function isNewer(one: IndexedResource, than: IndexedResource): boolean {
  const [mine, other] = [one, than].map(({ resource }) => metaSchema.safeParse(resource).data?.meta);
  const times = [Date.parse(mine?.lastUpdated ?? ''), Date.parse(other?.lastUpdated ?? '')];
  const [at, otherAt] = times.some(Number.isNaN) ? [Number(mine?.versionId), Number(other?.versionId)] : times;
  return at !== undefined && otherAt !== undefined && at > otherAt;
}

/** Short addresses by which a resource is known. */
export function shortAddresses({ addresses }: IndexedResource): string[] {
  return addresses.map(shortAddress).filter((each) => each !== '');
}
