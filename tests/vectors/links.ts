import { fromBase64Url, randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { deriveLinkKeys, joinHashOf } from '../../src/protocol/crypto/link-keys.ts';
import { composeLink, noteLink, parseComposeLink, parseNoteLink } from '../../src/protocol/link.ts';
import { type Case, different, refused, same } from './case.ts';

const PUBLIC_URL = 'https://glir.example';
const ROOM = 'AbCdEfGhIjKlMnOpQr-_19';
/** 32 bytes whose base64url has both of the characters that plain base64 writes otherwise. */
const SECRET = new Uint8Array(32).map((_, i) => (i === 3 ? 0xfb : i === 9 ? 0xff : i * 7));
const FRAGMENT = toBase64Url(SECRET);

const seenBy = (link: string) => {
  const { pathname, hash } = new URL(link);
  return { pathname, hash };
};
const parsed = (link: string) => parseNoteLink(seenBy(link).pathname, seenBy(link).hash);

const BROKEN_FRAGMENTS: Record<string, string> = {
  'no fragment': '',
  'an empty fragment': '#',
  'a fragment cut off by one character': `#${FRAGMENT.slice(0, -1)}`,
  'a fragment cut in half': `#${FRAGMENT.slice(0, 20)}`,
  'a fragment one character too long': `#${FRAGMENT}A`,
  'two fragments': `#${FRAGMENT}${FRAGMENT}`,
  'a second #': `##${FRAGMENT}`,
  'a percent-encoded character': `#%41${FRAGMENT.slice(1)}`,
  'a percent-encoded #': `%23${FRAGMENT}`,
  'a full stop at the end': `#${FRAGMENT}.`,
  'a bracket at the end': `#${FRAGMENT})`,
  'a space at the end': `#${FRAGMENT} `,
  'a line end at the end': `#${FRAGMENT}\n`,
  'a parameter at the end': `#${FRAGMENT}&utm_source=mail`,
  'padding at the end': `#${FRAGMENT}=`,
  'plain base64': `#${FRAGMENT.replaceAll('-', '+').replaceAll('_', '/')}`,
  'a zero-width character': `#\u200b${FRAGMENT}`,
  'letters of another alphabet': `#${FRAGMENT.slice(0, -1)}А`,
};

const BROKEN_PATHS = ['/', '/n', '/n/', `/n/${ROOM}/more`, `/n/${ROOM.slice(1)}`, `/n/${ROOM}A`, `/N/${ROOM}`];
const MORE_BROKEN_PATHS = [
  `/n/${ROOM.slice(1)}.`,
  `/n/%41${ROOM.slice(1)}`,
  `/x/n/${ROOM}`,
  `/n//${ROOM}`,
  `/n/${ROOM}//`,
];

export const linkCases: Case[] = [
  {
    name: 'a note link gives back its room and its secret',
    run() {
      const link = noteLink(PUBLIC_URL, ROOM, SECRET);
      same(link, `${PUBLIC_URL}/n/${ROOM}#${FRAGMENT}`, 'link');
      same(
        /^[\w-]{43}$/.test(FRAGMENT) && /-/.test(FRAGMENT) && /_/.test(FRAGMENT),
        true,
        'the fragment tries both signs',
      );
      same(parsed(link)?.roomId, ROOM, 'room');
      same(parsed(link)?.secret, SECRET, 'secret');
      same(parsed(`${PUBLIC_URL}/n/${ROOM}/#${FRAGMENT}`)?.secret, SECRET, 'with a slash at the end of the path');
    },
  },
  {
    name: 'a hundred random note links give back what went in',
    run() {
      for (let i = 0; i < 100; i++) {
        const [room, secret] = [toBase64Url(randomBytes(16)), randomBytes(32)];
        const link = parsed(noteLink(PUBLIC_URL, room, secret));
        same([link?.roomId, link && toBase64Url(link.secret)], [room, toBase64Url(secret)], 'link');
      }
    },
  },
  {
    name: 'a compose link gives back its ticket',
    run() {
      const link = composeLink(PUBLIC_URL, FRAGMENT);
      same(link, `${PUBLIC_URL}/compose#${FRAGMENT}`, 'link');
      same(parseComposeLink(seenBy(link).hash), FRAGMENT, 'ticket');
    },
  },
  ...Object.entries(BROKEN_FRAGMENTS).map(([what, hash]) => ({
    name: `a link with ${what} is taken for no link`,
    run() {
      same(parseNoteLink(`/n/${ROOM}`, hash), null, 'note link');
      same(parseComposeLink(hash), null, 'compose link');
    },
  })),
  {
    name: 'a note link with another path, or a room id cut off or too long, is taken for no link',
    run() {
      for (const path of [...BROKEN_PATHS, ...MORE_BROKEN_PATHS]) same(parseNoteLink(path, `#${FRAGMENT}`), null, path);
    },
  },
  {
    name: 'the fragment never gets into the part of a link that travels',
    run() {
      const { href, hash } = new URL(noteLink(PUBLIC_URL, ROOM, SECRET));
      same(href.replace(hash, '').includes(FRAGMENT.slice(0, 6)), false, 'the secret stays behind the #');
    },
  },
  {
    name: 'the handshake’s key, the join key and its hash are independent of each other and of other rooms',
    async run() {
      const one = await deriveLinkKeys(SECRET, ROOM);
      const again = await deriveLinkKeys(SECRET, ROOM);
      const elsewhere = await deriveLinkKeys(SECRET, toBase64Url(randomBytes(16)));
      same(one, again, 'the same link');
      same([one.psk.length, one.joinKey.length], [32, 32], 'lengths');
      different(one.psk, one.joinKey, 'psk and join key');
      different(one.psk, elsewhere.psk, 'psk of another room');
      different(one.joinKey, elsewhere.joinKey, 'join key of another room');
      different(fromBase64Url(await joinHashOf(one.joinKey)), one.joinKey, 'hash');
    },
  },
  {
    name: 'a secret that is not 32 bytes long gives no keys',
    async run() {
      for (const length of [0, 16, 31, 33, 64]) {
        await refused(`${length} bytes`, () => deriveLinkKeys(randomBytes(length), ROOM), RangeError);
      }
    },
  },
];
