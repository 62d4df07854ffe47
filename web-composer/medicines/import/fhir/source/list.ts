/** A FHIR List: which of its entries are in the text, and which it says are no longer taken. */
import * as z from 'zod/mini';
import { type IndexedResource, listOf, type ResourceIndex, resolve, shortAddress } from './resources.ts';

const text = z.catch(z.optional(z.string()), undefined);
const coded = z.object({ coding: z.catch(z.optional(z.unknown()), undefined) });
const entrySchema = z.object({
  item: z.catch(z.optional(z.object({ reference: text })), undefined),
  deleted: z.catch(z.optional(z.unknown()), undefined),
  flag: z.catch(z.optional(coded), undefined),
});
const codingSchema = z.object({ code: text });

/** HL7's flags (https://terminology.hl7.org/CodeSystem-list-item-flag.html) for what is not to be taken any longer. */
const ENDED = ['ceased', 'cancelled', 'suspended', 'stopped', 'removed'];

/** Short addresses of what a List has as deleted, ceased or suspended. */
export function withdrawnFrom({ resources }: ResourceIndex): ReadonlySet<string> {
  const entries = resources.filter(({ type }) => type === 'List').flatMap(entriesIn);
  return new Set(entries.flatMap(({ address, isEnded }) => (isEnded && address !== '' ? [shortAddress(address)] : [])));
}

/** Whether it is a List whose entries all stand in the text, so that nothing of it is missing. */
export function isWholeList(list: IndexedResource, index: ResourceIndex): boolean {
  return (
    list.type === 'List' &&
    entriesIn(list).every(({ address, isEnded }) => isEnded || resolve(address, list.scope, index) !== undefined)
  );
}

function entriesIn({ resource }: IndexedResource): { address: string; isEnded: boolean }[] {
  return listOf(resource['entry'] ?? []).flatMap((entry) => {
    const { data } = entrySchema.safeParse(entry);
    if (data === undefined) return [];
    const codes = listOf(data.flag?.coding ?? []).map((coding) => codingSchema.safeParse(coding).data?.code);
    const isDeleted = data.deleted === true || data.deleted === 'true';
    const isEnded = isDeleted || codes.some((code) => code !== undefined && ENDED.includes(code));
    return [{ address: data.item?.reference ?? '', isEnded }];
  });
}
