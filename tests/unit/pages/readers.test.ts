import { describe, expect, it } from 'vitest';
import { tokenAfterReload } from '../../../src/protocol/crypto/readmission.ts';
import { doctor, NOTE, PIN } from './composer-setup.ts';

describe('the doctor’s readers, behind a server that lies', () => {
  it('never give the note to one reader when the doctor admitted another, whatever ids the server hands out', async () => {
    const { readers, reader } = await doctor();
    const patient = await reader();
    const thief = await reader(patient.readerId);
    await readers.admit(patient.readerId);
    expect(thief.frames).toBe(0);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('say that a patient reads who came back before the old connection was reported as gone, and wipe that page', async () => {
    const { readers, reader } = await doctor();
    const before = await reader();
    await readers.admit(before.readerId);
    const { token } = await before.note();
    await before.shows();
    const after = await reader(undefined, token);
    expect(await after.note()).toMatchObject({ note: { text: NOTE } });
    await after.shows();
    await readers.onServerEvent({ t: 'reader-left', readerId: before.readerId, prekeyId: before.prekeyId });
    expect(readers.rows).toMatchObject([{ id: after.readerId, state: 'reading' }]);
    await readers.wipe('revoked');
    expect(await after.next()).toMatchObject({ kind: 'wipe', reason: 'revoked' });
  });

  it('do not believe somebody who says to have the note on screen before being let in', async () => {
    const { readers, reader } = await doctor();
    const waiting = await reader();
    await waiting.shows();
    expect(waiting.row.state).toBe('refused');
    expect(waiting.isTurnedAway).toBe(true);
    expect(readers.readBy).toBe(0);
  });

  it('wipe a page that got the note and never said so', async () => {
    const { readers, reader } = await doctor();
    const quiet = await reader();
    await readers.admit(quiet.readerId);
    expect(await quiet.next()).toMatchObject({ kind: 'note' });
    await readers.wipe('revoked');
    expect(await quiet.next()).toMatchObject({ kind: 'wipe' });
  });

  it('send no note after "Destroy now", also when the server answered "Admit" late', async () => {
    const { readers, reader, holdAdmit } = await doctor();
    const waiting = await reader();
    const { promise, resolve: release } = Promise.withResolvers<void>();
    holdAdmit(promise);
    const admitting = readers.admit(waiting.readerId);
    await readers.wipe('revoked');
    release();
    await admitting.catch(() => undefined);
    expect(await waiting.next()).not.toMatchObject({ kind: 'note' });
    const late = await reader();
    await readers.admit(late.readerId);
    expect(late.frames).toBe(0);
  });

  it('serve one connection per pass: who comes with it takes the place of the one before', async () => {
    const { readers, reader } = await doctor();
    const first = await reader();
    await readers.admit(first.readerId);
    const { token } = await first.note();
    await first.shows();
    await reader(undefined, token);
    expect(first.channel.closed).toBe(true);
  });

  it('let eight wait at a time, also when twenty knock at the same moment', async () => {
    const all = await doctor();
    const newcomers = await all.newcomers(20);
    await Promise.all(newcomers.map((one) => one.knocks()));
    expect(all.readers.rows.filter(({ state }) => state === 'waiting')).toHaveLength(8);
    expect(newcomers.filter((one) => one.isTurnedAway)).toHaveLength(12);
  });

  it('let a patient back in who was admitted before, also when eight newcomers wait', async () => {
    const { readers, reader } = await doctor();
    const patient = await reader();
    await readers.admit(patient.readerId);
    const { token } = await patient.note();
    await patient.shows();
    for (let number = 0; number < 8; number++) await reader();
    const back = await reader(undefined, token);
    expect(await back.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('let more than eight in at the same moment where the link is enough', async () => {
    const all = await doctor({ admission: 'link' });
    const newcomers = await all.newcomers(20);
    await Promise.all(newcomers.map((one) => one.knocks()));
    expect(newcomers.every((one) => one.frames === 1)).toBe(true);
  });

  it('send nothing down a stream that the server has not opened yet, whatever the doctor types meanwhile', async () => {
    const { readers, note, publish, extend, reader, holdAdmit } = await doctor();
    const patient = await reader();
    const { promise, resolve: release } = Promise.withResolvers<void>();
    holdAdmit(promise);
    const admitting = readers.admit(patient.readerId);
    note.setText('the note, corrected');
    publish();
    extend(60_000);
    await expect.poll(() => patient.frames).toBe(0);
    release();
    await admitting;
    expect(await patient.note()).toMatchObject({ rev: 2, note: { text: 'the note, corrected' } });
  });
});

describe('a page that was reloaded', () => {
  async function read(admission: 'ask' | 'link' | 'pin') {
    const own = await doctor({ admission, maxReaders: 1 });
    const before = await own.reader();
    if (admission === 'ask') await own.readers.admit(before.readerId);
    if (admission === 'pin') await before.types(PIN);
    const { token } = await before.note();
    await before.shows();
    own.readers.nameReader(before.readerId, ' daughter ');
    await own.readers.onServerEvent({ t: 'reader-left', readerId: before.readerId, prekeyId: before.prekeyId });
    expect(own.readers.rows).toMatchObject([{ state: 'left', name: 'daughter', reloadedAt: null }]);
    return { ...own, reload: () => own.reader(undefined, tokenAfterReload(token)), token };
  }

  it('is the same reader, in its row, whom the doctor admits once more', async () => {
    const { readers, reload, clock, token } = await read('ask');
    const after = await reload();
    const row = { number: 1, name: 'daughter', reloadedAt: clock.now() };
    expect([after.frames, readers.rows]).toMatchObject([0, [{ ...row, state: 'waiting' }]]);
    await readers.admit(after.readerId);
    expect((await after.note()).token).toBe(token);
    await after.shows();
    expect(readers.rows).toMatchObject([{ ...row, state: 'reading' }]);
    expect(readers.readBy).toBe(1);
  });

  it('is the same reader where the link is enough, and reads on', async () => {
    const { readers, reload } = await read('link');
    const after = await reload();
    await after.note();
    await after.shows();
    expect(readers.rows).toMatchObject([{ number: 1, state: 'reading', name: 'daughter' }]);
    expect(readers.readBy).toBe(1);
  });

  it('is the same reader with a PIN as well, which is asked for and checked once more', async () => {
    const { readers, reload } = await read('pin');
    const after = await reload();
    expect([after.frames, after.row.state]).toEqual([0, 'pin']);
    await after.types('000000');
    expect([after.frames, readers.rows.length]).toEqual([0, 1]);
    await after.types(PIN);
    await after.note();
    await after.shows();
    expect(readers.rows).toMatchObject([{ number: 1, state: 'reading', name: 'daughter' }]);
    expect(readers.readBy).toBe(1);
  });

  it('is a reader like any other when the doctor has removed it meanwhile', async () => {
    const { readers, reader, reload, token } = await read('ask');
    const back = await reader(undefined, token);
    await readers.refuse(back.readerId);
    const after = await reload();
    expect(after.frames).toBe(0);
    expect(after.row).toMatchObject({ number: 2, state: 'waiting', name: '' });
  });
});
