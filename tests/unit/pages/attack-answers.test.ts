import { describe, expect, it } from 'vitest';
import { doctor, LIFE_MS } from './composer-setup.ts';

describe('the doctor’s page, asked by a reader’s page whether the note is open', () => {
  it('answers each question of a reader, with the last version that it sent', async () => {
    const { readers, note, publish, reader } = await doctor();
    const patient = await reader();
    expect(await patient.hears()).toMatchObject({ kind: 'reveal' });
    await patient.tells({ kind: 'ping', number: 1 });
    expect(await patient.hears()).toEqual({ kind: 'pong', number: 1, rev: 0 });
    await readers.admit(patient.readerId);
    await patient.shows();
    note.setText('the note, corrected');
    publish();
    await expect.poll(() => patient.frames).toBe(2);
    await patient.tells({ kind: 'ping', number: 2 });
    expect(await patient.hears()).toEqual({ kind: 'pong', number: 2, rev: 2 });
  });

  it('answers nobody after "Destroy now", whatever the server still passes on', async () => {
    const { readers, reader } = await doctor({ admission: 'link' });
    const patient = await reader();
    await readers.wipe('revoked');
    await patient.tells({ kind: 'ping', number: 1 });
    expect(await patient.hears()).toBeUndefined();
  });

  it('answers nobody when the time is up, also when its own timers are late', async () => {
    const { clock, reader } = await doctor({ admission: 'link' });
    const patient = await reader();
    clock.advance(LIFE_MS);
    await patient.tells({ kind: 'ping', number: 1 });
    expect(await patient.hears()).toBeUndefined();
  });

  it('answers nobody who was sent away', async () => {
    const { readers, reader } = await doctor();
    const patient = await reader();
    expect(await patient.hears()).toMatchObject({ kind: 'reveal' });
    await readers.refuse(patient.readerId);
    await patient.tells({ kind: 'ping', number: 1 });
    expect(await patient.hears()).toBeUndefined();
  });

  it('names the doctor to readers, sealed, only where the doctor allows it', async () => {
    for (const showName of [true, false]) {
      const { reader } = await doctor({ admission: 'link', showName });
      expect((await (await reader()).note()).who).toBe(showName ? 'Dr Anna Rossi' : null);
    }
  });
});
