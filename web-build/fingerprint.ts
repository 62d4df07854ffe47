/** A short code for everything that browsers get. The composer shows it, so that people can compare it. */
import { createHash } from 'node:crypto';

/** 64 bits of a SHA-256 in hexadecimal, in four groups: `3f2a 91bc 04de 77a1`. */
export type Fingerprint = string;

const GROUPS = 4;
const GROUP = /.{4}/g;
/** A page cannot hold a hash of itself, so this is empty while the hash is taken. */
const PLACE = '<meta name="glir-fingerprint" content="">';

/** SHA-256 in lower-case hexadecimal, as sha256sum writes it. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The fingerprint of `files` before it is put into any of them: the beginning of the SHA-256 of a list with a line for each
 * file, ordered by name, in the form of sha256sum: hash, two spaces, name.
 */
export function fingerprintOf(files: readonly { name: string; text: string }[]): Fingerprint {
  const lines = files.map(({ name, text }) => `${sha256(text)}  ${name}\n`);
  const byName = (line: string) => line.slice(line.indexOf(' '));
  const list = lines.sort((one, other) => (byName(one) < byName(other) ? -1 : 1)).join('');
  return (sha256(list).match(GROUP) ?? []).slice(0, GROUPS).join(' ');
}

/** The file with the fingerprint in its meta element, if it has one. */
export function withFingerprint(text: string, fingerprint: Fingerprint): string {
  return text.replace(PLACE, PLACE.replace('""', `"${fingerprint}"`));
}
