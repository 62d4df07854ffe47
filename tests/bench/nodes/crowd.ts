import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { type Answer, answerSchema, type Kind, type Order } from './orders.ts';

const PROGRAM = path.join(import.meta.dirname, 'client.ts');

/** People in several processes of their own. */
export class Crowd {
  readonly #clients: ChildProcess[];

  /** @param ports of the nodes that they come to */
  constructor(kind: Kind, size: number, { url, ports }: { url: string; ports: readonly number[] }) {
    const words = [kind, url, ...ports.map(String)];
    this.#clients = Array.from({ length: size }, () =>
      fork(PROGRAM, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
  }

  get size(): number {
    return this.#clients.length;
  }

  /** All of them at the same time. Throws when one of them ends. */
  async all(order: (index: number) => Order): Promise<Answer> {
    return joined(await Promise.all(this.#clients.map((client, index) => ask(client, order(index)))));
  }

  /** One after the other. */
  async inTurn(order: (index: number) => Order): Promise<Answer> {
    const answers: Answer[] = [];
    for (const [index, client] of this.#clients.entries()) answers.push(await ask(client, order(index)));
    return joined(answers);
  }

  /** `count` divided among them. */
  share(count: number, index: number): number {
    return Math.floor(((index + 1) * count) / this.size) - Math.floor((index * count) / this.size);
  }

  stop(): void {
    for (const client of this.#clients) client.kill('SIGKILL');
  }
}

function ask(client: ChildProcess, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void =>
      reject(new Error(`a client ended: ${code ?? signal}`));
    client.once('exit', onExit);
    client.once('message', (answer) => {
      client.off('exit', onExit);
      resolve(answerSchema.parse(answer));
    });
    client.send(order);
  });
}

/** The busiest one's business counts: it is the one that could have been too slow. */
function joined(answers: readonly Answer[]): Answer {
  return {
    times: answers.flatMap(({ times }) => times),
    failures: answers.flatMap(({ failures }) => failures),
    failed: answers.reduce((sum, { failed }) => sum + failed, 0),
    busy: Math.max(...answers.map(({ busy }) => busy)),
    cpuMs: answers.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}
