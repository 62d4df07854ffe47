import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { choicesIn } from '../../../bots/slack/blocks.ts';
import { nameOf, tenantOf } from '../../../bots/slack/installations.ts';
import { errorFields, sdkLog } from '../../../bots/slack/slack-log.ts';

describe('a submitted modal', () => {
  const option = (value: string) => ({ type: 'static_select', selected_option: { value } });

  it('is read as one choice for each field', () => {
    const values = { expiry: { expiry: option('900') }, admission: { admission: option('ask') } };
    expect(choicesIn({ id: 'V1', state: { values } })).toEqual({ expiry: '900', admission: 'ask' });
    expect(choicesIn({ state: { values: { expiry: { other: option('900') } } } })).toEqual({ expiry: '' });
  });

  it.each([
    [null],
    [{}],
    [{ state: { values: {} } }],
    [{ state: { values: { expiry: { expiry: { selected_option: null } } } } }],
    [{ state: { values: { expiry: { expiry: { type: 'plain_text_input', value: 'MARKER' } } } } }],
  ])('that is not one of ours holds no choice (%j)', (view) => {
    expect(choicesIn(view)).toEqual({});
  });
});

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

describe('what Slack’s SDKs log', () => {
  function logged(write: (log: ReturnType<typeof sdkLog>) => void): string {
    let lines = '';
    const to = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines += chunk.toString();
        done();
      },
    });
    write(sdkLog(pino({ level: 'trace' }, to)));
    return lines;
  }

  it('keeps the words at the beginning, and of errors the name and the code', () => {
    const error = Object.assign(new TypeError('MARKER'), { code: 'slack_code', data: { error: 'missing_scope' } });
    const line = logged((log) => log.warn('Request verification failed (message: MARKER)', error));
    expect(JSON.parse(line)).toMatchObject({
      event: 'slack-sdk',
      text: 'Request verification failed',
      error: 'TypeError',
      code: 'slack_code',
      slack: 'missing_scope',
    });
  });

  it.each([
    ['debug', (log: ReturnType<typeof sdkLog>) => log.debug('ack() call begins (body: MARKER)')],
    ['info', (log: ReturnType<typeof sdkLog>) => log.info('MARKER')],
    ['a payload', (log: ReturnType<typeof sdkLog>) => log.error({ text: 'MARKER' })],
    ['JSON', (log: ReturnType<typeof sdkLog>) => log.error('{"text":"MARKER"}')],
    ['an error’s message', (log: ReturnType<typeof sdkLog>) => log.error(new Error('MARKER'))],
    ['what was quoted', (log: ReturnType<typeof sdkLog>) => log.error('Unexpected token in "MARKER"')],
  ])('holds nothing of %s', (_name, write) => {
    expect(logged(write)).not.toContain('MARKER');
  });

  it('names an error that is none', () => {
    expect(errorFields('MARKER')).toEqual({ error: 'string' });
    expect(errorFields(Object.assign(new Error('x'), { data: { error: 'MARKER marker' } }))).toEqual({
      error: 'Error',
    });
  });
});
