/** Bold, italics and links inside a block of light Markdown. Every other mark stays in the text. */

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'strong' | 'em'; readonly content: readonly Inline[] }
  /** The address that is shown is the address that it leads to. */
  | { readonly kind: 'link'; readonly href: string; readonly shown: string };

/** Bold inside italics inside bold …, at most. */
const DEPTH_MAX = 8;
const LINK = /\[([^[\]\n]{1,300})\]\(([^\s()<>]{1,2000})\)/y;
const ANGLE = /<((?:https?:\/\/|mailto:|tel:)[^\s<>]{1,2000})>/y;
const BARE = /https?:\/\/[^\s<>"]{1,2000}/y;
const PUNCTUATION = /[.,;:!?)\]}'"»”]+$/;
const ESCAPED = /\\([\\*_[\]()#+\-.`<>])/y;
const CODE = /`{1,3}/y;
const MARK = /\*{1,3}|_{1,3}/y;
const BEGINS_LINK = '[<h';
const PLAIN = /[^\\[<`*_h]+/y;
const SCHEMES = ['http:', 'https:', 'tel:', 'mailto:'];

interface Open {
  readonly mark: string;
  readonly content: Inline[];
}

/** Reads a block's text; line breaks stay in it. */
export function readInline(text: string): Inline[] {
  const top: Inline[] = [];
  const open: Open[] = [];
  const codeless = new Set<string>();
  const here = (): Inline[] => open.at(-1)?.content ?? top;
  /** An opening mark without an end is text. */
  const giveUp = (from: number): void => {
    for (const { mark, content } of open.splice(from)) {
      say(here(), mark);
      for (const each of content) put(here(), each);
    }
  };
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const plain = match(PLAIN);
    if (plain !== null) {
      say(here(), plain[0]);
      at += plain[0].length;
      continue;
    }
    const begin = text.charAt(at);
    const link = BEGINS_LINK.includes(begin) ? linkAt(begin, match) : null;
    const length = link?.length ?? literalLength(text, at, match, codeless);
    if (link !== null) for (const each of link.content) put(here(), each);
    else if (length > 0) say(here(), text.slice(at, at + length).replace(/^\\(?=.)/, ''));
    else at += takeMark(match(MARK), text, at, { open, here, giveUp });
    at += length;
  }
  giveUp(0);
  return top;
}

interface Marks {
  readonly open: Open[];
  here(): Inline[];
  giveUp(from: number): void;
}

/** Opens or closes bold and italics at a run of stars or underscores; gives the characters taken. */
function takeMark(run: RegExpExecArray | null, text: string, at: number, { open, here, giveUp }: Marks): number {
  const [mark = text.charAt(at)] = run ?? [];
  const before = text.charAt(at - 1);
  const after = text.charAt(at + mark.length);
  const isMark = run !== null && after !== mark.charAt(0) && before !== mark.charAt(0);
  const start = open.findLastIndex((each) => each.mark === mark);
  if (isMark && start >= 0 && /\S/.test(before) && !/[\p{L}\p{N}]/u.test(after)) {
    giveUp(start + 1);
    const [ended] = open.splice(start, 1);
    put(here(), emphasis(mark.length, ended?.content ?? []));
  } else if (isMark && open.length < DEPTH_MAX && /\S/.test(after) && !/[\p{L}\p{N}]/u.test(before)) {
    open.push({ mark, content: [] });
  } else say(here(), mark);
  return mark.length;
}

function emphasis(marks: number, content: readonly Inline[]): Inline {
  if (marks === 3) return { kind: 'strong', content: [{ kind: 'em', content }] };
  return { kind: marks === 2 ? 'strong' : 'em', content };
}

/** A link, as its text, if it has one, and its address. */
function linkAt(
  begin: string,
  match: (pattern: RegExp) => RegExpExecArray | null,
): { content: Inline[]; length: number } | null {
  const [found, said = '', address = ''] = begin === '[' ? (match(LINK) ?? []) : [];
  if (found !== undefined) {
    const link = addressLink(address);
    if (link === null) return null;
    const same = said === link.shown || said === address;
    const text = (words: string): Inline => ({ kind: 'text', text: words });
    return { content: same ? [link] : [text(`${said} (`), link, text(')')], length: found.length };
  }
  const [angle, inside = ''] = begin === '<' ? (match(ANGLE) ?? []) : [];
  const bare = begin === 'h' ? match(BARE)?.[0].replace(PUNCTUATION, '') : undefined;
  const link = addressLink(angle === undefined ? (bare ?? '') : inside);
  return link === null ? null : { content: [link], length: (angle ?? bare ?? '').length };
}

/** Only addresses that a patient can check by eye: what is shown is where it leads, in plain letters. */
function addressLink(address: string): (Inline & { kind: 'link' }) | null {
  if (!/^[!-~]+$/.test(address) && !/^https?:\/\/[^\p{C}\s]+$/u.test(address)) return null;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !SCHEMES.includes(url.protocol) || url.username !== '' || url.password !== '') return null;
  const { href } = url;
  const shown = href === `${address}/` ? address : href;
  return { kind: 'link', href, shown: shown.replace(/^(?:tel|mailto):/, '') };
}

/** How many characters from here on are text, whatever they look like: an escaped mark, code, a sign on its own. */
function literalLength(
  text: string,
  at: number,
  match: (pattern: RegExp) => RegExpExecArray | null,
  codeless: Set<string>,
): number {
  const begin = text.charAt(at);
  if (begin === '*' || begin === '_') return 0;
  if (begin === '\\') return match(ESCAPED) === null ? 1 : 2;
  const [ticks] = begin === '`' ? (match(CODE) ?? []) : [];
  if (ticks === undefined) return 1;
  if (codeless.has(ticks)) return ticks.length;
  const end = text.indexOf(ticks, at + ticks.length);
  if (end < 0) codeless.add(ticks);
  return end < 0 ? ticks.length : end + ticks.length - at;
}

function say(content: Inline[], text: string): void {
  put(content, { kind: 'text', text });
}

function put(content: Inline[], part: Inline): void {
  const last = content.at(-1);
  if (part.kind === 'text' && last?.kind === 'text')
    content[content.length - 1] = { kind: 'text', text: last.text + part.text };
  else content.push(part);
}
