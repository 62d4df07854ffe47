import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import type { Logger } from 'pino';
import { errorFields as plainErrorFields } from '../commands/error-fields.ts';

/**
 * Slack's SDKs log through this. Their texts carry payloads and tokens behind the first bracket or colon, and their
 * debug lines are payloads: only the beginning of warnings and errors comes through, and of errors the name and code.
 */
export function sdkLog(log: Logger): SlackLogger {
  const write = (level: 'warn' | 'error', parts: unknown[]): void => {
    const [first] = parts;
    const what = typeof first === 'string' ? { text: beginning(first) } : {};
    const error = parts.find((part) => part instanceof Error);
    log[level]({ event: 'slack-sdk', ...what, ...(error === undefined ? {} : errorFields(error)) });
  };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => write('warn', parts),
    error: (...parts) => write('error', parts),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}

/** What the log may say of an error: its name and codes. Slack's own error code is a word such as `missing_scope`. */
export function errorFields(error: unknown): { error: string; code?: string; slack?: string } {
  const slack = slackErrorOf(error);
  return { ...plainErrorFields(error), ...(slack === null ? {} : { slack }) };
}

/** Slack's word for what is wrong, such as `expired_trigger_id`; null for any other kind of error. */
export function slackErrorOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('data' in error)) return null;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('error' in data)) return null;
  return typeof data.error === 'string' && /^[a-z_]{1,64}$/.test(data.error) ? data.error : null;
}

const TEXT_CHARACTERS = 120;

function beginning(text: string): string {
  return text
    .replace(/[(:{["'].*$/s, '')
    .trim()
    .slice(0, TEXT_CHARACTERS);
}
