import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRIC_NAMES, type MetricName, metric } from './catalogue.ts';
import type { Metrics, Reading } from './metrics.ts';

/** Metrics as Prometheus reads them. */
export interface PrometheusMetrics extends Metrics {
  /** The page of metrics, in Prometheus' text format. */
  page(): Promise<{ type: string; text: string }>;
}

type Readings = () => readonly Reading<MetricName>[] | Promise<readonly Reading<MetricName>[]>;

/** How often the delay of Node's event loop is looked at. The library's 10 ms would wake an idle server a hundred times a second. */
const EVENT_LOOP_MS = 100;

/** Every metric of the catalogue, and Node's and the process's own. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
  const counters = new Map<MetricName, Counter>();
  const histograms = new Map<MetricName, Histogram>();
  const readings = new Map<MetricName, Readings>();

  for (const name of METRIC_NAMES) {
    const { type, help, labels, buckets = [] } = metric(name);
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'histogram') histograms.set(name, new Histogram({ ...common, buckets: [...buckets] }));
    else if (type === 'gauge') {
      new Gauge({
        ...common,
        async collect() {
          this.reset();
          for (const reading of await read(name)) this.set(reading.labels, reading.value);
        },
      });
    } else {
      const counter = new Counter({
        ...common,
        async collect() {
          if (!readings.has(name)) return;
          this.reset();
          for (const reading of await read(name)) this.inc(reading.labels, reading.value);
        },
      });
      counters.set(name, counter);
    }
  }

  /** What cannot be read at this moment is missing, and does not keep the others away. */
  async function read(name: MetricName): Promise<readonly Reading<MetricName>[]> {
    try {
      return (await Promise.resolve(readings.get(name)?.())) ?? [];
    } catch {
      return [];
    }
  }

  return {
    count: (name, labels) => counters.get(name)?.inc(labels),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
    read: (name, given) => void readings.set(name, given as Readings),
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
