import { fromBase64Url, randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { deriveLinkKeys, joinHashOf } from '../../src/protocol/crypto/link-keys.ts';
import {
  composeLink,
  noteLink,
  parseComposeLink,
  parseNoteLink,
  readComposeLink,
  readNoteLink,
} from '../../src/protocol/link.ts';
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

/** What people's programs put behind a link, or take along with it. */
const ENDINGS = [
  '.',
  ',',
  ';',
  ':',
  '!',
  '?',
  ')',
  ').',
  ']',
  '}',
  '>',
  '&gt;',
  '"',
  '”',
  '“',
  '’',
  "'",
  '»',
  '«',
  '›',
  '…',
  '。',
  '、',
  '）',
  '」',
  '*',
  '**',
  '_',
  '__',
  '~',
  '`',
  '|',
  '/',
  '//',
  '\\',
  '=',
  '==',
  '-',
  '--',
  '—',
  '–',
  '#',
  '##',
  '%',
  ' ',
  '%20',
  '%20Dr',
  '%0A',
  '%0D%0A',
  '%09',
  '%C2%A0',
  '%A0',
  '%E2%80%9D',
  '%E2%80%A6',
  '%22',
  '%27',
  '%29',
  '%2E',
  '%2F',
  '%3E',
  '%5D',
  '%7D',
  '+',
  '+Dr',
  '\n',
  '\u00a0',
  '\u00ad',
  '\u200b',
  '\u200e',
  '\u202c',
  '\u2060',
  '\u3000',
  '\ufeff',
  '\ufe0f',
  '&fbclid=IwAR0abcdefghijklmnopqrstuvwxyz',
  '?fbclid=IwAR0',
  '&utm_source=mail&utm_medium=x',
  '?utm_source=mail',
  '&gclid=1',
  '&mc_cid=a',
  '&source=gmail&ust=1&usg=x',
  '&data=05%7C02%7Cx&sdata=y%3D&reserved=0',
  '__;Iw!!x!y$',
  '&d=DwMFaQ&c=x',
  '&amp;utm_source=mail',
  '/?utm_source=mail',
  ':~:text=note',
  '<br>',
  '</a>',
  '[1]',
  '(1)',
  ',Dr Rossi',
  '.Dr',
  '👍',
  'ok',
  '%2520',
];

/** The same link as it looks after it went through something. */
const MANGLED: Record<string, string> = {
  'a percent-encoded #': `/n/${ROOM}%23${FRAGMENT}`,
  'a percent-encoded # and a full stop': `/n/${ROOM}%23${FRAGMENT}.`,
  'a percent-encoded # and parameters': `/n/${ROOM}%23${FRAGMENT}?utm_source=mail`,
  'a # that was encoded twice': `/n/${ROOM}%2523${FRAGMENT}`,
  'a # behind a slash, encoded': `/n/${ROOM}/%23${FRAGMENT}`,
  'a slash for the #': `/n/${ROOM}/${FRAGMENT}`,
  'a star for the #': `/n/${ROOM}*${FRAGMENT}__;Iw!!x`,
  'the code of Proofpoint for the #': `/n/${ROOM}-23${FRAGMENT}&d=DwMFaQ`,
  'a full-width #': `/n/${ROOM}＃${FRAGMENT}`,
  'a # in the parameters': `/n/${ROOM}?utm_source=mail%23${FRAGMENT}`,
  'parameters before the #': `/n/${ROOM}?fbclid=IwAR0#${FRAGMENT}`,
  'parameters without a question mark before the #': `/n/${ROOM}&utm_source=mail#${FRAGMENT}`,
  'a fragment of a tracker behind the encoded one': `/n/${ROOM}%23${FRAGMENT}#xtor=AL-1`,
  'a slash before the #': `/n/${ROOM}/#${FRAGMENT}`,
  'two slashes before the #': `/n/${ROOM}//#${FRAGMENT}`,
  'a slash too many in the path': `/n//${ROOM}#${FRAGMENT}`,
  'a space before the #': `/n/${ROOM}%20#${FRAGMENT}`,
  'a second #': `/n/${ROOM}##${FRAGMENT}`,
  'a # that stands there encoded as well': `/n/${ROOM}#%23${FRAGMENT}`,
  'a space behind the #': `/n/${ROOM}#%20${FRAGMENT}`,
  'a quote behind the #': `/n/${ROOM}#“${FRAGMENT}”`,
  'a slash behind the #': `/n/${ROOM}#/${FRAGMENT}`,
  'a line break in the secret': `/n/${ROOM}#${FRAGMENT.slice(0, 20)}\r\n${FRAGMENT.slice(20)}`,
  'an encoded line break in the secret': `/n/${ROOM}#${FRAGMENT.slice(0, 20)}%0D%0A${FRAGMENT.slice(20)}`,
  'a line break of mail in the secret': `/n/${ROOM}#${FRAGMENT.slice(0, 20)}=%0D%0A${FRAGMENT.slice(20)}`,
  'a line break of an answered mail in the secret': `/n/${ROOM}#${FRAGMENT.slice(0, 20)}%0A%3E%20${FRAGMENT.slice(20)}`,
  'a line break in the room': `/n/${ROOM.slice(0, 9)}%0D%0A${ROOM.slice(9)}#${FRAGMENT}`,
  'soft hyphens': `/n/${ROOM.slice(0, 9)}\u00ad${ROOM.slice(9)}#${FRAGMENT.slice(0, 9)}%C2%AD${FRAGMENT.slice(9)}`,
  'soft hyphens in Latin-1': `/n/${ROOM}#${FRAGMENT.slice(0, 9)}%AD${FRAGMENT.slice(9)}`,
  'zero-width characters': `/n/${ROOM}#\u200b${FRAGMENT.slice(0, 9)}\u200d${FRAGMENT.slice(9)}\u2060`,
  'full-width letters': `/n/${ROOM}#${FRAGMENT.replace(/[A-Za-z0-9]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))}`,
  'hyphens that do not break a line': `/n/${ROOM}#${FRAGMENT.replaceAll('-', '\u2011')}`,
  'minus signs for hyphens': `/n/${ROOM}#${FRAGMENT.replaceAll('-', '\u2212')}`,
  'backslashes before the signs': `/n/${ROOM}#${FRAGMENT.replaceAll('_', '\\_').replaceAll('-', '\\-')}`,
  'entities for the signs': `/n/${ROOM}#${FRAGMENT.replaceAll('_', '&#95;').replaceAll('-', '&#45;')}`,
  'letters that were percent-encoded': `/n/${ROOM}#%${FRAGMENT.charCodeAt(0).toString(16)}${FRAGMENT.slice(1)}`,
  'the secret twice': `/n/${ROOM}#${FRAGMENT}${FRAGMENT}`,
};

const FAULTS: [link: string, fault: string][] = [
  [`/n/${ROOM}`, 'no-secret'],
  [`/n/${ROOM}#`, 'no-secret'],
  [`/n/${ROOM}/`, 'no-secret'],
  [`/n/${ROOM}%23`, 'no-secret'],
  [`/n/${ROOM}?utm_source=mail`, 'no-secret'],
  [`/n/${ROOM}#.`, 'no-secret'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, -1)}`, 'cut'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, -1)}.`, 'cut'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, 20)}…`, 'cut'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, 20)}...`, 'cut'],
  [`/n/${ROOM}%23${FRAGMENT.slice(0, 20)}`, 'cut'],
  [`/n/${ROOM}#&fbclid=IwAR0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP`, 'cut'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, 20)}&utm_campaign=abcdefghijklmnopqrstuvwxyz`, 'cut'],
  [`/n/${ROOM}#abcdefg&utm_source=mail`, 'cut'],
  [`/n/${ROOM.slice(1)}#${FRAGMENT}`, 'cut'],
  [`/n/${ROOM.slice(0, 8)}`, 'cut'],
  [`/n/${ROOM.slice(0, 8)}…`, 'cut'],
  ['/n/', 'cut'],
  ['/n', 'cut'],
  [`/n/%E0%A4%A`, 'cut'],
  [`/n/${ROOM}A#${FRAGMENT}`, 'changed'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, -1)}А`, 'changed'],
  [`/n/${ROOM}#${FRAGMENT.slice(0, -1)}z`, 'changed'],
  [`/n/${ROOM}#${FRAGMENT.replaceAll('-', '+').replaceAll('_', '/')}`, 'changed'],
];

const BROKEN_PATHS = ['/', '/n', '/n/', `/n/${ROOM.slice(1)}`, `/n/${ROOM}A`, `/N/${ROOM}`, `/x/n/${ROOM}`];

const partsOf = (path: string) => new URL(path, PUBLIC_URL);
const readAt = (path: string) => {
  const read = readNoteLink(partsOf(path));
  return typeof read === 'string' ? read : `${read.roomId}#${toBase64Url(read.secret)}`;
};
const ticketAt = (path: string) => {
  const read = readComposeLink(partsOf(path));
  return typeof read === 'string' ? read : read.ticket;
};

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
  ...ENDINGS.map((ending) => ({
    name: `a link followed by “${ending}” opens`,
    run() {
      same(readAt(`/n/${ROOM}#${FRAGMENT}${ending}`), `${ROOM}#${FRAGMENT}`, 'note link');
      same(readAt(`/n/${ROOM}%23${FRAGMENT}${ending}`), `${ROOM}#${FRAGMENT}`, 'note link with %23');
      same(ticketAt(`/compose#${FRAGMENT}${ending}`), FRAGMENT, 'compose link');
      same(readAt(`/n/${ROOM}#${FRAGMENT.slice(0, -3)}${ending}`).length < 10, true, 'a cut link stays cut');
    },
  })),
  ...Object.entries(MANGLED).map(([what, path]) => ({
    name: `a link with ${what} opens`,
    run() {
      same(readAt(path), `${ROOM}#${FRAGMENT}`, 'note link');
      if (!/^.{26,}\?|^\/n\/\/|&utm|^.{25}(?:\*|-23|\/[^%#/])/.test(path))
        same(ticketAt(path.replace(/^\/n\/.{22}/, '/compose')), FRAGMENT, 'ticket');
    },
  })),
  ...FAULTS.map(([path, fault]) => ({
    name: `a link such as ${path} says what is wrong with it`,
    run() {
      same(readAt(path), fault, 'note link');
      const { pathname, hash } = partsOf(path);
      if (!path.includes('%23')) same(parseNoteLink(pathname, hash), null, 'taken for a link');
    },
  })),
  {
    name: 'two hyphens that became one dash are two hyphens again',
    run() {
      const secret = `${FRAGMENT.slice(0, 10)}--${FRAGMENT.slice(12)}`;
      for (const dash of ['—', '–'])
        same(readAt(`/n/${ROOM}#${secret.replace('--', dash)}`), `${ROOM}#${secret}`, dash);
    },
  },
  {
    name: 'a note link with another path, or a room id cut off or too long, is taken for no link',
    run() {
      for (const path of BROKEN_PATHS) same(parseNoteLink(path, `#${FRAGMENT}`), null, path);
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
