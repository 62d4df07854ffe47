/** Whose prescriptions a text holds. */
import * as z from 'zod/mini';
import { type IndexedResource, type ResourceIndex, resolve, shortAddress } from './resources.ts';

const text = z.catch(z.optional(z.string()), undefined);
const identifierSchema = z.catch(z.optional(z.object({ system: text, value: text })), undefined);
const subjectSchema = z.object({ reference: text, identifier: identifierSchema, display: text });
const withSubject = z.object({
  subject: z.catch(z.optional(subjectSchema), undefined),
  // DSTU2 calls the subject of a statement so.
  patient: z.catch(z.optional(subjectSchema), undefined),
});
const list = z.catch(
  z.union([
    z.array(z.unknown()),
    z.pipe(
      z.unknown(),
      z.transform((one) => [one]),
    ),
  ]),
  [],
);
const patientSchema = z.object({ identifier: list, name: list, birthDate: text });

/**
 * How many people these resources are for, as far as the text tells. Everything without a subject counts as one unknown
 * person. Two references are one person when they lead to the same resource, or to ones with the same identifier.
 */
export function countPatients(resources: readonly IndexedResource[], index: ResourceIndex): number {
  const servers = new Map<string, Set<string>>();
  for (const each of resources) {
    const { key, server } = patientOf(each, index);
    const known = servers.get(key) ?? new Set();
    servers.set(key, server === '' ? known : known.add(server));
  }
  // Number 1 of one hospital is not number 1 of another.
  return [...servers.values()].reduce((sum, known) => sum + Math.max(1, known.size), 0);
}

/** `server` is where a reference leads that cannot be followed here; '' when it does not say. */
function patientOf({ resource, scope }: IndexedResource, index: ResourceIndex): { key: string; server: string } {
  const { data } = withSubject.safeParse(resource);
  const subject = data?.subject ?? data?.patient;
  if (subject === undefined) return { key: '', server: '' };
  const { reference, identifier, display } = subject;
  if (reference !== undefined) {
    const address = shortAddress(reference);
    const found = resolve(reference, scope, index);
    if (found !== undefined) return { key: fingerprint(found, address), server: '' };
    return {
      key: address,
      server: /^(https?:\/\/.+?)\/[A-Za-z]+\/[^/]+(?:\/_history\/.*)?$/.exec(reference)?.[1] ?? '',
    };
  }
  return { key: identifier === undefined ? (display ?? '') : identifierText(identifier), server: '' };
}

/** What is the same in two copies of one patient. */
function fingerprint(patient: unknown, address: string): string {
  const { data } = patientSchema.safeParse(patient);
  const [first] = data?.identifier ?? [];
  const identifier = identifierSchema.safeParse(first).data;
  if (identifier?.value !== undefined) return identifierText(identifier);
  const person = JSON.stringify([data?.name ?? [], data?.birthDate ?? '']);
  return person === '[[],""]' ? address : person;
}

function identifierText({ system, value }: { system?: string | undefined; value?: string | undefined }): string {
  return JSON.stringify([system ?? '', value ?? '']);
}
