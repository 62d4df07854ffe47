import { describe, expect, it } from 'vitest';
import {
  effective,
  NO_SETTINGS,
  policyFor,
  settingsProblems,
  type TenantSettings,
  tenantSettingsSchema,
} from '../../../bots/commands/settings.ts';

const SERVER: Parameters<typeof effective>[1] = {
  expiryDefaultSeconds: 1_800,
  expiryMaxSeconds: 28_800,
  readersDefault: 3,
  phone: null,
};

function settings(chosen: Partial<TenantSettings>): TenantSettings {
  return tenantSettingsSchema.parse(chosen);
}

function effectively(chosen: Partial<TenantSettings>, server = SERVER) {
  return effective(settings(chosen), server);
}

describe("a workspace's settings", () => {
  it("have the server's phone number until the admin gives one of their own", () => {
    const server = { ...SERVER, phone: '06 555 0100' };
    expect(effective(NO_SETTINGS, server).phone).toBe('06 555 0100');
    expect(effectively({ phone: '06 555 0199' }, server).phone).toBe('06 555 0199');
  });

  it.each([
    [['link', 'pin', 'ask'], 'ask'],
    [['link', 'pin'], 'pin'],
    [['link'], 'link'],
  ] as const)('take the strictest of %j when the admin names none', (admissions, strictest) => {
    expect(effectively({ admissions: [...admissions] }).admissionDefault).toBe(strictest);
  });

  it("are the server's while its admin chose nothing", () => {
    expect(effective(NO_SETTINGS, SERVER)).toEqual({
      expiryDefaultSeconds: 1_800,
      expiryMaxSeconds: 28_800,
      admissions: ['link', 'pin', 'ask'],
      admissionDefault: 'ask',
      readersDefault: 3,
      readersMax: 20,
      phone: null,
    });
  });

  it('are what its admin chose', () => {
    const chosen: TenantSettings = {
      expiryDefaultSeconds: 600,
      expiryMaxSeconds: 3_600,
      admissions: ['link'],
      admissionDefault: 'link',
      readersDefault: 1,
      readersMax: 2,
      phone: '+39 055 123456',
      language: 'it',
      admins: ['U2'],
    };
    const { language: _language, admins: _admins, ...limits } = chosen;
    expect(effective(settings(chosen), SERVER)).toEqual(limits);
    expect(settingsProblems(chosen, SERVER)).toEqual([]);
  });

  it('cannot go beyond the server', () => {
    expect(effectively({ expiryMaxSeconds: 86_400 }).expiryMaxSeconds).toBe(28_800);
    expect(effectively({ expiryDefaultSeconds: 86_400 }).expiryDefaultSeconds).toBe(28_800);
  });

  it("lower the server's defaults to their own limits", () => {
    expect(effectively({ expiryMaxSeconds: 600 }).expiryDefaultSeconds).toBe(600);
    expect(effectively({ readersMax: 2 }).readersDefault).toBe(2);
  });

  it.each([
    [['link', 'ask'], null, 'ask'],
    [['link', 'ask'], 'link', 'link'],
    [['link'], null, 'link'],
    [['link'], 'ask', 'link'],
    [['ask'], 'link', 'ask'],
  ] as const)('with %j allowed and %s as default let readers in by %s', (admissions, admissionDefault, expected) => {
    expect(effectively({ admissions: [...admissions], admissionDefault }).admissionDefault).toBe(expected);
  });

  it('that were stored by another version are read as far as they are known', () => {
    expect(tenantSettingsSchema.parse({ readersMax: 2, future: true })).toEqual({ ...NO_SETTINGS, readersMax: 2 });
  });

  it.each([
    { expiryDefaultSeconds: 59 },
    { expiryMaxSeconds: 86_401 },
    { expiryMaxSeconds: 90.5 },
    { admissions: [] },
    { admissions: ['maybe'] },
    { readersDefault: 0 },
    { readersMax: 21 },
    { phone: '' },
    { phone: '12' },
    { phone: 'call us' },
    { phone: 'https://example.org/055123' },
    { phone: '055 123456 <b>' },
    { phone: '1'.repeat(33) },
  ])('are refused when they are %j', (wrong) => {
    expect(tenantSettingsSchema.safeParse(wrong).success).toBe(false);
  });

  it.each(['112', '+39 055 123456', '+39 (0)55 123-456', '(055) 12.34.56', '030/12345', ' 112 '])(
    'take the phone number "%s"',
    (phone) => {
      expect(tenantSettingsSchema.parse({ phone }).phone).toBe(phone.trim());
    },
  );

  it.each([
    [{ expiryMaxSeconds: 86_400 }, [{ field: 'expiryMaxSeconds', kind: 'over-server-limit' }]],
    [{ expiryDefaultSeconds: 601, expiryMaxSeconds: 600 }, [{ field: 'expiryDefaultSeconds', kind: 'over-own-limit' }]],
    [{ expiryDefaultSeconds: 30_000 }, [{ field: 'expiryDefaultSeconds', kind: 'over-own-limit' }]],
    [
      { admissions: ['ask'] as const, admissionDefault: 'link' as const },
      [{ field: 'admissionDefault', kind: 'not-among-allowed' }],
    ],
    [{ readersDefault: 3, readersMax: 2 }, [{ field: 'readersDefault', kind: 'over-own-limit' }]],
  ])('that contradict each other are pointed out to the admin: %j', (chosen, problems) => {
    expect(settingsProblems(tenantSettingsSchema.parse(chosen), SERVER)).toEqual(problems);
  });
});

describe('the policy of a draft', () => {
  const limits = effectively({ expiryMaxSeconds: 3_600, admissions: ['ask'], readersMax: 5 });

  it('has the defaults where the doctor chose nothing', () => {
    expect(policyFor(limits, {})).toEqual({
      kind: 'policy',
      policy: { expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true },
    });
    expect(policyFor(limits, { expirySeconds: undefined })).toEqual(policyFor(limits, {}));
  });

  it('has what the doctor chose, up to the limits', () => {
    const policy = { expirySeconds: 3_600, admission: 'ask', maxReaders: 5, showName: false } as const;
    expect(policyFor(limits, policy)).toEqual({ kind: 'policy', policy });
    expect(policyFor(limits, { ...policy, expirySeconds: 60, maxReaders: 1 }).kind).toBe('policy');
  });

  it.each([59, 3_601, 0, -1, 90.5, Number.NaN])(
    'is refused for %d seconds, with those that would do',
    (expirySeconds) => {
      expect(policyFor(limits, { expirySeconds })).toEqual({ kind: 'out-of-range', minSeconds: 60, maxSeconds: 3_600 });
    },
  );

  it('is refused for an admission that the admin does not allow, with those that would do', () => {
    expect(policyFor(limits, { admission: 'link' })).toEqual({ kind: 'admission-not-allowed', allowed: ['ask'] });
  });

  it.each([0, 6, 2.5, Number.NaN])('is refused for %d readers, with how many would do', (maxReaders) => {
    expect(policyFor(limits, { maxReaders })).toEqual({ kind: 'readers-out-of-range', min: 1, max: 5 });
  });
});
