import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What is read of a header's value: more than any browser sends in those that GLIR looks at. */
const CHARACTERS = 256;
/** Items of a list, such as languages: browsers name ten at most, and matching them costs time for each. */
const ITEMS = 16;
const LISTS = ['accept', 'accept-charset', 'accept-encoding', 'accept-language'] as const;

/** Headers that may be longer: signed tokens of Teams, the cookie of an installation in Slack. */
const LONGER: Readonly<Record<string, number>> = { authorization: 8_192, cookie: 4_096 };

/** Proxies add what they saw at the end, and no more of them are believed than have room in this. */
const FORWARDED = 'x-forwarded-for';
const FORWARDED_CHARACTERS = 1_024;

/** A request whose headers have so many characters costs one of the rate; each further so many cost another one. */
const CHARACTERS_PER_POINT = 2_048;

/**
 * Cuts what a request's headers say to what is ever read of them, before anything parses them: the time for a list of
 * languages of 15 kB is that of a hundred pages.
 */
export function cutHeaders(headers: IncomingHttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    const most = LONGER[name] ?? CHARACTERS;
    if (typeof value === 'string' && value.length > most && name !== FORWARDED) headers[name] = value.slice(0, most);
  }
  for (const name of LISTS) {
    const value = headers[name];
    if (typeof value === 'string') headers[name] = value.split(',', ITEMS).join(',');
  }
  const forwarded = headers[FORWARDED];
  if (typeof forwarded === 'string' && forwarded.length > FORWARDED_CHARACTERS) {
    headers[FORWARDED] = forwarded.slice(-FORWARDED_CHARACTERS);
  }
}

/** What a request costs of its network's rate: 1, and more for headers that are longer than a browser's. */
export function costOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  let characters = 0;
  for (const text of rawHeaders) characters += text.length;
  return Math.max(1, Math.ceil(characters / CHARACTERS_PER_POINT));
}
