import { randomUUID } from 'node:crypto';
import type { Answers, Cluster, ForwardedSocket, RoomLocation } from './cluster.ts';

/** One node by itself: there is no other to ask, to tell or to hear from. */
export class LocalCluster implements Cluster {
  readonly run: string;

  constructor(run: string = randomUUID()) {
    this.run = run;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  locate(): Promise<RoomLocation | null> {
    return Promise.resolve(null);
  }

  whereIs(): Promise<string | null> {
    return Promise.resolve(null);
  }

  answersAt(): Promise<boolean> {
    return Promise.resolve(false);
  }

  ask(): Promise<Answers> {
    return Promise.resolve({ answers: [], missing: 0 });
  }

  publish(): void {}

  onCommand(): void {}

  onEvent(): () => void {
    return () => undefined;
  }

  onGap(): () => void {
    return () => undefined;
  }

  /** Never called, because no room is located anywhere else. */
  forward(): ForwardedSocket {
    throw new Error('There is no other node to forward to.');
  }

  onForwarded(): void {}
}
