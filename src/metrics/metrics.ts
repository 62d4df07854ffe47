import type { CounterName, GaugeName, HistogramName, Labels, MetricName } from './catalogue.ts';

/** A value of a metric that is read when somebody asks. */
export interface Reading<Name extends MetricName> {
  readonly labels: Labels<Name>;
  readonly value: number;
}

/** What the parts of the server tell of their work. Nothing here throws, and nothing names a person, a tenant or a room. */
export interface Metrics {
  count<Name extends CounterName>(name: Name, labels: Labels<Name>): void;
  /** @param seconds how long something took */
  observe<Name extends HistogramName>(name: Name, labels: Labels<Name>, seconds: number): void;
  /** Is asked whenever the metrics are read; a counter's value is the whole since its process was started. */
  read<Name extends GaugeName | CounterName>(
    name: Name,
    readings: () => readonly Reading<Name>[] | Promise<readonly Reading<Name>[]>,
  ): void;
}

/** For a server whose metrics nobody asks for. */
export const NO_METRICS: Metrics = { count: () => undefined, observe: () => undefined, read: () => undefined };
