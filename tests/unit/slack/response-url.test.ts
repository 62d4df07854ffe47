import { describe, expect, it } from 'vitest';
import { responseUrlReader } from '../../../bots/slack/response-url.ts';

const read = responseUrlReader('https://slack.com');

describe('a response_url', () => {
  it.each([
    'https://hooks.slack.com/commands/T1/1/abc',
    'https://hooks.slack.com/actions/T1/1/abc',
    'https://hooks.slack.com:443/commands/T1/1/abc',
    'https://HOOKS.slack.com/app/T1/1/abc',
  ])('%s is Slack’s', (url) => {
    expect(read(url)).toBe(new URL(url).href);
  });

  it.each([
    'http://hooks.slack.com/commands/T1/1/abc',
    'https://hooks.slack.com:8443/commands/T1/1/abc',
    'https://hooks.slack.com.example.org/commands',
    'https://hooks.slack.com@example.org/commands',
    'https://user:word@hooks.slack.com/commands',
    'https://hooks.slack.com%2eexample.org/',
    'https://xhooks.slack.com/commands',
    'https://slack.com/commands',
    'https://hooks.slack-gov.com/commands',
    'https://hooks.slack.com./commands',
    'https://127.0.0.1/commands',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//hooks.slack.com/commands',
    'hooks.slack.com',
    '',
    null,
    undefined,
    7,
    { href: 'https://hooks.slack.com/' },
  ])('%j is not called', (url) => {
    expect(read(url)).toBeNull();
  });

  it('of another Slack lies on that one’s host', () => {
    expect(responseUrlReader('https://slack-gov.com')('https://hooks.slack-gov.com/x')).not.toBeNull();
    expect(responseUrlReader('https://slack-gov.com')('https://hooks.slack.com/x')).toBeNull();
    const emulator = responseUrlReader('http://127.0.0.1:4003');
    expect(emulator('http://127.0.0.1:4003/response/1')).not.toBeNull();
    expect(emulator('http://127.0.0.1:4004/response/1')).toBeNull();
    expect(emulator('https://hooks.slack.com/x')).toBeNull();
  });
});
