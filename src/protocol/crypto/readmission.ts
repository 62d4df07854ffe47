import { type Bytes, equalBytes, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import { hkdf } from './link-keys.ts';

/**
 * Proof that a reader holds its readmission token: HKDF-SHA256 of the token with `binding`, 32 bytes exported from the
 * handshake, as salt. Another handshake has another binding: whoever has the link and sits in the middle of one can
 * neither learn the token from the proof nor use the proof in a handshake of their own.
 */
export async function readmissionProof(readmissionToken: string, binding: Bytes): Promise<string> {
  const ikm = await crypto.subtle.importKey('raw', utf8(readmissionToken), 'HKDF', false, ['deriveBits']);
  return toBase64Url(await hkdf(ikm, binding, 'glir/1 readmission', 32));
}

/** What a page shows instead that was reloaded, and so has forgotten the note: the composer tells the two apart. */
export function tokenAfterReload(readmissionToken: string): string {
  return `${readmissionToken}-reloaded`;
}

/** The token that a proof belongs to; undefined when it is none of these. */
export async function provenToken(
  proof: string,
  binding: Bytes,
  readmissionTokens: Iterable<string>,
): Promise<string | undefined> {
  const given = fromBase64Url(proof);
  for (const readmissionToken of readmissionTokens) {
    if (equalBytes(given, fromBase64Url(await readmissionProof(readmissionToken, binding)))) return readmissionToken;
  }
  return undefined;
}
