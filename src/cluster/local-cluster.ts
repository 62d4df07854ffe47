import type { Answers, Cluster, RoomLocation } from './cluster.ts';

/** One node by itself: there is no other to ask, to tell or to hear from. */
export class LocalCluster implements Cluster {
  locate(): Promise<RoomLocation | null> {
    return Promise.resolve(null);
  }

  ask(): Promise<Answers> {
    return Promise.resolve({ answers: [], missing: 0 });
  }

  publish(): void {}

  onCommand(): void {}

  onEvent(): () => void {
    return () => undefined;
  }
}
