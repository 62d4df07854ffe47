/** Finds the resources of a FHIR text, also in bundles inside bundles, and what a reference points to. */
import { bundleSchema, resourceSchema } from './schemas.ts';

/** Where a reference is looked up first: the resources contained in the one that refers. */
export type Scope = ReadonlyMap<string, unknown>;

interface IndexedResource {
  readonly type: string;
  readonly resource: unknown;
  readonly scope: Scope;
}

export interface ResourceIndex {
  readonly resources: readonly IndexedResource[];
  /** By full URL, by `Type/id` and by `#id`. */
  readonly byAddress: Scope;
  readonly tooMany: boolean;
}

const DEPTH_MAX = 5;
const RESOURCES_MAX = 20_000;

/** Everything with a resource type in a parsed text: a resource, a bundle or an array of them. */
export function findResources({ value }: { value: unknown }): ResourceIndex {
  const resources: IndexedResource[] = [];
  const byAddress = new Map<string, unknown>();
  let tooMany = false;
  const visit = (candidate: unknown, depth: number, fullUrl?: string): void => {
    const read = resourceSchema.safeParse(candidate);
    if (!read.success) return;
    if (resources.length >= RESOURCES_MAX || depth > DEPTH_MAX) {
      tooMany = true;
      return;
    }
    const { resourceType: type, id } = read.data;
    if (fullUrl !== undefined) byAddress.set(fullUrl, candidate);
    if (id !== undefined) byAddress.set(`${type}/${id}`, candidate).set(`#${id}`, candidate);
    resources.push({ type, resource: candidate, scope: containedIn(candidate) });
    const bundle = bundleSchema.safeParse(candidate);
    for (const entry of bundle.data?.entry ?? []) visit(entry.resource, depth + 1, entry.fullUrl);
  };
  for (const candidate of Array.isArray(value) ? value : [value]) visit(candidate, 0);
  return { resources, byAddress, tooMany };
}

function containedIn(resource: unknown): Scope {
  const scope = new Map<string, unknown>();
  if (typeof resource !== 'object' || resource === null || !('contained' in resource)) return scope;
  if (!Array.isArray(resource.contained)) return scope;
  for (const inner of resource.contained.slice(0, RESOURCES_MAX)) {
    const id = resourceSchema.safeParse(inner).data?.id;
    if (id !== undefined) scope.set(`#${id}`, inner);
  }
  return scope;
}

/** What a reference points to, or undefined when it is not in the text. Versions (`/_history/…`) are not told apart. */
export function resolve(reference: string, scope: Scope, { byAddress }: ResourceIndex): unknown {
  const address = reference.replace(/\/_history\/.*$/, '');
  return scope.get(address) ?? byAddress.get(address) ?? byAddress.get(address.split('/').slice(-2).join('/'));
}
