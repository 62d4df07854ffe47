import { describe, expect, it } from 'vitest';
import { webRtcServerOptions } from '../../../mediasoup-config/webrtc-server.ts';
import { workerSettings } from '../../../mediasoup-config/worker.ts';
import { loadConfig } from '../../../src/config/load.ts';

const config = (env: NodeJS.ProcessEnv) => loadConfig(env, { addresses: ['10.0.0.4', 'fd00::2'] });

describe('what a worker listens on', () => {
  it('is one port, UDP first and TCP beside it', () => {
    expect(webRtcServerOptions(config({}), 0).listenInfos).toEqual([
      { protocol: 'udp', ip: '127.0.0.1', port: 24444 },
      { protocol: 'tcp', ip: '127.0.0.1', port: 24444 },
    ]);
  });

  it('is a port of its own for each worker', () => {
    const { listenInfos } = webRtcServerOptions(config({ GLIR_RTC_PORT: '50000', GLIR_WORKERS: '3' }), 2);
    expect(listenInfos.map(({ port }) => port)).toEqual([50_002, 50_002]);
  });

  it('is told to browsers under the announced name, with IPv4 and IPv6 on sockets of their own', () => {
    const env = { GLIR_RTC_LISTEN: '0.0.0.0,::', GLIR_RTC_ANNOUNCED: 'rtc.example.org' };
    const announcedAddress = 'rtc.example.org';
    expect(webRtcServerOptions(config(env), 0).listenInfos).toEqual([
      { protocol: 'udp', ip: '0.0.0.0', port: 24444, announcedAddress },
      { protocol: 'udp', ip: '::', port: 24444, announcedAddress, flags: { ipv6Only: true } },
      { protocol: 'tcp', ip: '0.0.0.0', port: 24444, announcedAddress },
      { protocol: 'tcp', ip: '::', port: 24444, announcedAddress, flags: { ipv6Only: true } },
    ]);
  });
});

describe('a worker process', () => {
  it('is the configured program, or else the one that mediasoup brings', () => {
    expect(workerSettings(config({ MEDIASOUP_WORKER_BIN: '/opt/worker' })).workerBin).toBe('/opt/worker');
    expect(workerSettings(config({}))).not.toHaveProperty('workerBin');
  });

  it("never logs at a level that names patients' addresses in every line", () => {
    const levels = ['silent', 'error', 'info', 'debug', 'trace'].map((level) => {
      return workerSettings(config({ GLIR_LOG_LEVEL: level })).logLevel;
    });
    expect(levels).toEqual(['none', 'error', 'warn', 'warn', 'warn']);
  });
});
