import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { answer, createPrekey, knock } from '../../src/protocol/crypto/handshake.ts';
import { encodeNoteMessage } from '../../src/protocol/note-message.ts';
import { NoteModel } from './note-model.ts';

const KEY_BYTES = 32;

/**
 * One handshake with nobody, under a key of its own. A browser compiles code when it first runs: this way it does so
 * while the doctor sends the link, and not while the first patient waits.
 */
export async function rehearse(): Promise<void> {
  const psk = randomBytes(KEY_BYTES);
  const { prekey, secrets } = await createPrekey();
  const visitor = await knock(psk, 'rehearsal', prekey, { language: 'en' });
  const { streams } = await answer(psk, 'rehearsal', prekey, secrets, visitor);
  await streams.shortCode(secrets.nD);
  const nD = toBase64Url(secrets.nD);
  const version = { ...new NoteModel().version, rev: 1 };
  await streams.note.seal(encodeNoteMessage({ kind: 'note', nD, token: nD, leftMs: 0, ...version }));
}
