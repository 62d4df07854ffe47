import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { errorFields, sdkLog } from '../../../bots/slack/slack-log.ts';

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
