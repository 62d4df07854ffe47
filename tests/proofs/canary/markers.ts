import { randomInt } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '../../../src/protocol/bytes.ts';
import { deriveLinkKeys } from '../../../src/protocol/crypto/link-keys.ts';
import type { Pattern } from '../../support/server/pattern-search.ts';
import { type Spelling, spellingsOf, spellingsOfBytes } from '../../support/server/search.ts';

/**
 * The kinds of places that are searched. `server` and `worker` are all their memory, garbage included; `objects` is what the
 * server's program can still get at; `addresses` is what a browser writes down of the addresses that it opened, `profile` all
 * else that it keeps on the disk.
 */
export type PlaceKind =
  | 'server'
  | 'objects'
  | 'worker'
  | 'log'
  | 'files'
  | 'packets'
  | 'slack'
  | 'teams'
  | 'addresses'
  | 'profile';
export type Platform = 'slack' | 'teams';

/** What is looked for, and where it may be: nowhere, unless it says so. */
export interface Marker {
  name: string;
  belongs: readonly PlaceKind[];
  patterns: readonly Pattern[];
}

/** Everything private that one doctor and one patient type. */
export interface Private {
  /** Several KiB, with a word of its own in every paragraph. */
  note: string;
  /** What the doctor adds while the patient reads. */
  correction: string;
  /** Cells of the list of medicines: name, strength, dose, when, how long, remarks. */
  medicine: readonly string[];
  /** A FHIR bundle with a prescription and with a patient, whom GLIR has no use for. */
  prescription: string;
  /** The name of the medicine in it. */
  prescribed: string;
  pin: string;
  wrongPin: string;
  /** Typed behind `/glir`, where no note belongs. */
  typed: string;
  markers: readonly Marker[];
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const WORD_LETTERS = 14;
const PIN_DIGITS = 12;
const PARAGRAPHS = 16;
const PARAGRAPH =
  'Take it as we said, with a full glass of water, sitting or standing. If you feel dizzy, sit down and call us. ' +
  'Do not stop it by yourself. You may eat and drink what you like. We look at your values again in four weeks, and then ' +
  'we decide together how to go on. Bring the box with you, and the list of everything else that you take. ';

/** Letters that stand nowhere else: 70 random bits. */
export function randomWord(): string {
  return Array.from({ length: WORD_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** Words with signs between them that JSON, URLs and HTML each write in their own way. */
export function randomPhrase(): string {
  return `${randomWord()} "½ é" ${randomWord()}`;
}

function marker(name: string, texts: readonly string[], belongs: readonly PlaceKind[] = []): Marker {
  return { name, belongs, patterns: texts.flatMap((text) => patternsOf(name, spellingsOf(text))) };
}

/** Makes up one doctor's and one patient's secrets. */
export function makePrivate(platform: Platform): Private {
  const paragraphs = Array.from({ length: PARAGRAPHS }, randomWord);
  const phrase = randomPhrase();
  const correction = randomWord();
  const medicine = Array.from({ length: 6 }, randomWord);
  const prescribed = randomWord();
  const prescription = { text: randomWord(), patient: randomWord() };
  const [pin, wrongPin] = [randomPin(), randomPin()];
  const typed = randomWord();
  const named = (name: string, texts: readonly string[], belongs?: readonly PlaceKind[]) =>
    marker(`${platform}: ${name}`, texts, belongs);
  return {
    note: [...paragraphs.map((word) => `${word}: ${PARAGRAPH}`), phrase].join('\n'),
    correction,
    medicine,
    prescription: bundle(prescribed, prescription),
    prescribed,
    pin,
    wrongPin,
    typed,
    markers: [
      named('note', [...paragraphs, phrase]),
      named('correction', [correction]),
      named('medicines', medicine),
      named('prescription', [prescribed, prescription.text]),
      named('patient in the prescription', [prescription.patient]),
      named('PIN', [pin]),
      named('wrong PIN', [wrongPin]),
      // The chat platform hands it to GLIR, which drops it: it is garbage in the memory, and must not be kept or go on.
      named('text behind /glir', [typed], ['packets', 'server']),
    ],
  };
}

/** What becomes known with the links: from a compose link and the note link that was shared from it. */
export async function linkMarkers(platform: Platform, composeLink: string, noteLink: string): Promise<Marker[]> {
  const { hash, pathname } = new URL(noteLink);
  const secret = fromBase64Url(hash.slice(1));
  const roomId = pathname.slice('/n/'.length);
  const { psk, joinKey } = await deriveLinkKeys(secret, roomId);
  const key = (name: string, bytes: Uint8Array<ArrayBuffer>, belongs: readonly PlaceKind[] = []): Marker => {
    const full = `${platform}: ${name}`;
    // Most keys travel as text, and that text could be spelled in other ways once more.
    const spellings = [...spellingsOfBytes(bytes), ...spellingsOf(toBase64Url(bytes))];
    return { name: full, belongs, patterns: patternsOf(full, spellings) };
  };
  return [
    // Browsers write addresses down before a page's first script runs.
    key('link’s secret', secret, ['addresses']),
    key('pre-shared key', psk),
    key('join key', joinKey, ['packets', 'server']),
    marker(`${platform}: note link`, [pathname], ['packets', 'server', 'addresses', 'profile']),
    key('ticket', fromBase64Url(new URL(composeLink).hash.slice(1)), [
      'packets',
      'server',
      'objects',
      'addresses',
      platform,
    ]),
  ];
}

export function patternsOf(name: string, spellings: readonly Spelling[]): Pattern[] {
  return spellings.map(({ name: spelling, bytes }) => ({ marker: name, spelling, bytes }));
}

function randomPin(): string {
  return Array.from({ length: PIN_DIGITS }, () => randomInt(10)).join('');
}

function bundle(name: string, { text, patient }: { text: string; patient: string }): string {
  return JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType: 'Patient', name: [{ family: patient }], birthDate: '1950-01-01' } },
      {
        resource: {
          resourceType: 'MedicationRequest',
          status: 'active',
          intent: 'order',
          subject: { display: patient },
          medicationCodeableConcept: { text: `${name} 20 mg` },
          dosageInstruction: [
            { text, timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['EVE'] } } },
          ],
        },
      },
    ],
  });
}
