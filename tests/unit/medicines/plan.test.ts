import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Medicine } from '../../../src/protocol/note.ts';
import { splitAtNumbers } from '../../../web-shared/plan/number-with-unit.ts';
import { compareMedicines, formerEntry } from '../../../web-shared/plan/plan-changes.ts';

const NO_PLAN = { morning: '', noon: '', evening: '', night: '' };

function medicine(name: string, more: Partial<Medicine> = {}): Medicine {
  return { name, strength: '5 mg', dose: '', plan: NO_PLAN, when: '', duration: '', remarks: '', ...more };
}

const [ramipril, metformin, aspirin] = [medicine('Ramipril'), medicine('Metformin'), medicine('Aspirin')];

describe('the medicines of two versions of a list', () => {
  it('are the same when they only stand in another order', () => {
    const { changed, removed } = compareMedicines([ramipril, metformin, aspirin], [aspirin, ramipril, metformin]);
    expect([changed.size, removed.length]).toEqual([0, 0]);
  });

  it('belong together by their name; another name is a new medicine, and the one before is gone', () => {
    const stronger = medicine('RAMIPRIL', { strength: '10 mg' });
    const { changed, removed } = compareMedicines([ramipril, aspirin], [medicine('Apixaban'), stronger]);
    expect(changed).toEqual(
      new Map([
        [0, null],
        [1, ramipril],
      ]),
    );
    expect(removed).toEqual([aspirin]);
  });

  it('belong together by their strength as well where a name comes twice', () => {
    const [weak, strong] = [medicine('Warfarin', { strength: '1 mg' }), medicine('Warfarin', { strength: '5 mg' })];
    const changedStrong = { ...strong, when: 'in the evening' };
    expect(compareMedicines([weak, strong], [changedStrong])).toEqual({
      changed: new Map([[0, strong]]),
      removed: [weak],
    });
  });

  it('are never taken for one another without a name', () => {
    const { changed, removed } = compareMedicines([medicine('', { when: 'a' })], [medicine('', { when: 'b' })]);
    expect([changed.get(0), removed.length]).toEqual([null, 1]);
  });

  it('of any two lists are all accounted for: kept, changed, new or gone', () => {
    const lists = fc.array(
      fc.record({ name: fc.constantFrom('A', 'a', 'B', ''), strength: fc.constantFrom('1', '2') }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lists, lists, (one, two) => {
        const [before, after] = [one, two].map((list) =>
          list.map(({ name, strength }) => medicine(name, { strength })),
        );
        if (before === undefined || after === undefined) return;
        const { changed, removed } = compareMedicines(before, after);
        const changedFrom = [...changed.values()].filter((was) => was !== null).length;
        const kept = after.length - changed.size;
        expect(kept + changedFrom + removed.length).toBe(before.length);
      }),
    );
  });
});

describe('what an entry said before', () => {
  const was = medicine('Ramipril', { plan: { ...NO_PLAN, morning: '1' }, duration: '7 days' });

  it('is the amount at the same time of the day, and what else is other now', () => {
    const now = { ...was, strength: '10 mg', plan: { ...NO_PLAN, morning: '½' }, duration: '' };
    expect(formerEntry(was, now, 'morning')).toEqual({
      name: '',
      strength: '5 mg',
      amount: '1',
      dose: '',
      when: '',
      duration: '7 days',
      remarks: '',
      times: [],
    });
  });

  it('is the whole day where the times are others now', () => {
    const now = { ...was, plan: NO_PLAN, when: '1-0-0 mittwochs' };
    expect(formerEntry(was, now, 'otherTimes')).toMatchObject({
      amount: '',
      when: '',
      times: [{ part: 'morning', amount: '1' }],
    });
    expect(formerEntry(now, was, 'morning')).toMatchObject({
      when: '1-0-0 mittwochs',
      times: [{ part: 'otherTimes', amount: '' }],
    });
  });
});

describe('a number and its unit', () => {
  const together = (text: string): string[] =>
    splitAtNumbers(text).flatMap((piece) => (piece.together ? [piece.text] : []));

  it.each([
    ['Ramipril 5 mg', ['5 mg']],
    ['½ tablet in the morning', ['½ tablet']],
    ['1 1/2 tablets', ['1 1/2 tablets']],
    ['5 000 IU a week', ['5 000 IU']],
    ['0,125 mg', ['0,125 mg']],
    ['2.5 ml/kg', ['2.5 ml/kg']],
    ['1-0-1 tablets', ['1-0-1 tablets']],
    ['٥ ملغ صباحا', ['٥ ملغ']],
    ['Vitamin B12 1', []],
    ['1', []],
  ])('of "%s" stay together', (text, pieces) => {
    expect(together(text)).toEqual(pieces);
  });

  it('are pieces of a text of which no letter is lost', () => {
    const parts = fc.array(fc.constantFrom('5', ' ', 'mg', '½', '1/2', '.', ',', '-', 'x', 'مل', '\u00a0', '(', '٣'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((each) => each.join('')),
        ),
        (text) => {
          expect(
            splitAtNumbers(text)
              .map((piece) => piece.text)
              .join(''),
          ).toBe(text);
        },
      ),
    );
  });
});
