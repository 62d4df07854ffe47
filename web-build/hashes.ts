/**
 * Makes the pages anew, writes nothing, and prints what a browser gets of this source: GLIR's version, the fingerprint that
 * the composer's page shows, and one line for each page in each language: SHA-256 of the bytes, where they are served,
 * and the language that has to be asked for.
 */
import { sha256 } from './fingerprint.ts';
import { makePages } from './pages.ts';

const { version, fingerprint, files } = await makePages();
const served = files.flatMap(({ at, language, text }) => (at === null ? [] : [`${sha256(text)}  ${at}  ${language}`]));
process.stdout.write(`version ${version}\nfingerprint ${fingerprint}\n${served.join('\n')}\n`);
