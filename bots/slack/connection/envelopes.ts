import { z } from 'zod';

const frameSchema = z.object({
  type: z.string().max(64),
  reason: z.string().max(64).nullish(),
  envelope_id: z.string().min(1).max(256).nullish(),
  payload: z.record(z.string(), z.unknown()).nullish(),
  retry_attempt: z.number().nullish(),
  retry_reason: z.string().nullish(),
});

/** What Slack sends over a socket, see https://docs.slack.dev/apis/events-api/using-socket-mode */
export type Frame =
  /** The connection is ready. */
  | { kind: 'hello' }
  /** Slack is about to close the connection, or wants it closed; `link_disabled` is that socket mode was turned off. */
  | { kind: 'disconnect'; reason: string }
  /** A command, an interaction or an event, to be acknowledged by its id. */
  | { kind: 'envelope'; envelope: Envelope }
  /** To be acknowledged, so that Slack does not send it again, and otherwise of no use. */
  | { kind: 'empty-envelope'; id: string }
  /** Nothing that Slack's documentation knows. */
  | { kind: 'unknown' };

export interface Envelope {
  id: string;
  payload: Record<string, unknown>;
  retryNum: number | null;
  retryReason: string | null;
}

/** Reads a message of Slack's socket server. Never throws. */
export function readFrame(text: string): Frame {
  const frame = frameSchema.safeParse(jsonOf(text)).data;
  if (frame === undefined) return { kind: 'unknown' };
  const { type, reason, envelope_id: id } = frame;
  if (type === 'hello') return { kind: 'hello' };
  if (type === 'disconnect') return { kind: 'disconnect', reason: /^[a-z_]+$/.exec(reason ?? '')?.[0] ?? 'unknown' };
  if (typeof id !== 'string') return { kind: 'unknown' };
  return isForBolt(frame)
    ? {
        kind: 'envelope',
        envelope: {
          id,
          payload: frame.payload ?? {},
          retryNum: frame.retry_attempt ?? null,
          retryReason: frame.retry_reason ?? null,
        },
      }
    : { kind: 'empty-envelope', id };
}

/** Events such as `app_rate_limited` have nothing inside. */
function isForBolt({ type, payload }: z.infer<typeof frameSchema>): boolean {
  if (payload === null || payload === undefined) return false;
  if (type === 'events_api') return typeof payload['event'] === 'object' && payload['event'] !== null;
  return type === 'slash_commands' || type === 'interactive';
}

/** The answer to an envelope: with a payload where the handler has something to show. */
export function acknowledgement(id: string, payload: unknown): string {
  const shown = typeof payload === 'string' ? { text: payload } : payload;
  return JSON.stringify(
    shown === undefined || shown === null ? { envelope_id: id } : { envelope_id: id, payload: shown },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
