import { observer, type types } from 'mediasoup';

/** Everything that goes through the SFU while it is tapped. */
export interface SfuTap {
  /** Each message, as the SFU's own consumer gets it: what came in from the composer and goes out to the reader. */
  messages: Buffer[];
}

/**
 * Listens in on every stream of every worker that starts from now on, through mediasoup's own means: a direct transport
 * beside each producer. Call it before the server starts.
 */
export function tapSfu(): SfuTap {
  const messages: Buffer[] = [];
  observer.on('newworker', (worker) => {
    worker.observer.on('newrouter', (router) => {
      let direct: Promise<types.DirectTransport> | null = null;
      router.observer.on('newtransport', (transport) => {
        if (transport.type === 'direct') return;
        transport.observer.on('newdataproducer', async ({ id }) => {
          direct ??= router.createDirectTransport();
          const consumer = await (await direct).consumeData({ dataProducerId: id });
          consumer.on('message', (message) => messages.push(Buffer.from(message)));
        });
      });
    });
  });
  return { messages };
}
