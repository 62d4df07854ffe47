import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { Secret } from '../../../src/config/secret.ts';
import { SECRET_NAMES, VARIABLE_NAMES, variable } from '../../../src/config/variables.ts';
import { load, MACHINE, publicSettings, refusals } from './settings.ts';

describe('GLIR without any setting', () => {
  it('runs on this machine only, with the local chat and no warnings', () => {
    expect(load({})).toEqual({
      publicUrl: 'http://localhost:3000',
      localChat: true,
      operator: null,
      http: { host: '127.0.0.1', port: 3000, trustProxy: 0 },
      rtc: {
        port: 24444,
        workers: 1,
        listen: [{ ip: '127.0.0.1', announced: [], ipv6Only: false }],
        tcp: true,
        workerBin: null,
      },
      ice: { urls: [], credentials: { kind: 'none' }, transport: 'all' },
      rooms: { expiryDefaultSeconds: 1_800, expiryMaxSeconds: 86_400, readersDefault: 3, phone: null },
      files: { fileBytes: 52_428_800, totalBytes: 209_715_200 },
      limits: {
        requests: 12_000,
        sockets: 4_000,
        entries: 3_000,
        wrongTries: 100,
        notes: { user: 200, tenant: 5_000 },
        rooms: { user: 100, tenant: 5_000 },
      },
      slack: null,
      teams: null,
      store: { dir: null, postgres: null, keys: [], historyDays: 90 },
      cluster: null,
      audit: { days: 2_192 },
      operatorSignIn: null,
      metrics: null,
      logLevel: 'info',
      logFormat: 'text',
      warnings: [],
    });
  });

  it('moves its public URL along with PORT', () => {
    expect(load({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
  });
});

describe('GLIR for others', () => {
  it('listens everywhere, announces its public address and has no local chat', () => {
    const config = load(publicSettings());
    expect(config.localChat).toBe(false);
    expect(config.http.host).toBe('0.0.0.0');
    expect(config.rtc.listen).toEqual([{ ip: '0.0.0.0', announced: ['203.0.113.5'], ipv6Only: false }]);
    expect(config.warnings).toEqual([]);
  });
});

describe('the values of the environment', () => {
  it('are read with their units', () => {
    const config = load({
      GLIR_EXPIRY_DEFAULT: '15m',
      GLIR_EXPIRY_MAX: '2h',
      GLIR_READERS_DEFAULT: '1',
      GLIR_WORKERS: '2',
      GLIR_LOG_LEVEL: 'warn',
      MEDIASOUP_WORKER_BIN: '/opt/worker',
    });
    expect(config.rooms).toEqual({
      expiryDefaultSeconds: 900,
      expiryMaxSeconds: 7_200,
      readersDefault: 1,
      phone: null,
    });
    expect(config.rtc.workers).toBe(2);
    expect(config.rtc.workerBin).toBe('/opt/worker');
    expect(config.logLevel).toBe('warn');
  });

  it.each([
    ['20/60', 20, 60],
    ['5', 5, 5],
    ['0', 0, 0],
  ])('say how large files may be: %s', (text, one, all) => {
    const megabyte = 1024 * 1024;
    expect(load({ GLIR_FILES_MAX: text }).files).toEqual({ fileBytes: one * megabyte, totalBytes: all * megabyte });
  });

  it('count as unset when empty, also those that GLIR does not know', () => {
    expect(load({ PORT: '', PUBLIC_URL: ' ', GLIR_TURN: '', GLIR_NONSENSE: '' })).toEqual(load({}));
  });

  it('may have space around them', () => {
    expect(load({ PORT: ' 8080\n' }).http.port).toBe(8080);
  });

  it('cannot be changed once they are read', () => {
    const config = load(publicSettings());
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.rtc.listen[0] ?? {}, { ip: '::' })).toThrow(TypeError);
    expect(() => Object.assign(config, { localChat: true })).toThrow(TypeError);
  });

  it.each([
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '3000x'],
    ['PORT', '0x50'],
    ['PORT', '-1'],
    ['GLIR_WORKERS', '0'],
    ['GLIR_WORKERS', '65'],
    ['GLIR_READERS_DEFAULT', '21'],
    ['GLIR_FILES_MAX', '50 MB'],
    ['GLIR_FILES_MAX', '50/20'],
    ['GLIR_FILES_MAX', '1/3000'],
    ['GLIR_TRUST_PROXY', 'true'],
    ['GLIR_LOG_LEVEL', 'loud'],
    ['GLIR_ICE_TRANSPORT', 'none'],
    ['GLIR_EXPIRY_DEFAULT', '30'],
    ['GLIR_EXPIRY_DEFAULT', '59s'],
    ['GLIR_EXPIRY_MAX', '25h'],
    ['GLIR_RTC_LISTEN', ','],
    ['GLIR_RTC_LISTEN', 'localhost'],
    ['GLIR_RTC_LISTEN', 'fe80::1%eth0'],
    ['HOST', 'glir.example.org'],
  ])('are refused when %s is "%s", naming only that variable', (name, value) => {
    const found = refusals({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${name}: .+ (Set|Unset|List) `));
  });
});

describe('the practice’s phone number', () => {
  it.each(['06 555 0100', '+49 30 1234-567', '(030) 555/01.00', '112', '+1 (555) 010-0199', ' 06 555 0100 '])(
    'is taken as it is written: "%s"',
    (phone) => expect(load({ GLIR_PHONE: phone }).rooms.phone).toBe(phone.trim()),
  );

  it('is none when it is not set, or empty', () => {
    expect(load({}).rooms.phone).toBeNull();
    expect(load({ GLIR_PHONE: ' ' }).rooms.phone).toBeNull();
  });

  it.each([
    ['letters', 'call us'],
    ['a link', 'tel:+4930123456'],
    ['markup', '<b>06 555 0100</b>'],
    ['a line end within', '06 555\n0100'],
    ['a plus in the middle', '06+555'],
    ['two digits', '06'],
    ['too many digits', '1'.repeat(21)],
    ['too many characters', `06 ${' '.repeat(30)}555`],
    ['a mark that turns the direction', '\u202e06 555 0100'],
  ])('is refused with %s, with a word on how to write it', (_what, phone) => {
    expect(refusals({ GLIR_PHONE: phone })).toEqual([
      'GLIR_PHONE: not a phone number. Write it as patients should dial it, such as 06 555 0100.',
    ]);
  });
});

describe('who runs the server', () => {
  const OPERATOR = 'Smith & Söhne <IT>, ask@example.org, مستشفى';

  it('is any text of one line, kept as it was written', () => {
    expect(load({ GLIR_OPERATOR: `  ${OPERATOR} ` }).operator).toBe(OPERATOR);
    expect(load({ GLIR_OPERATOR: '💊'.repeat(120) }).operator).toBe('💊'.repeat(120));
  });

  it.each([
    ['longer than 120 characters', 'x'.repeat(121), /longer than 120 characters\. Set a shorter text/],
    ['of two lines', 'one\ntwo', /Set one line of text\.$/],
    ['of two lines by another name', 'one\u2028two', /Set one line of text\.$/],
    ['with a control character', 'one\u0000two', /Set one line of text\.$/],
    ['that turns the direction of what follows', 'one\u202etwo', /Set one line of text\.$/],
    ['with half a character', 'one\ud83d', /Set one line of text\.$/],
  ])('is refused when it is a text %s', (_name, text, refusal) => {
    const found = refusals({ GLIR_OPERATOR: text });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^GLIR_OPERATOR: /);
    expect(found[0]).toMatch(refusal);
  });
});

describe('the longest life of a note', () => {
  it('takes the default life down with it', () => {
    expect(load({ GLIR_EXPIRY_MAX: '10m' }).rooms.expiryDefaultSeconds).toBe(600);
  });

  it('may not be shorter than a default life that was set', () => {
    expect(refusals({ GLIR_EXPIRY_MAX: '10m', GLIR_EXPIRY_DEFAULT: '11m' })).toEqual([
      'GLIR_EXPIRY_DEFAULT: longer than GLIR_EXPIRY_MAX. Set a shorter GLIR_EXPIRY_DEFAULT, or a longer GLIR_EXPIRY_MAX.',
    ]);
  });
});

describe('an environment with several mistakes', () => {
  const env = {
    PORT: 'many',
    PUBLIC_URL: 'https://glir.example.org/app',
    GLIR_EXPIRY_MAX: 'forever',
    GLIR_RTC_LISTEN: '203.0.113.9',
    GLIR_TURN: 'turn://a,turn://b',
    GLIR_TURN_SECRET: 'hush',
  };

  it('is refused once, with every mistake and how to mend it', () => {
    expect(() => loadConfig(env, MACHINE)).toThrow(ConfigError);
    expect(() => loadConfig(env, MACHINE)).toThrow(/^GLIR cannot start: 5 settings need a change\.\n- PORT: /);
    expect(refusals(env).map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'PUBLIC_URL',
      'GLIR_TURN',
      'GLIR_EXPIRY_MAX',
      'GLIR_RTC_LISTEN',
    ]);
  });

  it('does not blame a setting that is right for another that is wrong', () => {
    expect(refusals({ GLIR_EXPIRY_MAX: 'x', GLIR_EXPIRY_DEFAULT: '24h' })).toHaveLength(1);
    expect(refusals(publicSettings({ GLIR_RTC_ANNOUNCED: 'a b' }))).toHaveLength(1);
    expect(refusals({ GLIR_ICE_TRANSPORT: 'relay', GLIR_TURN: 'nonsense', GLIR_TURN_SECRET: 'x' })).toHaveLength(1);
  });
});

describe('secrets', () => {
  const env = publicSettings({
    GLIR_TURN: 'turn:turn.example.org:3478',
    GLIR_TURN_USERNAME: 'glir',
    GLIR_TURN_PASSWORD: 'hunter2hunter2',
  });

  it('are marked in the table, so that no other process inherits them', () => {
    const read = VARIABLE_NAMES.filter((name) => {
      const { type, example } = variable(name);
      const value: unknown = type.parse(example);
      return value instanceof Secret || inspect(value, { depth: 2 }).includes('Secret');
    });
    expect(SECRET_NAMES).toEqual(read);
    expect(SECRET_NAMES).toHaveLength(11);
  });

  it('are not printed with the configuration', () => {
    const config = load(env);
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(inspect(config, { depth: 9, showHidden: true })).not.toContain('hunter2');
    expect(config.ice.credentials.kind === 'fixed' && `${config.ice.credentials.password}`).toBe('[secret]');
    expect(config.ice.credentials.kind === 'fixed' && config.ice.credentials.password.reveal()).toBe('hunter2hunter2');
  });

  it('are not repeated in problems, wherever someone puts them', () => {
    const found = refusals({
      ...env,
      GLIR_TURN_SECRET: 'hunter2hunter2',
      PUBLIC_URL: 'https://glir:hunter2@example.org',
      GLIR_TURN: 'turn:glir:hunter2@turn.example.org',
      PORT: 'x',
    });
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(found.join('\n')).not.toContain('hunter2');
  });
});

describe('a variable that GLIR does not know', () => {
  it('is reported with the name that was probably meant', () => {
    expect(load({ GLIR_LOGLEVEL: 'debug', GLIR_RTC_PROT: '1' }).warnings).toEqual([
      'GLIR_LOGLEVEL is not a setting of GLIR and has no effect. Did you mean GLIR_LOG_LEVEL?',
      'GLIR_RTC_PROT is not a setting of GLIR and has no effect. Did you mean GLIR_RTC_PORT?',
    ]);
  });

  it('is reported without a guess when nothing is near', () => {
    expect(load({ GLIR_SOMETHING_ELSE: 'hush' }).warnings).toEqual([
      'GLIR_SOMETHING_ELSE is not a setting of GLIR and has no effect.',
    ]);
  });

  it('is none of our business when it is not called GLIR_', () => {
    expect(load({ GLIT_LOG_LEVEL: 'debug', PATH: '/bin', PROT: '1' }).warnings).toEqual([]);
  });
});
