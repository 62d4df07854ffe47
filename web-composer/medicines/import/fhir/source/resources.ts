/** Finds the resources of a FHIR text, also in bundles inside bundles, and what a reference points to. */
import * as z from 'zod/mini';
import { isProperties } from './element.ts';

/** Where a reference is looked up first: the resources contained in the one that refers. */
export type Scope = ReadonlyMap<string, unknown>;

export interface IndexedResource {
  readonly type: string;
  /** `Type/id`; '' for a resource without an id. */
  readonly address: string;
  /** All addresses by which another resource may refer to it. */
  readonly addresses: readonly string[];
  readonly resource: Readonly<Record<string, unknown>>;
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

const resourceSchema = z.object({
  resourceType: z.string().check(z.regex(/^[A-Za-z]{1,64}$/)),
  id: z.catch(z.optional(z.string()), undefined),
});
const entrySchema = z.object({
  fullUrl: z.catch(z.optional(z.string()), undefined),
  resource: z.optional(z.unknown()),
});

/** Everything with a resource type among parsed values: a resource, a bundle or an array of them. */
export function findResources(values: readonly unknown[]): ResourceIndex {
  const resources: IndexedResource[] = [];
  const byAddress = new Map<string, unknown>();
  let tooMany = false;
  const visit = (candidate: unknown, depth: number, fullUrl?: string): void => {
    const found = indexed(candidate, fullUrl);
    if (found === null) return;
    if (resources.length >= RESOURCES_MAX || depth > DEPTH_MAX) {
      tooMany = true;
      return;
    }
    for (const address of found.addresses) byAddress.set(address, candidate);
    resources.push(found);
    for (const { resource, url } of entriesOf(found)) visit(resource, depth + 1, url);
  };
  for (const value of values) for (const candidate of listOf(value)) visit(candidate, 0);
  return { resources, byAddress, tooMany };
}

/** Null when it is no resource. */
function indexed(candidate: unknown, fullUrl: string | undefined): IndexedResource | null {
  const { data } = resourceSchema.safeParse(candidate);
  if (data === undefined || !isProperties(candidate)) return null;
  const { resourceType: type, id } = data;
  const address = id === undefined ? '' : `${type}/${id}`;
  const own = id === undefined ? [] : [address, `#${id}`];
  const addresses = fullUrl === undefined ? own : [fullUrl, ...own];
  return { type, address, addresses, resource: candidate, scope: containedIn(candidate) };
}

const parameterSchema = z.object({ resource: z.optional(z.unknown()), part: z.optional(z.unknown()) });

/** What a resource holds: a Bundle its entries, a List what is contained in it, Parameters their resources. */
function entriesOf({ type, resource }: IndexedResource): { resource: unknown; url: string | undefined }[] {
  if (type === 'List') return listOf(resource['contained']).map((inner) => ({ resource: inner, url: undefined }));
  if (type === 'Parameters') return parametersIn(resource['parameter'], 0);
  if (type !== 'Bundle') return [];
  return listOf(resource['entry']).flatMap((entry) => {
    const { data } = entrySchema.safeParse(entry);
    return data === undefined ? [] : [{ resource: data.resource, url: data.fullUrl }];
  });
}

function parametersIn(parameters: unknown, depth: number): { resource: unknown; url: undefined }[] {
  if (depth > DEPTH_MAX) return [];
  return listOf(parameters).flatMap((parameter) => {
    const { data } = parameterSchema.safeParse(parameter);
    if (data === undefined) return [];
    return [{ resource: data.resource, url: undefined }, ...parametersIn(data.part ?? [], depth + 1)];
  });
}

/** A list as it is, and one thing as a list of one, as a list of one stands in XML. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function containedIn(resource: Readonly<Record<string, unknown>>): Scope {
  const scope = new Map<string, unknown>();
  for (const inner of listOf(resource['contained']).slice(0, RESOURCES_MAX)) {
    const id = resourceSchema.safeParse(inner).data?.id;
    if (id !== undefined) scope.set(`#${id}`, inner);
  }
  return scope;
}

/** What a reference points to, or undefined when it is not in the text. Versions (`/_history/…`) are not told apart. */
export function resolve(reference: string, scope: Scope, { byAddress }: ResourceIndex): unknown {
  const address = withoutVersion(reference);
  return scope.get(address) ?? byAddress.get(address) ?? byAddress.get(lastTwo(address));
}

/** `Patient/1` for `https://example.org/fhir/Patient/1/_history/3`. */
export function shortAddress(reference: string): string {
  return lastTwo(withoutVersion(reference));
}

function withoutVersion(reference: string): string {
  return reference.replace(/\/_history\/.*$/, '');
}

function lastTwo(address: string): string {
  return address.split('/').slice(-2).join('/');
}
