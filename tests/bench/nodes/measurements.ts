import type { Figure } from '../figures.ts';
import { measureCapacity, measureTalkingCapacity } from './capacity.ts';
import { measureForwarded } from './forwarded.ts';
import type { NodesRun } from './nodes-run.ts';
import { measureOpened } from './opened.ts';

/** Measured when asked for only: they start servers of their own, need PostgreSQL, and take long. */
export const NODES_MEASUREMENTS: readonly { name: string; measure(run: NodesRun): Promise<Figure[]> }[] = [
  { name: 'forwarded_tap_to_note_ratio', measure: measureForwarded },
  { name: 'rooms_opened_per_s', measure: measureOpened },
  { name: 'room_capacity', measure: measureCapacity },
  { name: 'room_capacity_talking', measure: measureTalkingCapacity },
];
