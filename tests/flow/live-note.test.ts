import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserClock, type PageClock } from '../../web-shared/clock.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';
import { closeAllPages } from '../support/signalling/wrtc.ts';

const NOTE = 'Ramipril 5 mg\none in the morning\nwith water';
const RAMIPRIL = {
  name: 'Ramipril',
  strength: '5 mg',
  dose: '1 tablet',
  plan: { morning: '1', noon: '', evening: '½', night: '' },
  when: '',
  duration: '7 days',
  remarks: '',
};

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir({ GLIR_EXPIRY_MAX: '1h' });
  actAsPages(glir.url);
});
afterEach(() => {
  closeAllSessions();
  closeAllPages();
});
afterAll(() => glir.stop());

/** A note on a patient's screen. */
/** Two pages may tell a time a millisecond apart. */
function wholeSeconds(ms = 0): number {
  return Math.round(ms / 1_000);
}

async function reading(note = NOTE) {
  const doctor = await composerPage(glir.url, '/glir 10m');
  doctor.session.choosePolicy({ admission: 'link' });
  doctor.session.write(note);
  await doctor.session.share();
  const { link } = await doctor.shows('open');
  const patient = receiverPage(link);
  await patient.shows('closed');
  patient.session.open();
  await patient.shows('reading');
  const screen = () => patient.states.at(-1);
  const desk = () => {
    const state = doctor.states.at(-1);
    return state?.name === 'open' ? state : undefined;
  };
  const row = () => desk()?.readers[0];
  await expect.poll(row, SOON).toMatchObject({ state: 'reading', shownRev: 1 });
  const roomId = new URL(link).pathname.slice('/n/'.length);
  return { doctor, patient, link, roomId, screen, desk, row };
}

describe('a note that the doctor corrects while it is read', () => {
  it('changes on the patient’s page, and says when the doctor is at it and when not', async () => {
    const { doctor, patient, screen, desk, row } = await reading();
    doctor.session.write(`${NOTE}\nand rest`);
    await expect.poll(screen, SOON).toMatchObject({ note: { text: `${NOTE}\nand rest` }, editing: true });
    expect(desk()).toMatchObject({ editing: true, problem: null });
    await expect.poll(screen, SOON).toMatchObject({ note: { text: `${NOTE}\nand rest` }, editing: false });
    expect(desk()).toMatchObject({ editing: false });
    await expect.poll(() => row()?.shownRev, SOON).toBe(3);
    expect(patient.states.every(({ name }) => name !== 'interrupted' && name !== 'gone')).toBe(true);
  });

  it('arrives in its last version after a hundred strokes, and none of them arrives out of order', async () => {
    const { doctor, patient, screen } = await reading();
    for (let stroke = 1; stroke <= 100; stroke++) doctor.session.write(`${NOTE} ${stroke}`);
    await expect.poll(screen, SOON).toMatchObject({ note: { text: `${NOTE} 100` }, editing: false });
    const revs = patient.states.flatMap((state) => (state.name === 'reading' ? [state.rev] : []));
    expect(revs).toEqual([...revs].sort((a, b) => a - b));
  });

  it('stays as it was on the patient’s page while it is too long or empty, and the doctor is told so', async () => {
    const { doctor, screen, desk } = await reading();
    doctor.session.write('x'.repeat(64 * 1024 + 1));
    expect(desk()).toMatchObject({ problem: 'too-long' });
    doctor.session.write('   ');
    expect(desk()).toMatchObject({ problem: 'empty' });
    expect(screen()).toMatchObject({ note: { text: NOTE } });
    doctor.session.write('good again');
    await expect.poll(screen, SOON).toMatchObject({ note: { text: 'good again' } });
    expect(desk()).toMatchObject({ problem: null });
  });

  it('takes a list of medicines, another format and other permissions', async () => {
    const { doctor, screen } = await reading();
    doctor.session.setMedicines([RAMIPRIL]);
    doctor.session.chooseOptions({ format: 'markdown', copy: false, print: false });
    await expect
      .poll(screen, SOON)
      .toMatchObject({ note: { text: NOTE, format: 'markdown', medicines: [RAMIPRIL] }, copy: false, print: false });
  });

  it('comes with the newest version after the patient’s connection broke', async () => {
    const { doctor, patient, screen, desk } = await reading();
    const before = patient.states.length;
    patient.cut();
    doctor.session.write('while you were away');
    await expect.poll(() => patient.states.slice(before).map(({ name }) => name), SOON).toContain('interrupted');
    await expect.poll(screen, SOON).toMatchObject({ name: 'reading', note: { text: 'while you were away' } });
    await expect.poll(desk, SOON).toMatchObject({ readers: [{ state: 'reading' }] });
  });
});

describe('a page that was not tapped yet', () => {
  it('stays when its connection broke and came back: nothing is waited for any more', async () => {
    const waiting = new Set<object>();
    const clock = watched(waiting, 125_000);
    const { link } = await reading();
    const patient = receiverPage(link, clock);
    await patient.shows('closed');
    const before = patient.states.length;
    patient.cut();
    await expect.poll(() => waiting.size, SOON).toBe(1);
    await expect.poll(() => patient.states.slice(before).map(({ name }) => name), SOON).toContain('closed');
    await expect.poll(() => waiting.size, SOON).toBe(0);
    patient.session.open();
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
  });

  /** The browser's time, with its running timers of one length. */
  function watched(running: Set<object>, length: number): PageClock {
    return {
      now: browserClock.now,
      after(ms, run) {
        if (ms !== length) return browserClock.after(ms, run);
        const timer = browserClock.after(ms, run);
        running.add(timer);
        return {
          cancel() {
            running.delete(timer);
            timer.cancel();
          },
        };
      },
    };
  }
});

describe('what the doctor sees of a reader', () => {
  it('is the end reached, understood, a question, and a page that is hidden', async () => {
    const { patient, row } = await reading();
    patient.session.reachEnd();
    await expect.poll(row, SOON).toMatchObject({ endRev: 1, understoodRev: 0 });
    patient.session.point({ part: 'text', index: 1 }, true);
    await expect.poll(row, SOON).toMatchObject({ points: [{ part: 'text', index: 1 }] });
    patient.session.setVisible(false);
    await expect.poll(row, SOON).toMatchObject({ visible: false });
    patient.session.confirmUnderstood();
    await expect.poll(row, SOON).toMatchObject({ understoodRev: 1 });
  });

  it('moves with the lines on both pages, and goes on both when the line is changed', async () => {
    const { doctor, patient, screen, row } = await reading();
    for (const index of [1, 2]) patient.session.point({ part: 'text', index }, true);
    await expect.poll(() => row()?.points, SOON).toHaveLength(2);
    doctor.session.write(`first of all\n${NOTE}`);
    const moved = [1, 2].map((index) => ({ part: 'text', index: index + 1 }));
    await expect.poll(screen, SOON).toMatchObject({ points: moved });
    await expect.poll(() => row()?.points, SOON).toEqual(moved);
    doctor.session.write('first of all\nRamipril 5 mg\none in the evening\nwith water');
    await expect.poll(screen, SOON).toMatchObject({ points: [{ part: 'text', index: 3 }] });
    await expect.poll(() => row()?.points, SOON).toEqual([{ part: 'text', index: 3 }]);
  });

  it('is never older than the note: after a change it is not understood, and can be again', async () => {
    const { doctor, patient, screen, row, desk } = await reading();
    patient.session.confirmUnderstood();
    await expect.poll(row, SOON).toMatchObject({ understoodRev: 1 });
    doctor.session.write('two in the morning');
    await expect.poll(screen, SOON).toMatchObject({ note: { text: 'two in the morning' }, editing: false });
    expect(screen()).toMatchObject({ understood: false });
    expect(row()?.understoodRev).toBeLessThan(desk()?.contentRev ?? 0);
    patient.session.confirmUnderstood();
    await expect.poll(() => (row()?.understoodRev ?? 0) >= (desk()?.contentRev ?? 0), SOON).toBe(true);
  });
});

describe('more time, on the pages', () => {
  it('is added on both, also when it is pressed twice at once', async () => {
    const { doctor, patient, desk } = await reading();
    const left = () => {
      const state = patient.states.at(-1);
      return state?.name === 'reading' ? Math.round(state.room.leftMs / 60_000) : 0;
    };
    expect(left()).toBe(10);
    await Promise.all([doctor.session.extend(300), doctor.session.extend(300)]);
    await expect.poll(left, SOON).toBe(20);
    await expect.poll(() => Math.round((desk()?.leftMs ?? 0) / 60_000), SOON).toBe(20);
    // The page counts from when it was told, so that it may be a millisecond off.
    const { totalMs = 0, extendableMs = 0 } = desk() ?? {};
    expect([totalMs, extendableMs].map((ms) => Math.round(ms / 1_000))).toEqual([20 * 60, 40 * 60]);
  });
});

describe('what the chat asks of the doctor’s page', () => {
  it('more time is given as on the page, and the doctor is told that it came from the chat', async () => {
    const { doctor, patient, desk, screen, roomId } = await reading();
    const [before, until] = [desk()?.totalMs ?? 0, patient.states.at(-1)];
    expect(until).toMatchObject({ name: 'reading' });
    await glir.app.rooms.requestMoreTime(roomId);
    await expect.poll(() => wholeSeconds(desk()?.totalMs), SOON).toBe(wholeSeconds(before) + 15 * 60);
    expect(desk()?.alert).toBe('more-time');
    await expect
      .poll(screen, SOON)
      .toSatisfy(
        (shown: { room?: { totalMs: number } } | undefined) =>
          wholeSeconds(shown?.room?.totalMs) === wholeSeconds(before) + 15 * 60,
      );
    await doctor.session.extend(60 * 60);
    await expect.poll(() => desk()?.extendableMs, SOON).toBe(0);
    const asked = glir.app.rooms.requestMoreTime(roomId);
    await expect(asked).rejects.toMatchObject({ code: 'not-allowed' });
  });

  it('the server knows whether the doctor sees the page, so that nothing rings for what is on it', async () => {
    const { doctor, roomId } = await reading();
    const isVisible = () => glir.app.rooms.all().find(({ id }) => id === roomId)?.isPageVisible;
    expect(isVisible()).toBe(true);
    doctor.session.setVisible(false);
    await expect.poll(isVisible, SOON).toBe(false);
    doctor.session.setVisible(true);
    await expect.poll(isVisible, SOON).toBe(true);
  });
});
