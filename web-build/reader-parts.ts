/** What the patient's page carries of modules that other pages and the server use as well. */
import type { Plugin } from 'vite';

/**
 * What a reader's page never asks of hpke, which is half of it: it sends under mode_psk and receives nothing, imports and makes no
 * lasting keys, and has a KDF of two stages. Classes and objects keep what nobody calls, so it is taken out by its name.
 */
const NEVER_CALLED: readonly { within: string; members: readonly string[] }[] = [
  {
    within: 'export class CipherSuite ',
    members: [
      ...['GenerateKeyPair', 'DeriveKeyPair', 'SerializePrivateKey', 'SerializePublicKey', 'DeserializePrivateKey'],
      ...['Seal', 'Open', 'SendExport', 'ReceiveExport', 'SetupRecipient', '#extractRecipientKeys'],
      ...['get KEM', 'get KDF', 'get AEAD'],
    ],
  },
  { within: 'class SenderContext ', members: ['get mode', 'get seq', 'get Nt'] },
  { within: 'function DHKEM_SHARED', members: ['SerializePrivateKey', 'Decap'] },
  { within: 'function AEAD_SHARED', members: ['Open'] },
];

/** Pieces of one line or less. */
const NEVER_USED: readonly RegExp[] = [
  /stages === 1 \? Export_OneStage : /,
  /stages === 1 \? CombineSecrets_OneStage : /,
  /KDFStages\(DHKEM\.kdf\) === 1 \? ExtractAndExpand_OneStage : /,
  /(?<=const P256 [^}]*\},\n.*\n.*\n) {2}order: [\s\S]*?(?=\n\})/,
  /(?<=\.\.\.P256,\n) {4}DeriveKeyPair: DeriveKeyPairNist,\n {4}DeserializePrivateKey: DeserializePrivateKeyNist,\n/,
];

const HPKE = /node_modules\/hpke\/index\.js$/;

const MESSAGES = /\/src\/protocol\/messages\.ts$/;
/** What the server reads; a page only writes it. */
const CLIENT_MESSAGES = /\nexport const clientMessageSchema = [\s\S]*?\n\]\);(?=\n)/;

/** What the server says to a composer alone, and what that is made of. */
const COMPOSER_REPLIES: readonly RegExp[] = [
  /\nexport const policySchema = [\s\S]*?\n\}\);/,
  /\nexport const policyLimitsSchema = [\s\S]*?\n\}\);/,
  /\nconst filesLimits = .*;/,
  /\nconst isChosen = .*;/,
  /\nconst composing = [\s\S]*?\n\}\);/,
  /\nconst opened = .*;/,
  /\n {2}look: [\s\S]*?\n {2}\}\),/,
  /\n {2}compose: composing,/,
  /\n {2}resume: composing,/,
  /\n {2}share: opened,/,
  /\n {2}extend: opened,/,
  /\n {2}'draft-again': .*,/,
  /\n {2}prekey: z\.object\(\{ prekeyId.*,/,
  /\n {2}admit: .*,/,
  /\n {2}refuse: .*,/,
  /\n {2}'report-readers': .*,/,
  /\n {2}end: .*,/,
  ...['prekey-taken', 'decision-requested', 'more-time-requested', 'knocked', 'reader-left', 'files-opened'].map(
    (t) => new RegExp(`\\n {2}z\\.object\\(\\{ t: z\\.literal\\('${t}'\\).*\\}\\),`),
  ),
];

/** Takes out what a reader's page never calls. The build fails when another version is written differently. */
export function readerParts(): Plugin {
  return {
    name: 'glir:reader-parts',
    // The text as it was written.
    enforce: 'pre',
    transform(code, id) {
      if (MESSAGES.test(id)) return { code: [CLIENT_MESSAGES, ...COMPOSER_REPLIES].reduce(without, code), map: null };
      if (!HPKE.test(id)) return null;
      const called = NEVER_CALLED.reduce(
        (text, { within, members }) => inside(text, within, (part) => members.reduce(withoutMember, part)),
        code,
      );
      return { code: NEVER_USED.reduce(without, called), map: null };
    },
  };
}

/** Changes the declaration that begins with `beginning`, up to the brace that ends it in the first column. */
function inside(code: string, beginning: string, change: (part: string) => string): string {
  const start = code.indexOf(`\n${beginning}`);
  const end = code.indexOf('\n}', start);
  if (start < 0 || end < 0) throw new Error(`hpke has no "${beginning}" any more. Adapt reader-parts.ts.`);
  return code.slice(0, start) + change(code.slice(start, end)) + code.slice(end);
}

function withoutMember(code: string, name: string): string {
  return without(code, new RegExp(`\\n( +)(async )?${name}\\([\\s\\S]*?\\n\\1\\},?(?=\\n|$)`));
}

function without(code: string, piece: RegExp): string {
  if (!piece.test(code)) throw new Error(`There is no ${piece} any more. Adapt reader-parts.ts.`);
  return code.replace(piece, '');
}
