import { describe, expect, it } from 'vitest';
import { adminsOf, tenantOf } from '../../../bots/slack/installations.ts';

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

describe('who may change the settings', () => {
  it.each([
    ['whoever installed GLIR first', { admin: 'U1' }, null, null, ['U1']],
    ['and those whom they chose', { admin: 'U1' }, null, ['U2', 'U3'], ['U1', 'U2', 'U3']],
    ['those alone, where nobody knows who installed it', { admin: null }, null, ['U2'], ['U2']],
    ['whom the configuration names, and nobody else', { admin: 'U1' }, ['U9'], ['U2'], ['U9']],
    ['nobody', { admin: null }, null, null, []],
  ] as const)('%s', (_who, installation, configured, chosen, admins) => {
    expect(adminsOf(installation, { admins: configured }, chosen)).toEqual(admins);
  });
});
