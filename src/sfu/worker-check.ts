import { createWorker } from 'mediasoup';
import { rtcPortProblem, webRtcServerOptions } from '../../mediasoup-config/webrtc-server.ts';
import { workerSettings } from '../../mediasoup-config/worker.ts';
import type { Config } from '../config/config.ts';
import { withWorkerEnvironment } from './worker-environment.ts';

/**
 * Starts a worker and stops it again, to see whether that works; `with-ports` also takes the ports of all workers, which no
 * server may hold then. Throws an Error that says what is in the way.
 */
export async function tryWorker(
  config: Config,
  ports: 'with-ports' | 'without-ports' = 'without-ports',
): Promise<void> {
  const worker = await withWorkerEnvironment(() => createWorker(workerSettings(config)));
  try {
    for (let index = 0; ports === 'with-ports' && index < config.rtc.workers; index++) {
      await worker.createWebRtcServer(webRtcServerOptions(config, index)).catch((error: unknown) => {
        throw rtcPortProblem(error, config, index);
      });
    }
  } finally {
    worker.close();
  }
}
