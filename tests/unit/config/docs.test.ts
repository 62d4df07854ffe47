import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configDocs, RECIPES, variableRow } from '../../../src/config/docs.ts';
import { VARIABLE_NAMES, variable } from '../../../src/config/variables.ts';
import { load } from './settings.ts';

const written = readFileSync(new URL('../../../docs/config.md', import.meta.url), 'utf8');

describe('the documentation of the settings', () => {
  it('is up to date (else run: node scripts/config-docs.ts > docs/config.md)', () => {
    expect(written).toBe(configDocs());
  });

  it.each(VARIABLE_NAMES)('explains %s with an example that works', (name) => {
    const { doc, type, example } = variable(name);
    expect(doc).toMatch(/\.$/);
    expect(type.safeParse(example)).toMatchObject({ success: true });
    expect(written).toContain(`| \`${name}\` | ${doc}`);
    expect(written).toContain(`| ${variableRow(name).join(' | ')} |`);
  });

  it.each(RECIPES)('gives settings that work as they are: $where', ({ settings }) => {
    const machine = { addresses: ['127.0.0.1', '203.0.113.5', '10.0.0.5'] };
    expect(load(settings, machine).warnings).toEqual([]);
    for (const [name, value] of Object.entries(settings)) expect(written).toContain(`\`${name}=${value}\``);
  });
});
