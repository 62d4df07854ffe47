/**
 * Builds the pages without writing a file and prints what a browser gets from this source: GLIR's version, the fingerprint
 * that the composer shows, and one line for each page and language: the SHA-256 of its bytes, the path that it is served
 * at, and the language to ask for.
 */
import { buildAllPages } from './all-pages.ts';
import { sha256 } from './fingerprint.ts';

const { version, fingerprint, files } = await buildAllPages();
const served = files.flatMap(({ at, language, text }) => (at === null ? [] : [`${sha256(text)}  ${at}  ${language}`]));
process.stdout.write(`version ${version}\nfingerprint ${fingerprint}\n${served.join('\n')}\n`);
