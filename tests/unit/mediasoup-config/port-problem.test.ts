import { describe, expect, it } from 'vitest';
import { rtcPortProblem } from '../../../mediasoup-config/webrtc-server.ts';
import { loadConfig } from '../../../src/config/load.ts';

const config = loadConfig({ GLIR_WORKERS: '2' }, { addresses: [] });
const refusal = (reason: string, protocol = 'udp') =>
  new Error(`uv_${protocol}_bind() failed [protocol:${protocol}, ip:'127.0.0.1', port:24444]: ${reason}`);

describe('a data channel port that cannot be taken', () => {
  it('is named with what to do, and keeps what the worker said', () => {
    const cause = refusal('address already in use');
    const problem = rtcPortProblem(cause, config, 0);
    expect(problem.message).toBe('Port 24444/udp is taken by another program. Set GLIR_RTC_PORT or stop it.');
    expect(problem.cause).toBe(cause);
  });

  it('says that any outgoing connection may hold a port from 32768 on', () => {
    const high = { ...config, rtc: { ...config.rtc, port: 44_444 } };
    expect(rtcPortProblem(refusal('address already in use'), high, 0).message).toMatch(
      /choose one below.*ip_local_reserved_ports/,
    );
  });

  it('is explained when it belongs to a further worker', () => {
    expect(rtcPortProblem(refusal('address already in use', 'tcp'), config, 1).message).toBe(
      'Port 24445/tcp is taken by another program (worker 2 uses GLIR_RTC_PORT + 1). Set GLIR_RTC_PORT or stop it.',
    );
  });

  it.each([
    ['permission denied', 'Set GLIR_RTC_PORT to a port above 1023.'],
    ['address not available', 'Set GLIR_RTC_LISTEN to one that it has'],
    ['address family not supported', 'Set GLIR_RTC_LISTEN to one that it has'],
    ['something new', '(something new). Set GLIR_RTC_PORT or GLIR_RTC_LISTEN.'],
  ])('has a remedy for "%s"', (reason, remedy) => {
    expect(rtcPortProblem(refusal(reason), config, 0).message).toContain(remedy);
  });
});

describe('another failure', () => {
  it('is passed on as it is', () => {
    const error = new TypeError('wrong listenInfos (empty array)');
    expect(rtcPortProblem(error, config, 0)).toBe(error);
    expect(rtcPortProblem('gone', config, 0).message).toBe('gone');
  });
});
