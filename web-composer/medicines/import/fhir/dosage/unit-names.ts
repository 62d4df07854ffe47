/** Words for units that FHIR gives only as a code. */
import table from '../words/units.json' with { type: 'json' };

const aliases = new Map<string, string>(Object.entries(table.alias));
const names = new Map<string, Readonly<Record<string, string>>>(Object.entries(table.units));

/**
 * What a unit's UCUM code is called in a language, such as `micrograms` for `ug` and `mg / ml` for `mg/mL`. '' for the
 * code 1, which counts pieces without a name; null for a code that is not known.
 */
export function unitName(code: string, language: string): string | null {
  if (code === '1') return '';
  const parts = code.split('/').map((part) => names.get(aliases.get(part) ?? part)?.[language] ?? null);
  return parts.every((part) => part !== null) ? parts.join(' / ') : null;
}
