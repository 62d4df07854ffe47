import { describe, expect, it } from 'vitest';
import { isUnit, readAmount, readChain } from '../../../web-composer/medicines/reading/dose-amounts.ts';

describe('a text that is nothing but', () => {
  it('a unit', () => {
    expect(['tablet', 'Tabl.', 'IE', 'colher de chá', 'мг'].filter(isUnit)).toHaveLength(5);
    expect(['', '1 tablet', 'tablet daily', 'wombat', 'u.'].filter(isUnit)).toEqual(['u.']);
  });

  it('an amount', () => {
    expect(['1', '½', '1 tablet', '10 IE', '5 000 UI', '0,125 mg'].map(readAmount)).not.toContain(null);
    for (const text of ['', 'tablet', '1 tablet daily', '1 wombat', '1-2', '000']) expect(readAmount(text)).toBeNull();
  });

  it('a chain', () => {
    expect(readChain('1-0-½ tablets')).toEqual(['1 tablets', '', '½ tablets']);
    for (const text of ['1-0', '1-0-1 daily', '1-0-1-', '22-11-26', '0-0-0', '']) expect(readChain(text)).toBeNull();
  });
});
