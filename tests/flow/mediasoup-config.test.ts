import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { types } from 'mediasoup';
import { createWorker } from 'mediasoup';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataConsumerOptions, dataProducerOptions } from '../../mediasoup-config/data-channel.ts';
import { routerOptions } from '../../mediasoup-config/router.ts';
import { rtcPortProblem, webRtcServerOptions } from '../../mediasoup-config/webrtc-server.ts';
import { webRtcTransportOptions } from '../../mediasoup-config/webrtc-transport.ts';
import { workerSettings } from '../../mediasoup-config/worker.ts';
import { loadConfig } from '../../src/config/load.ts';

const workerBin = process.env['MEDIASOUP_WORKER_BIN'];
if (workerBin === undefined) throw new Error('MEDIASOUP_WORKER_BIN is not set; run the tests with npm test');

const configFor = (port: number) =>
  loadConfig({ MEDIASOUP_WORKER_BIN: workerBin, GLIR_RTC_PORT: String(port) }, { addresses: ['127.0.0.1'] });

let worker: types.Worker;

beforeEach(async () => {
  worker = await createWorker(workerSettings(configFor(44444)));
});

afterEach(async () => {
  const gone = once(worker, 'subprocessclose');
  worker.close();
  await gone;
});

/** Takes a free UDP port of 127.0.0.1 until it is released. */
async function takeUdp() {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, release: () => new Promise<void>((resolve) => void socket.close(resolve)) };
}

/** Takes a free TCP port of 127.0.0.1 until it is released. */
async function takeTcp() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, release: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}

async function problemAt(port: number): Promise<string> {
  try {
    await worker.createWebRtcServer(webRtcServerOptions(configFor(port), 0));
  } catch (error) {
    return rtcPortProblem(error, configFor(port), 0).message;
  }
  throw new Error(`port ${port} was free`);
}

describe('a real worker', () => {
  it('takes every option as it is meant', async () => {
    const { port, release } = await takeTcp();
    await release();
    const server = await worker.createWebRtcServer(webRtcServerOptions(configFor(port), 0));
    expect(await server.dump()).toMatchObject({
      udpSockets: [{ ip: '127.0.0.1', port }],
      tcpServers: [{ ip: '127.0.0.1', port }],
    });

    const router = await worker.createRouter(routerOptions());
    expect(router.rtpCapabilities.codecs).toEqual([]);

    const transport = await router.createWebRtcTransport(webRtcTransportOptions(server));
    expect(transport.iceCandidates.map(({ protocol }) => protocol).sort()).toEqual(['tcp', 'udp']);
    const [best] = [...transport.iceCandidates].sort((a, b) => b.priority - a.priority);
    expect(best).toMatchObject({ protocol: 'udp', address: '127.0.0.1', port });
    expect(transport.sctpParameters).toMatchObject({
      maxSendMessageSize: 131_072,
      maxReceiveMessageSize: 131_072,
      perStreamSendQueueLimit: 524_288,
      sendBufferSize: 1_048_576,
      maxReceiverWindowBufferSize: 524_288,
    });
  });

  it('sends reliably whatever the sending tab asked for', async () => {
    const { port, release } = await takeTcp();
    await release();
    const server = await worker.createWebRtcServer(webRtcServerOptions(configFor(port), 0));
    const router = await worker.createRouter(routerOptions());
    const composer = await router.createWebRtcTransport(webRtcTransportOptions(server));
    const receiver = await router.createWebRtcTransport(webRtcTransportOptions(server));
    const producer = await composer.produceData({
      ...dataProducerOptions(),
      sctpStreamParameters: { streamId: 0, ordered: false, maxRetransmits: 0 },
    });
    const consumer = await receiver.consumeData({ ...dataConsumerOptions(), dataProducerId: producer.id });
    expect(consumer.sctpStreamParameters).toMatchObject({ ordered: true });
    expect(consumer.sctpStreamParameters?.maxRetransmits).toBeUndefined();
    expect(consumer.label).toBe('glir');
  });

  it('names a UDP port that another program has', async () => {
    const { port, release } = await takeUdp();
    expect(await problemAt(port)).toContain(
      `Port ${port}/udp is taken by another program. Set GLIR_RTC_PORT or stop it.`,
    );
    await release();
  });

  it('names a TCP port that another program has', async () => {
    const { port, release } = await takeTcp();
    expect(await problemAt(port)).toContain(
      `Port ${port}/tcp is taken by another program. Set GLIR_RTC_PORT or stop it.`,
    );
    await release();
  });
});
