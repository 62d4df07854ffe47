import type { RequestHandler } from 'express';
import type { Clock } from '../clock.ts';
import type { Metrics } from './metrics.ts';

/** Times how long chat platforms wait for an answer; `platforms` are by the path that each one calls. */
export function timeChatAnswers(
  metrics: Metrics,
  clock: Pick<Clock, 'uptime'>,
  platforms: ReadonlyMap<string, string>,
): RequestHandler {
  return ({ path, method }, response, next) => {
    const platform = method === 'POST' ? platforms.get(path) : undefined;
    if (platform !== undefined) {
      const begun = clock.uptime();
      response.once('close', () => {
        const outcome = !response.writableFinished ? 'cut-off' : response.statusCode < 400 ? 'acknowledged' : 'refused';
        metrics.observe('glir_chat_answer_seconds', { platform, outcome }, (clock.uptime() - begun) / 1000);
      });
    }
    next();
  };
}
