import type { RouterOptions } from 'mediasoup/types';

/**
 * Options of a room's router. Without codecs it can carry no audio or video, whatever a client asks for, and stays at
 * about 1 kB in the worker.
 */
export function routerOptions(): RouterOptions {
  return { mediaCodecs: [] };
}
