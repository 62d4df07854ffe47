import { describe, expect, it } from 'vitest';
import { randomBytes, toBase64Url, utf8 } from '../../../src/protocol/bytes.ts';
import { knock, type Offer } from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../../src/protocol/crypto/keys.ts';
import { decodeNoteMessage } from '../../../src/protocol/sealed.ts';
import { Readers } from '../../../web-composer/readers.ts';
import type { Signalling } from '../../../web-shared/signalling.ts';
import type { ComposerTransport } from '../../../web-shared/transport.ts';

const newId = () => toBase64Url(randomBytes(16));

/** The composer's readers behind a server of our own, which obeys no rule; `hold` keeps back its answers to "admit". */
async function doctor(admission: 'ask' | 'link' = 'ask') {
  const roomId = newId();
  const keys = await deriveLinkKeys(randomBytes(32), roomId);
  const offers: { id: string; offer: Offer; sent: Uint8Array<ArrayBuffer>[]; closed: boolean }[] = [];
  const asked: { t: string; readerId: string }[] = [];
  let admitted: Promise<void> = Promise.resolve();
  const readers = new Readers({
    roomId,
    keys,
    admission: () => admission,
    note: () => 'the note',
    leftMs: () => 60_000,
    now: () => 0,
    changed: () => undefined,
  });
  const transport: ComposerTransport = {
    publish(offer) {
      const entry = { id: newId(), offer, sent: [] as Uint8Array<ArrayBuffer>[], closed: false };
      offers.push(entry);
      const send = (frame: Uint8Array<ArrayBuffer>) => {
        if (entry.closed) return Promise.reject(new Error('closed'));
        entry.sent.push(frame);
        return Promise.resolve();
      };
      return Promise.resolve({
        id: entry.id,
        send,
        close: () => {
          entry.closed = true;
        },
      });
    },
    close: () => undefined,
  };
  const signalling = {
    request: async (t: string, { readerId }: { readerId: string }) => {
      asked.push({ t, readerId });
      if (t === 'admit') await admitted;
      return {};
    },
    say: () => undefined,
  };
  await readers.connect(signalling as never as Signalling, transport);

  /** Somebody with the link knocks; the server passes it on under `readerId`. */
  async function visitor(readerId = newId(), pass?: string) {
    await expect.poll(() => offers.length).toBeGreaterThan(0);
    const own = offers.shift();
    if (own === undefined) throw new Error('no offer');
    const { enc, box, streams } = await knock(keys.psk, roomId, own.offer, {
      language: 'en',
      ...(pass === undefined ? {} : { pass }),
    });
    await readers.onNotice({ t: 'taken', offerId: own.id });
    await readers.onNotice({ t: 'knocked', readerId, offerId: own.id, enc, box });
    return {
      readerId,
      offerId: own.id,
      outlet: own,
      async next() {
        const frame = own.sent.shift();
        return frame === undefined ? undefined : decodeNoteMessage(await streams.note.open(frame));
      },
      async shown() {
        const box = await streams.outgoing.seal(utf8(JSON.stringify({ kind: 'shown', rev: 1 })));
        await readers.onNotice({ t: 'told', readerId, box: toBase64Url(box) });
      },
    };
  }
  return {
    readers,
    asked,
    visitor,
    holdAdmit: (until: Promise<void>) => {
      admitted = until;
    },
  };
}

describe('the doctor’s readers, behind a server that lies', () => {
  it('never give the note to one reader when the doctor admitted another, whatever ids the server hands out', async () => {
    const { readers, visitor } = await doctor();
    const patient = await visitor();
    const thief = await visitor(patient.readerId);
    await readers.admit(patient.readerId);
    expect(await thief.next()).toBeUndefined();
    expect(await patient.next()).toMatchObject({ kind: 'note', text: 'the note' });
  });

  it('say that a patient reads who came back before the old connection was reported as gone, and wipe that page', async () => {
    const { readers, visitor } = await doctor();
    const before = await visitor();
    await readers.admit(before.readerId);
    const note = await before.next();
    await before.shown();
    const after = await visitor(undefined, note?.kind === 'note' ? note.pass : '');
    expect(await after.next()).toMatchObject({ kind: 'note' });
    await after.shown();
    await readers.onNotice({ t: 'left', readerId: before.readerId, offerId: before.offerId });
    expect(readers.rows).toMatchObject([{ id: after.readerId, state: 'reading' }]);
    await readers.wipe('revoked');
    expect(await after.next()).toMatchObject({ kind: 'wipe', reason: 'revoked' });
  });

  it('do not believe somebody who says to have the note on screen before being let in', async () => {
    const { readers, visitor } = await doctor();
    const waiting = await visitor();
    await waiting.shown();
    expect(readers.rows[0]?.state).not.toBe('reading');
    expect(readers.readBy).toBe(0);
  });

  it('wipe a page that got the note and never said so', async () => {
    const { readers, visitor } = await doctor();
    const quiet = await visitor();
    await readers.admit(quiet.readerId);
    expect(await quiet.next()).toMatchObject({ kind: 'note' });
    await readers.wipe('revoked');
    expect(await quiet.next()).toMatchObject({ kind: 'wipe' });
  });

  it('send no note after "Destroy now", also when the server answered "Admit" late', async () => {
    const { readers, visitor, holdAdmit } = await doctor();
    const waiting = await visitor();
    const { promise, resolve: release } = Promise.withResolvers<void>();
    holdAdmit(promise);
    const admitting = readers.admit(waiting.readerId);
    await readers.wipe('revoked');
    release();
    await admitting.catch(() => undefined);
    expect(await waiting.next()).not.toMatchObject({ kind: 'note' });
    const late = await visitor();
    await readers.admit(late.readerId);
    expect(await late.next()).toBeUndefined();
  });

  it('serve one connection per pass: who comes with it takes the place of the one before', async () => {
    const { readers, visitor } = await doctor();
    const first = await visitor();
    await readers.admit(first.readerId);
    const note = await first.next();
    await first.shown();
    await visitor(undefined, note?.kind === 'note' ? note.pass : '');
    expect(first.outlet.closed).toBe(true);
  });
});
