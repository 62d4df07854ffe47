import type { Figure } from '../figures.ts';
import { measureCapacity, measureTalkingCapacity } from './capacity.ts';
import { measureForwarded } from './forwarded.ts';
import { measureOpened } from './opened.ts';

/** What was asked of the measurements of nodes. */
export interface NodesRun {
  /** Journeys to each side, in each of several rounds. */
  runs: number;
  /** Null for as many as each measurement needs. */
  rounds: number | null;
  /** How many rooms a node is measured with, from few to many; null for those that the documentation has. */
  rooms: readonly number[] | null;
  progress(text: string): void;
}

/** Measured when asked for only: they start servers of their own, need PostgreSQL, and take long. */
export const NODES_MEASUREMENTS: readonly { name: string; measure(run: NodesRun): Promise<Figure[]> }[] = [
  { name: 'forwarded_tap_to_note_ratio', measure: measureForwarded },
  { name: 'rooms_opened_per_s', measure: measureOpened },
  { name: 'room_capacity', measure: measureCapacity },
  { name: 'room_capacity_talking', measure: measureTalkingCapacity },
];
