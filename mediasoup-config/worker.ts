import type { WorkerLogLevel, WorkerSettings } from 'mediasoup/types';
import type { Config } from '../src/config/config.ts';

/** mediasoup's own debug level names patients' addresses in every line, so nothing asks for it. */
const LOG_LEVELS: Record<Config['logLevel'], WorkerLogLevel> = {
  silent: 'none',
  fatal: 'error',
  error: 'error',
  warn: 'warn',
  info: 'warn',
  debug: 'warn',
  trace: 'warn',
};

/**
 * Settings of a worker process.
 *
 * - `logTags`: the process and the three layers that a data channel stands on; the others are for audio and video.
 * - `workerBin`: the configured worker, otherwise mediasoup looks into its own package.
 * - No DTLS certificate: each worker makes one when it starts, so there is no key on any disk, and what was recorded
 *   before a restart belongs to a key that is gone.
 * - No port range: every socket belongs to the worker's WebRTC server, whose port is fixed.
 */
export function workerSettings(config: Config): WorkerSettings {
  return {
    logLevel: LOG_LEVELS[config.logLevel],
    logTags: ['info', 'ice', 'dtls', 'sctp'],
    ...(config.rtc.workerBin === null ? {} : { workerBin: config.rtc.workerBin }),
  };
}
