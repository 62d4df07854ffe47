import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Admission } from '../protocol/constants.ts';
import type { ReaderSession } from './connected-room.ts';

/** What the server sees of how long a patient waits. Nothing of it is kept longer than the reader is connected. */
export interface ReaderTimes {
  /** The patient tapped "Open the note". */
  tapped(reader: ReaderSession): void;
  /** The doctor's page has answered the tap, sealed. */
  answered(reader: ReaderSession): void;
  /** The doctor's page told that so many more people have the note on their screen. */
  shown(readers: Iterable<ReaderSession>, more: number, admission: Admission): void;
}

interface Times {
  readonly tappedAt: number;
  isAnswered: boolean;
  isShown: boolean;
}

export function createReaderTimes(metrics: Metrics, clock: Pick<Clock, 'uptime'>): ReaderTimes {
  const times = new WeakMap<ReaderSession, Times>();
  const since = ({ tappedAt }: Times): number => (clock.uptime() - tappedAt) / 1000;

  return {
    tapped: (reader) => void times.set(reader, { tappedAt: clock.uptime(), isAnswered: false, isShown: false }),
    answered(reader) {
      const known = times.get(reader);
      if (known === undefined || known.isAnswered) return;
      known.isAnswered = true;
      metrics.observe('glir_handshake_seconds', {}, since(known));
    },
    shown(readers, more, admission) {
      // Who they are is sealed. It is whoever tapped last: one who came back had it before, and is not told of again.
      const known = [...readers].flatMap((reader) => (reader.state === 'reading' ? (times.get(reader) ?? []) : []));
      const newest = known.filter(({ isShown }) => !isShown).sort((one, other) => other.tappedAt - one.tappedAt);
      for (const one of newest.slice(0, Math.max(0, more))) {
        one.isShown = true;
        metrics.observe('glir_tap_to_note_seconds', { admission }, since(one));
      }
    },
  };
}
