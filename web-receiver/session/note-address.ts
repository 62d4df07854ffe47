import { toBase64Url } from '../../src/protocol/bytes.ts';
import { type LinkFault, noteLink, readNoteLink } from '../../src/protocol/link.ts';

declare global {
  /** The page's address as it was opened, kept by the script at the very top of the page, which shortens the address. */
  var openedAt: string | undefined;
}

/** Marks what this page keeps in `window.name`. */
const KEPT = 'glir ';
/** Between the link, and what a reload goes on from, in there; it is in neither. */
const SEPARATOR = '|';

/**
 * What makes a reloaded page the same reader to the doctor: the readmission token of one that had the note, or the first knock,
 * as text, of one that still waited.
 */
export type KeptReader = { readmissionToken: string } | { firstKnock: string };

/**
 * The link that the page was opened with. The script at the top of the page has taken the secret out of the address bar
 * and out of the tab's history before. So that the page can be reloaded, the secret stays in `window.name`: that is in the
 * memory of this tab alone, browsers empty it when the tab goes to another site, and none writes it to the disk.
 */
export function takeNoteLink(): ReturnType<typeof readNoteLink> {
  const opened = new URL(globalThis.openedAt ?? location.href);
  globalThis.openedAt = undefined;
  const link = readNoteLink(opened);
  if (typeof link !== 'string') {
    // Also without what a program wrote into the path.
    history.replaceState(null, '', `/n/${link.roomId}`);
    const kept = `${KEPT}${noteLink('', link.roomId, link.secret)}`;
    // The same link once more: what is kept beside it stays.
    if (window.name.split(SEPARATOR)[0] !== kept) window.name = kept;
    return link;
  }
  return (link === 'no-secret' && keptFor(opened)) || forget(link);
}

/** What this tab kept for a reload of this link's page; null when there is nothing. */
export function keptReader(link: Exclude<ReturnType<typeof readNoteLink>, string>): KeptReader | null {
  const [kept, kind, value = ''] = window.name.split(SEPARATOR);
  if (kept !== `${KEPT}${noteLink('', link.roomId, link.secret)}`) return null;
  if (kind === 'readmissionToken') return { readmissionToken: value };
  return kind === 'firstKnock' ? { firstKnock: value } : null;
}

/** Keeps beside the link what makes a reload the same reader; null forgets it. */
export function keepReader(reader: KeptReader | null): void {
  const [kept = ''] = window.name.split(SEPARATOR);
  if (!kept.startsWith(KEPT)) return;
  window.name = [kept, ...Object.entries(reader ?? {}).flat()].join(SEPARATOR);
}

/** The whole link again, to be copied into another browser. */
export function wholeLink(
  { roomId, secret }: Exclude<ReturnType<typeof readNoteLink>, string>,
  origin = location.origin,
): string {
  return noteLink(origin, roomId, secret);
}

function keptFor({ pathname }: URL): Exclude<ReturnType<typeof readNoteLink>, string> | null {
  if (!window.name.startsWith(KEPT)) return null;
  const kept = readNoteLink(new URL(window.name.slice(KEPT.length).split(SEPARATOR)[0] ?? '', location.origin));
  if (typeof kept === 'string') return null;
  // Another link, whose secret was lost, must not open this one.
  const asked = readNoteLink({ pathname, hash: `#${toBase64Url(kept.secret)}` });
  return typeof asked !== 'string' && asked.roomId === kept.roomId ? kept : null;
}

function forget(fault: LinkFault): LinkFault {
  window.name = '';
  return fault;
}
