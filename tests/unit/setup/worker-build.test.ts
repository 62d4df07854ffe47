import { describe, expect, it } from 'vitest';
import { duration } from '../../../scripts/setup/report.mjs';
import { buildProgress, compilersAtOnce } from '../../../scripts/setup/worker-build.mjs';

const GiB = 2 ** 30;

describe('building the worker', () => {
  it('uses every core, but no more compilers than there is memory for', () => {
    expect(compilersAtOnce(2, 24 * GiB)).toBe(2);
    expect(compilersAtOnce(8, 4 * GiB)).toBe(4);
    expect(compilersAtOnce(4, GiB / 2)).toBe(1);
  });

  it('shows how far it is', () => {
    expect(buildProgress('[120/213] Building CXX object x.cpp.o')).toBe('120 of 213 files');
    expect(buildProgress('warning: [1/2] of nothing')).toBeUndefined();
  });

  it.each([
    [40, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [59_600, '1 min 0 s'],
    [215_000, '3 min 35 s'],
  ])('%d ms read as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
