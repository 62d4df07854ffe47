import { describe, expect, it } from 'vitest';
import { isPin, PinGate, proposePin } from '../../../web-composer/session/pin.ts';
import { readPin } from '../../../web-receiver/session/pin-entry.ts';
import { findsIn } from '../../support/server/search.ts';
import { doctor, NOTE, PIN } from './composer-setup.ts';

describe('the gate that checks PINs', () => {
  it('lets the right one in as often as it comes, and counts no try for it', () => {
    const gate = new PinGate(PIN);
    for (let time = 0; time < 10; time++) expect(gate.guess(PIN)).toBe('right');
    expect(gate.triesLeft).toBe(5);
  });

  it('counts wrong ones of everybody together, and locks with the fifth', () => {
    const gate = new PinGate(PIN);
    const answers = ['0000', '1111', '2222', '3333', '4444'].map((pin) => [gate.guess(pin), gate.triesLeft]);
    expect(answers).toEqual([
      ['wrong', 4],
      ['wrong', 3],
      ['wrong', 2],
      ['wrong', 1],
      ['locked', 0],
    ]);
  });

  it('stays locked, for the right PIN as well', () => {
    const gate = new PinGate(PIN);
    for (let guess = 0; guess < 5; guess++) gate.guess(`00000${guess}`);
    expect(gate.guess(PIN)).toBe('locked');
    expect(gate.guess('000000')).toBe('locked');
    expect(gate.triesLeft).toBe(0);
  });

  it('gives no try back for a right PIN in between', () => {
    const gate = new PinGate(PIN);
    for (let guess = 0; guess < 4; guess++) gate.guess(`00000${guess}`);
    expect(gate.guess(PIN)).toBe('right');
    expect(gate.guess('000009')).toBe('locked');
  });

  it('counts the same wrong one once, however often and by whomever it is tried', () => {
    const gate = new PinGate(PIN);
    for (let time = 0; time < 20; time++) expect(gate.guess('123456')).toBe('wrong');
    expect(gate.triesLeft).toBe(4);
    for (const pin of ['0000', '1111', '2222']) expect(gate.guess(pin)).toBe('wrong');
    expect(gate.guess('123456')).toBe('wrong');
    expect(gate.guess('4444')).toBe('locked');
    expect(gate.guess('123456')).toBe('locked');
  });

  it.each([
    ['its first digits', '31415'],
    ['more digits behind it', '3141590'],
    ['a space before it', ' 314159'],
    ['nothing', ''],
  ])('takes no near miss for right: %s', (_what, guess) => {
    expect(new PinGate(PIN).guess(guess)).toBe('wrong');
  });
});

describe('a PIN that GLIR proposes', () => {
  it('has six digits, and can begin with zero', () => {
    const pins = Array.from({ length: 500 }, proposePin);
    for (const pin of pins) expect(pin).toMatch(/^[0-9]{6}$/);
    expect(pins.some((pin) => pin.startsWith('0'))).toBe(true);
    expect(new Set(pins).size).toBeGreaterThan(490);
  });

  it('is made of all ten digits at each of its places, none of them rarer than chance explains', () => {
    const pins = Array.from({ length: 5_000 }, proposePin);
    for (let place = 0; place < 6; place++) {
      const counts = new Map<string, number>();
      for (const pin of pins) counts.set(pin[place] ?? '', (counts.get(pin[place] ?? '') ?? 0) + 1);
      expect(counts.size).toBe(10);
      // 500 expected, standard deviation 21: beyond eight of them is no chance.
      for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(170);
    }
  });
});

describe('what can be a room’s PIN', () => {
  it.each(['0000', '1234', '123456', '012345678901'])('is %s', (pin) => expect(isPin(pin)).toBe(true));

  it.each(['', '123', '1234567890123', '12a4', '12 34', ' 1234', '١٢٣٤', '１２３４', '12.4', '-1234', '1234\n'])(
    'is not %j',
    (pin) => expect(isPin(pin)).toBe(false),
  );
});

describe('a PIN as a patient types it', () => {
  it.each([
    ['plain digits', '314159', '314159'],
    ['two groups', '314 159', '314159'],
    ['dashes', '31-41-59', '314159'],
    ['full stops', '31.41.59', '314159'],
    ['spaces around it', '  314159\t\n', '314159'],
    ['spaces that do not break', '314\u00a0159', '314159'],
    ['Arabic-Indic digits', '٣١٤١٥٩', '314159'],
    ['Persian digits', '۳۱۴۱۵۹', '314159'],
    ['Devanagari digits', '३१४१५९', '314159'],
    ['Bengali digits', '৩১৪১৫৯', '314159'],
    ['Thai digits', '๓๑๔๑๕๙', '314159'],
    ['fullwidth digits', '３１４１５９', '314159'],
    ['mathematical digits', '𝟯𝟭𝟰𝟭𝟱𝟵', '314159'],
    ['digits of two scripts', '٣١٤159', '314159'],
    ['all ten Arabic-Indic digits', '٠١٢٣٤٥٦٧٨٩', '0123456789'],
    ['all ten Persian digits', '۰۱۲۳۴۵۶۷۸۹', '0123456789'],
    ['all ten Devanagari digits', '०१२३४५६७८९', '0123456789'],
    ['all ten mathematical digits', '𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗', '0123456789'],
    ['zeros at its beginning', '0007', '0007'],
    ['the shortest', '1234', '1234'],
    ['the longest', '123456789012', '123456789012'],
  ])('is understood with %s', (_what, typed, pin) => expect(readPin(typed)).toBe(pin));

  it.each([
    '',
    '   ',
    '123',
    '1234567890123',
    'secret',
    '12a456',
    'O123',
    '1½34',
    '+1234',
    '12,34',
    '一二三四',
    '<b>1234',
  ])('cannot be %j', (typed) => expect(readPin(typed)).toBeNull());
});

describe('a note behind a PIN', () => {
  it('is given to a reader with the right one, without asking the doctor', async () => {
    const { reader } = await doctor({ admission: 'pin' });
    const patient = await reader();
    expect(patient.row.state).toBe('pin');
    expect(patient.frames).toBe(0);
    await patient.types(PIN);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
    await patient.shows();
    expect(patient.row).toMatchObject({ state: 'reading', wrongPins: 0 });
  });

  it('stays where it is when the PIN is wrong: the patient is told how many tries are left, and may try again', async () => {
    const { reader, requests } = await doctor({ admission: 'pin' });
    const patient = await reader();
    for (const left of [4, 3]) {
      await patient.types(`00000${left}`);
      expect(await patient.hears()).toEqual({ kind: 'wrong-pin', triesLeft: left });
    }
    expect(patient.frames).toBe(0);
    expect(requests.filter(({ t }) => t === 'admit')).toEqual([]);
    expect(patient.row).toMatchObject({ state: 'pin', wrongPins: 2 });
    await patient.types(PIN);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('cannot be reached by asking to be admitted: the doctor’s list offers nobody who owes a PIN', async () => {
    const { readers, reader, requests } = await doctor({ admission: 'pin' });
    const patient = await reader();
    await readers.admit(patient.readerId);
    expect(patient.frames).toBe(0);
    expect(requests.filter(({ t }) => t === 'admit')).toEqual([]);
    const reports = requests.filter(({ t }) => t === 'report-readers');
    expect(reports.every((one) => JSON.stringify(one).includes('"waiting":[]'))).toBe(true);
  });

  it('counts twenty wrong guesses at the same moment as five, locks, and lets nobody in afterwards', async () => {
    const all = await doctor({ admission: 'pin' });
    const newcomers = await all.newcomers(20);
    await Promise.all(newcomers.flatMap((one, number) => [one.knocks(), one.types(String(100_000 + number))]));
    const answers = await Promise.all(newcomers.map((one) => one.hears()));
    const tries = answers.flatMap((answer) => (answer?.kind === 'wrong-pin' ? [answer.triesLeft] : []));
    expect(tries.sort()).toEqual([1, 2, 3, 4]);
    expect(all.gate?.triesLeft).toBe(0);
    expect(all.locked).toBeGreaterThan(0);
    for (const one of newcomers.filter((each) => !each.isTurnedAway)) await one.types(PIN);
    const late = await all.reader();
    await late.types(PIN);
    expect([...newcomers, late].every((one) => one.frames === 0)).toBe(true);
    expect(all.requests.filter(({ t }) => t === 'admit')).toEqual([]);
  });

  it('takes a PIN that came right behind the knock, before the handshake was over', async () => {
    const { newcomer } = await doctor({ admission: 'pin' });
    const patient = await newcomer();
    const pin = await patient.seal({ kind: 'pin', pin: PIN });
    await Promise.all([patient.knocks(), patient.passes(pin)]);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('takes two PINs right behind the knock in their order', async () => {
    const { newcomer, gate } = await doctor({ admission: 'pin' });
    const patient = await newcomer();
    const wrong = await patient.seal({ kind: 'pin', pin: '000000' });
    const right = await patient.seal({ kind: 'pin', pin: PIN });
    await Promise.all([patient.knocks(), patient.passes(wrong), patient.passes(right)]);
    expect(gate?.triesLeft).toBe(4);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('takes no PIN from somebody who has not knocked, and none from whoever spoke before knocking', async () => {
    const { newcomer, gate } = await doctor({ admission: 'pin' });
    const patient = await newcomer();
    await patient.types(PIN);
    await patient.knocks();
    expect(patient.frames).toBe(0);
    // Something that it said is missing: this connection cannot be trusted any more, and a new one is.
    await patient.types(PIN);
    expect(patient.isTurnedAway).toBe(true);
    expect(patient.frames).toBe(0);
    expect(gate?.triesLeft).toBe(5);
  });

  it('takes a PIN over one connection only: the same sealed words over another are turned away', async () => {
    const { reader, gate } = await doctor({ admission: 'pin' });
    const [patient, thief] = [await reader(), await reader()];
    const pin = await patient.seal({ kind: 'pin', pin: PIN });
    await thief.passes(pin);
    expect(thief.isTurnedAway).toBe(true);
    expect(thief.frames).toBe(0);
    expect(gate?.triesLeft).toBe(5);
    await patient.passes(pin);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('does nothing with a PIN of a reader who has the note already, right or wrong', async () => {
    const { reader, gate } = await doctor({ admission: 'pin' });
    const patient = await reader();
    await patient.types(PIN);
    await patient.note();
    await patient.types('000000');
    await patient.shows();
    await patient.types(PIN);
    await patient.types('000000');
    expect(gate?.triesLeft).toBe(5);
    expect(patient.row).toMatchObject({ state: 'reading', wrongPins: 0 });
    expect(patient.frames).toBe(1);
  });

  it('does nothing with a PIN where none was set', async () => {
    const { reader } = await doctor({ admission: 'ask' });
    const patient = await reader();
    await patient.types(PIN);
    expect(patient.row.state).toBe('waiting');
    expect(patient.frames).toBe(0);
  });

  it('comes back to a reader with its pass without the PIN, also when the room is one try from the lock', async () => {
    const { reader, gate } = await doctor({ admission: 'pin' });
    const patient = await reader();
    await patient.types(PIN);
    const { token } = await patient.note();
    for (let guess = 0; guess < 4; guess++) gate?.guess(`00000${guess}`);
    const back = await reader(undefined, token);
    expect(await back.note()).toMatchObject({ note: { text: NOTE } });
    expect(gate?.triesLeft).toBe(1);
  });

  it('is not given for a pass that nobody gave', async () => {
    const { reader } = await doctor({ admission: 'pin' });
    const newcomer = await reader(undefined, 'cGFzc3Bhc3NwYXNzcGFzcw');
    expect(newcomer.frames).toBe(0);
    expect(newcomer.row.state).toBe('pin');
  });

  it('leaves no PIN on the way, right or wrong, in any spelling: all that the server saw is searched', async () => {
    const pin = '271828182845';
    const wrong = '161803398874';
    const { readers, reader, traffic } = await doctor({ admission: 'pin', pin });
    const patient = await reader();
    await patient.types(wrong);
    await patient.types(pin);
    await patient.note();
    await patient.shows();
    await readers.wipe('revoked');
    const places = traffic.map((one) => (one instanceof Uint8Array ? Buffer.from(one) : JSON.stringify(one)));
    // Boxes travel in base64url: what is in them is searched as well.
    const opened = places.flatMap((one) => (typeof one === 'string' ? [Buffer.from(one, 'base64url')] : []));
    for (const secret of [pin, wrong, NOTE]) expect(findsIn([...places, ...opened], secret)).toBe(false);
    expect(findsIn([...places, ...opened, `{"pin":"${pin}"}`], pin)).toBe(true);
    expect(places.length).toBeGreaterThan(8);
  });
});
