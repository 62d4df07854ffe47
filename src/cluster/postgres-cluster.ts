import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { ClusterConfig } from '../config/config.ts';
import type { PostgresConfig } from '../config/postgres-url.ts';
import { Refused } from '../protocol/errors.ts';
import type { Nodes } from '../store/store.ts';
import {
  ANSWER_MS,
  type Answer,
  type Answers,
  type Cluster,
  type ClusterEvent,
  type Command,
  commandSchema,
  type ForwardedClient,
  type ForwardedSocket,
  type RoomLocation,
} from './cluster.ts';
import { keyFor } from './cluster-keys.ts';
import { DatabaseTime } from './database-time.ts';
import { openForwardedSocket } from './forwarded-socket.ts';
import { Heartbeat } from './heartbeat.ts';
import { NodeChannel } from './node-channel.ts';
import { MESSAGE_MS, type NodeMessage } from './node-messages.ts';
import { askNode, checkAlive, type NodeAddress } from './node-requests.ts';
import { NodeServer, SIGNAL_PATH } from './node-server.ts';
import { RequestSignatures, SIGNATURE_HEADER } from './request-signature.ts';

/** How long a node that did not answer is left alone. */
const UNREACHABLE_MS = 10_000;
const NOBODY: Answers = { answers: [], missing: 0 };

/** A command that other nodes were asked to carry out. */
interface Asked {
  answered(from: string, answer: Answer): void;
  failed(): void;
}

/**
 * A node of several on one PostgreSQL. They speak through its notifications, know from heartbeats in its table `nodes` who is
 * alive, and pass people's sockets on directly. All of it is authenticated with GLIR_CLUSTER_KEY.
 */
export class PostgresCluster implements Cluster {
  readonly run: string;
  readonly #config: ClusterConfig;
  readonly #nodes: Nodes;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #signatures: RequestSignatures;
  readonly #server: NodeServer;
  readonly #channel: NodeChannel;
  readonly #heartbeat: Heartbeat;
  readonly #asked = new Map<string, Asked>();
  readonly #listeners = new Set<(event: ClusterEvent) => void>();
  readonly #gapListeners = new Set<() => void>();
  readonly #forwarded = new Set<{ restart(): void }>();
  /** Nodes that are silent and did not answer at their URL, until when nobody asks them again, in the clock's uptime. */
  readonly #unreachable = new Map<string, number>();
  #serve: ((command: Command) => Promise<Answer>) | null = null;
  #closed = false;

  /** `nodes` is the store's; `run` names this start of the server. */
  constructor({
    run,
    config,
    postgres,
    nodes,
    clock,
    log,
  }: {
    run: string;
    config: ClusterConfig;
    postgres: PostgresConfig;
    nodes: Nodes;
    clock: Clock;
    log: Logger;
  }) {
    const { key, url } = config;
    this.run = run;
    this.#config = config;
    this.#nodes = nodes;
    this.#clock = clock;
    this.#log = log;
    const time = new DatabaseTime(clock);
    this.#signatures = new RequestSignatures({ key: keyFor('requests', key), run, now: () => time.now() });
    this.#server = new NodeServer({ run, url, signatures: this.#signatures });
    this.#channel = new NodeChannel(
      { run, key, postgres, time, clock, log },
      {
        onMessage: (from, message, agoMs) => this.#hear(from, message, agoMs),
        onLost: () => this.#failAll(),
        onGap: () => this.#tell(this.#gapListeners, undefined),
      },
    );
    this.#heartbeat = new Heartbeat({ run, url, nodes, clock, log, onBeat: (quietMs) => this.#beat(quietMs) });
  }

  async start(): Promise<void> {
    try {
      await this.#channel.open();
      await this.#server.listen(this.#config.listen);
      await this.#mustHaveSameKey();
      await this.#heartbeat.start();
    } catch (error) {
      await this.close();
      throw error;
    }
    if ((await checkAlive({ url: this.#config.url, run: this.run }, this.#signatures)) !== 'answers') {
      this.#log.warn({ event: 'node-url-unreachable', url: this.#config.url });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of [...this.#forwarded]) socket.restart();
    // Nobody waits for a database that does not answer.
    await Promise.all([this.#heartbeat.stop(), this.#server.close()]);
    await this.#channel.close();
    this.#failAll();
  }

  async locate(roomId: string): Promise<RoomLocation | null> {
    const found = await this.#shared(this.#nodes.hostOf(roomId, this.#heartbeat.aliveWithin()));
    if (found === null || found.run === this.run) return null;
    const { isAlive, ...host } = found;
    return isAlive || (await this.#reaches(host)) ? host : null;
  }

  whereIs(run: string): Promise<string | null> {
    return this.#shared(this.#nodes.find(run));
  }

  async answersAt(url: string, run: string): Promise<boolean> {
    return (await checkAlive({ url, run }, this.#signatures)) !== 'silent';
  }

  async ask(target: string | 'others', command: Command): Promise<Answers> {
    this.#mustBeOpen();
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(ANSWER_MS, resolve);
    try {
      const within = this.#heartbeat.aliveWithin();
      const isAsked = ({ run }: NodeAddress) => run !== this.run && (target === 'others' || run === target);
      const alive = (await this.#shared(this.#nodes.alive(within))).filter(isAsked);
      const silent = (await this.#shared(this.#nodes.silent(within))).filter(isAsked);
      const missing = new Set(alive.map(({ run }) => run));
      this.#mustBeOpen();
      const [heard, direct] = await Promise.all([
        missing.size === 0 ? NOBODY : this.#askNodes({ target, command, missing, isLate }),
        this.#askSilent(silent, command),
      ]);
      return { answers: [...heard.answers, ...direct.answers], missing: heard.missing + direct.missing };
    } finally {
      timer.cancel();
    }
  }

  publish(event: ClusterEvent): void {
    this.#channel.say('others', { kind: 'event', event });
  }

  onCommand(serve: (command: Command) => Promise<Answer>): void {
    this.#serve = serve;
    this.#server.onCommand(async (command) => {
      const read = commandSchema.safeParse(command);
      return read.success ? JSON.stringify(await serve(read.data)) : null;
    });
  }

  onEvent(listener: (event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  forward(host: RoomLocation, client: ForwardedClient): ForwardedSocket {
    const signature = this.#signatures.sign({ method: 'GET', path: SIGNAL_PATH }, host, client.network);
    const socket = openForwardedSocket(
      `${host.url.replace(/^http/, 'ws')}${SIGNAL_PATH}`,
      {
        headers: { [SIGNATURE_HEADER]: signature },
        isHost: ({ headers }) => this.#signatures.isAnswer(signature, [headers[SIGNATURE_HEADER]].flat()[0]),
      },
      { client, clock: this.#clock, onEnd: () => this.#forwarded.delete(socket) },
    );
    this.#forwarded.add(socket);
    return socket;
  }

  onForwarded(accept: (socket: WebSocket, network: string) => void): void {
    this.#server.onSocket(accept);
  }

  /** Nodes that do not write to the database may serve people all the same. One that does not answer either is gone. */
  async #askSilent(nodes: readonly NodeAddress[], command: Command): Promise<Answers> {
    const reached = await Promise.all(nodes.map(async (node) => ((await this.#reaches(node)) ? [node] : [])));
    const answers = await Promise.all(reached.flat().map((node) => askNode(node, command, this.#signatures)));
    const given = answers.filter((answer) => answer !== null);
    return { answers: given, missing: answers.length - given.length };
  }

  /** Whether a node of which the database hears nothing answers at its URL. */
  async #reaches(node: NodeAddress): Promise<boolean> {
    if ((this.#unreachable.get(node.run) ?? 0) > this.#clock.uptime()) return false;
    const answers = (await checkAlive(node, this.#signatures)) === 'answers';
    if (answers) this.#unreachable.delete(node.run);
    else this.#unreachable.set(node.run, this.#clock.uptime() + UNREACHABLE_MS);
    return answers;
  }

  /** Asks, and waits until nobody is missing any more, or it is late. */
  async #askNodes({
    target,
    command,
    missing,
    isLate,
  }: {
    target: string | 'others';
    command: Command;
    missing: Set<string>;
    isLate: Promise<void>;
  }): Promise<Answers> {
    const id = randomUUID();
    const answers: Answer[] = [];
    const { promise: isComplete, resolve, reject } = Promise.withResolvers<void>();
    this.#asked.set(id, {
      answered(from, answer) {
        answers.push(answer);
        missing.delete(from);
        if (missing.size === 0) resolve();
      },
      failed: () => reject(new Refused('unavailable')),
    });
    try {
      this.#channel.say(target, { kind: 'ask', id, command });
      await Promise.race([isComplete, isLate]);
      return { answers: [...answers], missing: missing.size };
    } finally {
      this.#asked.delete(id);
    }
  }

  #hear(from: string, message: NodeMessage, agoMs: number): void {
    switch (message.kind) {
      case 'ask':
        // Nobody waits any more for what was asked before this node was frozen.
        if (agoMs < ANSWER_MS) void this.#answer(from, message);
        return;
      case 'answer':
        return this.#asked.get(message.id)?.answered(from, message.answer);
      case 'event':
        return this.#tell(this.#listeners, message.event);
      case 'gap':
        return this.#tell(this.#gapListeners, undefined);
    }
  }

  async #answer(from: string, { id, command }: NodeMessage & { kind: 'ask' }): Promise<void> {
    if (this.#serve === null) return;
    try {
      const answer = await this.#serve(command);
      this.#channel.say(from, { kind: 'answer', id, answer });
    } catch (error) {
      this.#log.error({ event: 'node-command-error', command: command.kind, err: error });
    }
  }

  #tell<Value>(listeners: ReadonlySet<(value: Value) => void>, value: Value): void {
    for (const listener of [...listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#log.error({ event: 'node-listener-error', err: error });
      }
    }
  }

  async #beat(quietMs: number): Promise<void> {
    await this.#channel.probe();
    // This process was frozen for so long that messages came too late.
    if (quietMs > MESSAGE_MS / 2 && this.#channel.isOpen) this.#tell(this.#gapListeners, undefined);
  }

  #failAll(): void {
    for (const asked of [...this.#asked.values()]) asked.failed();
  }

  #mustBeOpen(): void {
    if (!this.#channel.isOpen) throw new Refused('unavailable');
  }

  async #mustHaveSameKey(): Promise<void> {
    const others = await this.#nodes.alive(this.#heartbeat.aliveWithin());
    const checks = await Promise.all(others.map((node) => checkAlive(node, this.#signatures)));
    const refusing = others.find((_, index) => checks[index] === 'refused');
    if (refusing === undefined) return;
    throw new Error(
      `The node at ${refusing.url} does not accept this one. Set the same GLIR_CLUSTER_KEY on all nodes of this database.`,
    );
  }

  /** Rejects with Refused `unavailable` when the database cannot be asked. */
  async #shared<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      this.#log.warn({ event: 'nodes-unavailable', error: error instanceof Error ? error.message : typeof error });
      throw new Refused('unavailable');
    }
  }
}
