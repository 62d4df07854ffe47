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
