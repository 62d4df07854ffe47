import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';

const TOKEN = 'b'.repeat(24);
const MACHINE = { addresses: ['127.0.0.1', '::1', '10.0.0.5'] };
const load = (env: Record<string, string>) => loadConfig({ HOME: '/home/glir', ...env }, MACHINE).metrics;

it('nobody gets the metrics unless somebody says who', () => {
  expect(load({})).toBeNull();
});

it('a port of its own is for this machine', () => {
  expect(load({ GLIR_METRICS_PORT: '9464' })).toEqual({ kind: 'own-port', host: '127.0.0.1', port: 9464, token: null });
});

it('others than this machine need a token', () => {
  const other = { GLIR_METRICS_PORT: '9464', GLIR_METRICS_HOST: '10.0.0.5' };
  expect(() => load(other)).toThrow(/GLIR_METRICS_HOST: others than this machine could read.*GLIR_METRICS_TOKEN/);
  expect(load({ ...other, GLIR_METRICS_TOKEN: TOKEN })).toMatchObject({ kind: 'own-port', host: '10.0.0.5' });
  expect(() => load({ ...other, GLIR_METRICS_HOST: '10.9.9.9', GLIR_METRICS_TOKEN: TOKEN })).toThrow(
    'not an address of this machine',
  );
});

it('with a token alone they are at the web server, and the token is never shown', () => {
  const metrics = load({ GLIR_METRICS_TOKEN: TOKEN });
  expect(metrics).toMatchObject({ kind: 'web-server' });
  expect(JSON.stringify(metrics)).not.toContain(TOKEN);
  expect(() => load({ GLIR_METRICS_TOKEN: 'short' })).toThrow(/at least 16/);
});

it('the port is none that the web server has', () => {
  expect(() => load({ PORT: '9464', GLIR_METRICS_PORT: '9464' })).toThrow(
    'GLIR_METRICS_PORT: the port of the web server',
  );
});
