import type { Clock } from '../../../src/clock.ts';
import {
  ANSWER_MS,
  type Answer,
  type Answers,
  answerSchema,
  type Cluster,
  type ClusterEvent,
  type Command,
  clusterEventSchema,
  commandSchema,
  type ForwardedSocket,
  type RoomLocation,
} from '../../../src/cluster/cluster.ts';

/** Nodes in one process. Whatever crosses between them is text, arrives in order, and is read through the schemas. */
export class MemoryNetwork {
  readonly nodes: MemoryCluster[] = [];
  /** Everything that crossed. */
  readonly crossed: string[] = [];
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `hosts` says which rooms the node has. */
  join(hosts: (roomId: string) => boolean): MemoryCluster {
    const node = new MemoryCluster(this, this.#clock, `run-${this.nodes.length + 1}`, hosts);
    this.nodes.push(node);
    return node;
  }

  send(message: unknown, arrive: (message: unknown) => void): void {
    const text = JSON.stringify(message);
    this.crossed.push(text);
    this.#queue.push(() => arrive(JSON.parse(text)));
    setImmediate(() => this.#queue.shift()?.());
  }
}

export class MemoryCluster implements Cluster {
  readonly run: string;
  readonly hosts: (roomId: string) => boolean;
  /** Like a frozen node that the others still take for alive: it neither hears nor says anything. */
  frozen = false;
  readonly #network: MemoryNetwork;
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: ClusterEvent) => void>();
  #serve: ((command: Command) => Promise<Answer>) | null = null;

  constructor(network: MemoryNetwork, clock: Clock, run: string, hosts: (roomId: string) => boolean) {
    this.#network = network;
    this.#clock = clock;
    this.run = run;
    this.hosts = hosts;
  }

  locate(roomId: string): Promise<RoomLocation | null> {
    const host = this.#others().find(({ hosts }) => hosts(roomId));
    const location = host === undefined ? null : { run: host.run, url: `http://${host.run}.internal`, epoch: 1 };
    return Promise.resolve(location);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  whereIs(run: string): Promise<string | null> {
    return Promise.resolve(`http://${run}.internal`);
  }

  answersAt(_url: string, run: string): Promise<boolean> {
    return Promise.resolve(this.#others().some((node) => node.run === run && !node.frozen));
  }

  async ask(target: string | 'others', command: Command): Promise<Answers> {
    const asked = this.#others().filter(({ run }) => target === 'others' || run === target);
    const answers: Answer[] = [];
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(ANSWER_MS, resolve);
    const all = asked.map(async (node) => answers.push(await this.#answerOf(node, command)));
    await Promise.race([Promise.all(all), isLate]);
    timer.cancel();
    return { answers: [...answers], missing: asked.length - answers.length };
  }

  publish(event: ClusterEvent): void {
    if (this.frozen) return;
    for (const node of this.#others()) {
      this.#network.send(event, (message) => node.#hear(clusterEventSchema.parse(message)));
    }
  }

  onCommand(serve: (command: Command) => Promise<Answer>): void {
    this.#serve = serve;
  }

  onEvent(listener: (event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onGap(): () => void {
    return () => undefined;
  }

  forward(): ForwardedSocket {
    throw new Error('Chats forward no sockets.');
  }

  onForwarded(): void {}

  #others(): MemoryCluster[] {
    return this.#network.nodes.filter((node) => node !== this);
  }

  #answerOf(node: MemoryCluster, command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#network.send(command, (message) => {
        const serve = node.#serve;
        if (node.frozen || serve === null) return;
        serve(commandSchema.parse(message)).then(
          (answer) => this.#network.send(answer, (answered) => resolve(answerSchema.parse(answered))),
          reject,
        );
      });
    });
  }

  #hear(event: ClusterEvent): void {
    if (this.frozen) return;
    for (const listener of this.#listeners) listener(event);
  }
}
