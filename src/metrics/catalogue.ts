/** What GLIR measures, as data: `docs/OPERATIONS.md`, the alert rules and the dashboard name nothing else. */

interface MetricDefinition {
  /** Counters only grow, gauges go up and down, histograms are of seconds. */
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A sentence for whoever reads the page of metrics. */
  readonly help: string;
  /** Each has few values, from closed lists: none names a person, a tenant or a room. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

/** From a page on the same machine to a phone line at its worst. */
const MACHINE_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15] as const;
/** Where a person may have to do something first. */
const PERSON_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300] as const;
/** Chat platforms give up after three seconds. */
const CHAT_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5] as const;

/** Names and units as Prometheus wants them (https://prometheus.io/docs/practices/naming/). */
const METRICS = {
  glir_build_info: { type: 'gauge', help: 'Always 1; the label says which version runs.', labels: ['version'] },
  glir_rooms: { type: 'gauge', help: 'Rooms of this node that are not over.', labels: ['state'] },
  glir_readers: { type: 'gauge', help: 'Readers who are admitted and connected.', labels: [] },
  glir_rooms_drafted_total: { type: 'counter', help: 'Drafts begun.', labels: ['platform'] },
  glir_rooms_opened_total: { type: 'counter', help: 'Notes shared.', labels: ['platform', 'admission'] },
  glir_rooms_ended_total: { type: 'counter', help: 'Rooms ended by this node, drafts among them.', labels: ['reason'] },
  glir_rooms_interrupted_total: { type: 'counter', help: 'Times that an open room lost its composer.', labels: [] },
  glir_rooms_recovered_total: {
    type: 'counter',
    help: 'Rooms brought to this node after a restart or from another node.',
    labels: [],
  },
  glir_joins_total: { type: 'counter', help: 'Pages of patients that joined a room.', labels: [] },
  glir_admissions_total: {
    type: 'counter',
    help: 'Readers whom the link, the PIN or the doctor let in, or who were turned away.',
    labels: ['admission', 'decision'],
  },
  glir_refusals_total: {
    type: 'counter',
    help: 'Messages of pages that were refused, by message and code.',
    labels: ['message', 'code'],
  },
  glir_limited_total: { type: 'counter', help: 'Requests, sockets and tries beyond a limit.', labels: ['limit'] },
  glir_connection_failures_total: {
    type: 'counter',
    help: 'What kept pages from connecting, once for each note and side, as in the log.',
    labels: ['code', 'side'],
  },
  glir_connection_setup_seconds: {
    type: 'histogram',
    help: 'From the answer to a page until its data channels are open (ICE, DTLS, SCTP).',
    labels: ['side'],
    buckets: MACHINE_SECONDS,
  },
  glir_handshake_seconds: {
    type: 'histogram',
    help: "From a patient's tap, as it arrives here, to the first sealed answer of the doctor's page.",
    labels: [],
    buckets: MACHINE_SECONDS,
  },
  glir_tap_to_note_seconds: {
    type: 'histogram',
    help: "From a patient's tap, as it arrives here, until the doctor's page says that the note is on the patient's screen. With `ask` and `pin` people take part of it.",
    labels: ['admission'],
    buckets: PERSON_SECONDS,
  },
  glir_workers_running: { type: 'gauge', help: 'mediasoup workers that run.', labels: [] },
  glir_workers_configured: { type: 'gauge', help: 'mediasoup workers that should run.', labels: [] },
  glir_worker_deaths_total: { type: 'counter', help: 'mediasoup workers that died.', labels: [] },
  glir_worker_rooms: { type: 'gauge', help: 'Rooms on a worker.', labels: ['worker'] },
  glir_worker_memory_bytes: { type: 'gauge', help: 'Resident memory of a worker.', labels: ['worker'] },
  glir_worker_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of a worker since it was started.',
    labels: ['worker'],
  },
  glir_chat_answer_seconds: {
    type: 'histogram',
    help: "From a chat platform's request to its acknowledgement. Platforms give up after 3 s.",
    labels: ['platform', 'outcome'],
    buckets: CHAT_SECONDS,
  },
  glir_chat_commands_total: {
    type: 'counter',
    help: 'Commands of doctors, by what came of them.',
    labels: ['platform', 'result'],
  },
  glir_chat_retries_total: {
    type: 'counter',
    help: 'Messages to a chat that had to be sent again.',
    labels: ['platform'],
  },
  glir_chat_repeated_deliveries_total: {
    type: 'counter',
    help: 'Requests that a chat platform delivered again.',
    labels: ['platform'],
  },
  glir_platform_connected: {
    type: 'gauge',
    help: '1 where a chat platform that GLIR has to call can reach it through that, else 0.',
    labels: ['platform'],
  },
  glir_store_writable: { type: 'gauge', help: '1 while rooms and their ends can be written, else 0.', labels: [] },
  glir_audit_writable: { type: 'gauge', help: '1 while the audit can be written, else 0.', labels: [] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
type OfType<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type CounterName = OfType<'counter'>;
export type GaugeName = OfType<'gauge'>;
export type HistogramName = OfType<'histogram'>;
/** A value for each label of a metric. */
export type Labels<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** What the table says about a metric. */
export function metric(name: MetricName): MetricDefinition {
  return METRICS[name];
}

/** Every name, in the order of the table. */
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
