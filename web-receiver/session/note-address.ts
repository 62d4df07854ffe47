import { toBase64Url } from '../../src/protocol/bytes.ts';
import { type LinkFault, noteLink, readNoteLink } from '../../src/protocol/link.ts';

declare global {
  /** The page's address as it was opened, kept by the script at the very top of the page, which shortens the address. */
  var openedAt: string | undefined;
}

/** Marks what this page keeps in `window.name`. */
const KEPT = 'glir ';
/** Between the link and the readmission token in there; it is in neither. */
const SEPARATOR = '|';

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

/** The readmission token that this tab kept for a reload of this link's page; null when there is none. */
export function keptToken(link: Exclude<ReturnType<typeof readNoteLink>, string>): string | null {
  const [kept, token] = window.name.split(SEPARATOR);
  return kept === `${KEPT}${noteLink('', link.roomId, link.secret)}` ? (token ?? null) : null;
}

/** Keeps a readmission token beside the link, so that a reload is the same reader; null forgets it. */
export function keepToken(token: string | null): void {
  const [kept = ''] = window.name.split(SEPARATOR);
  if (kept.startsWith(KEPT)) window.name = token === null ? kept : `${kept}${SEPARATOR}${token}`;
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
