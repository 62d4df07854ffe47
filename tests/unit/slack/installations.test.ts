import { describe, expect, it } from 'vitest';
import { nameOf, tenantOf } from '../../../bots/slack/installations.ts';

describe('a handle', () => {
  it.each([
    ['anna.rossi', 'Anna Rossi'],
    ['jonas_weber-2', 'Jonas Weber 2'],
    ['mümtaz', 'Mümtaz'],
    ['李医生', '李医生'],
    ['', ''],
  ])('"%s" is shown as "%s"', (handle, name) => {
    expect(nameOf(handle)).toBe(name);
  });
});

describe('a tenant', () => {
  it.each([
    [{ teamId: 'T1', enterpriseId: 'E1', isEnterpriseInstall: false }, 'T1'],
    [{ teamId: 'T1', enterpriseId: 'E1', isEnterpriseInstall: true }, 'E1'],
    [{ teamId: 'T1' }, 'T1'],
    [{ teamId: null, enterpriseId: 'E1' }, undefined],
    [{ isEnterpriseInstall: true, teamId: 'T1' }, undefined],
    [{}, undefined],
  ])('of %j is %s', (place, tenant) => {
    expect(tenantOf(place)?.tenant).toBe(tenant);
  });
});
