import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createOnce } from '../../../bots/slack/once.ts';
import { faultOf, sdkLog } from '../../../bots/slack/sdk-log.ts';
import { nameOf, tenantOf } from '../../../bots/slack/tenant.ts';
import { standingClock } from '../../support/movable-clock.ts';

describe('once', () => {
  it('carries out a delivery once, and gives every repetition the first result', async () => {
    const once = createOnce<number>(standingClock());
    let made = 0;
    const make = () => Promise.resolve(++made);
    const results = await Promise.all(Array.from({ length: 100 }, () => once.run('key', make)));
    expect(results.map(({ result }) => result)).toEqual(Array(100).fill(1));
    expect(results.filter(({ again }) => !again)).toHaveLength(1);
    expect(await once.run('other', make)).toEqual({ result: 2, again: false });
  });

  it('tries again what failed', async () => {
    const once = createOnce<string>(standingClock());
    await expect(once.run('key', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await once.run('key', () => Promise.resolve('up'))).toEqual({ result: 'up', again: false });
  });

  it('forgets after an hour', async () => {
    const clock = standingClock();
    const once = createOnce<number>(clock);
    let made = 0;
    const make = () => Promise.resolve(++made);
    await once.run('key', make);
    clock.advance(60 * 60 * 1000 - 1);
    expect((await once.run('key', make)).again).toBe(true);
    clock.advance(1);
    await once.run('another', make);
    expect((await once.run('key', make)).again).toBe(false);
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
    expect(faultOf('MARKER')).toEqual({ error: 'string' });
    expect(faultOf(Object.assign(new Error('x'), { data: { error: 'MARKER marker' } }))).toEqual({ error: 'Error' });
  });
});
