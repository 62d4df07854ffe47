import { describe, expect, it } from 'vitest';
import { buildProgress, compilersAtOnce } from '../../../scripts/setup/mediasoup-worker.mjs';

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
});
