/**
 * Proves that a mediasoup worker works here: it has to start, open its ports and carry one message.
 *   node scripts/setup/mediasoup-worker-proof.mjs <path of mediasoup-worker>
 * Ends with code 0 when the message arrived unchanged.
 */
import { once } from 'node:events';
import { createWorker } from 'mediasoup';

const MESSAGE = 'through the worker';
const SCTP_STREAM = { streamId: 1, ordered: true };

const [, , workerBin] = process.argv;
if (!workerBin) throw new Error('name the worker to prove');
const worker = await createWorker({ workerBin, logLevel: 'warn' });
worker.on('died', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

const listenInfos = /** @type {const} */ (['udp', 'tcp']).map((protocol) => ({ protocol, ip: '127.0.0.1' }));
const webRtcServer = await worker.createWebRtcServer({ listenInfos });
const router = await worker.createRouter({ mediaCodecs: [] });
const webRtcTransport = await router.createWebRtcTransport({ webRtcServer, enableSctp: true });
if (webRtcTransport.iceCandidates.length !== listenInfos.length) throw new Error('the worker opened no ports');

const sender = await router.createDirectTransport();
const receiver = await router.createDirectTransport();
const dataProducer = await sender.produceData({ sctpStreamParameters: SCTP_STREAM });
const dataConsumer = await receiver.consumeData({ dataProducerId: dataProducer.id });
const arrival = once(dataConsumer, 'message');
dataProducer.send(MESSAGE);
const [message] = await arrival;
if (message.toString() !== MESSAGE) throw new Error('the message arrived changed');
worker.close();
