import { isAddress, isLocalAddress, isLoopbackHost, type Machine } from './addresses.ts';
import type { Findings, MetricsConfig } from './config.ts';
import type { Variables } from './variables.ts';

/** Metrics say how a hospital works: whoever is not on this machine has to show a token. Null when nobody gets them. */
export function checkMetrics(values: Variables, machine: Machine, findings: Findings): MetricsConfig | null {
  const { GLIR_METRICS_PORT: port, GLIR_METRICS_HOST: host, GLIR_METRICS_TOKEN: token } = values;
  if (port === undefined) return token === undefined ? null : { kind: 'web-server', token };
  if (isAddress(host) && !isLocalAddress(host, machine.addresses)) {
    findings.refuse('GLIR_METRICS_HOST', `${host} is not an address of this machine. Set one, or unset it.`);
  }
  if (!isLoopbackHost(host) && token === undefined) {
    const text = `others than this machine could read the metrics at ${host}. Set GLIR_METRICS_TOKEN as well, or unset GLIR_METRICS_HOST.`;
    findings.refuse('GLIR_METRICS_HOST', text, ['GLIR_METRICS_TOKEN']);
  }
  if (port === values.PORT) {
    findings.refuse(
      'GLIR_METRICS_PORT',
      'the port of the web server. Set another one, or unset it and set GLIR_METRICS_TOKEN.',
    );
  }
  return { kind: 'own-port', host, port, token: token ?? null };
}
