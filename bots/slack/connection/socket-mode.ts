import type { App, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock, Timer } from '../../../src/clock.ts';
import type { Secret } from '../../../src/config/secret.ts';
import { newLogId, withLogFields } from '../../../src/log-context.ts';
import type { Metrics } from '../../../src/metrics/metrics.ts';
import { errorFields } from '../../commands/error-fields.ts';
import type { Envelope } from './envelopes.ts';
import { SocketConnection } from './socket-connection.ts';

const OPEN_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted so long was a good one: the next try comes at once. */
const GOOD_MS = 30_000;
/** How long the old connection stays when a new one is there: what Slack sent over it is still answered over it. */
const LINGER_MS = 10_000;
/** How long a stop waits for what is being answered. */
const STOP_MS = 1_500;

interface Dependencies {
  appToken: Secret;
  /** Origin of Slack's API, without a slash at the end. */
  apiUrl: string;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/**
 * Slack's requests over connections that GLIR opens (socket mode), as a receiver for Bolt. Slack's own client is not used:
 * it gives up, is deaf whenever Slack renews a connection, and its rejections end the process.
 *
 * Connects for as long as it is started, however long Slack is out of reach. When Slack announces the end of a connection,
 * the next one is opened before that one is closed.
 */
export class SocketMode implements Receiver {
  readonly #deps: Dependencies;
  #app: App | null = null;
  #session: Session | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Called by Bolt. */
  init(app: App): void {
    this.#app = app;
  }

  /** Begins to connect, unless it has. Does not wait for the connection. */
  start(): Promise<void> {
    this.#session ??= new Session(this.#deps, (event) => this.#app?.processEvent(event) ?? Promise.resolve());
    return Promise.resolve();
  }

  /** Takes nothing more, answers what is under way, and closes. Can be started again. */
  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.stop();
  }

  /** Whether Slack can reach GLIR at this moment; null while it is not started. */
  isConnected(): boolean | null {
    return this.#session === null ? null : this.#session.isConnected();
  }
}

type ReceiverEvent = Parameters<App['processEvent']>[0];

/** What Slack says is wrong with the call for a connection. */
class OpenRefused extends Error {
  override readonly name = 'OpenRefused';
  /** Slack's word, or the HTTP status. */
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(code: string, retryAfterMs: number | null) {
    super(`Slack opens no connection: ${code}.`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** From one start to its stop. */
class Session {
  readonly #deps: Dependencies;
  readonly #process: (event: ReceiverEvent) => Promise<void>;
  /** Every connection that is not over, the newest last. */
  readonly #connections = new Set<SocketConnection>();
  readonly #lingering = new Set<Timer>();
  readonly #answering = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  /** Whether a connection is being asked for, or is there and not ready. */
  #connecting = false;
  #retry: Timer | null = null;
  #failures = 0;

  constructor(deps: Dependencies, process: (event: ReceiverEvent) => Promise<void>) {
    this.#deps = deps;
    this.#process = process;
    this.#connect();
  }

  isConnected(): boolean {
    return [...this.#connections].some(({ isReady }) => isReady);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#retry?.cancel();
    for (const timer of this.#lingering) timer.cancel();
    const answered = Promise.allSettled(this.#answering);
    if (this.#answering.size > 0) {
      await Promise.race([answered, new Promise<void>((resolve) => this.#deps.clock.after(STOP_MS, resolve))]);
    }
    for (const connection of this.#connections) connection.close();
  }

  /** One try at a time. */
  #connect(): void {
    if (this.#connecting || this.#stopped.signal.aborted) return;
    this.#connecting = true;
    this.#retry?.cancel();
    this.#retry = null;
    void this.#open().catch((error: unknown) => {
      this.#connecting = false;
      const after = error instanceof OpenRefused ? error.retryAfterMs : null;
      this.#tryAgain(errorFields(error), after);
    });
  }

  /** Rejects when Slack gives no address. */
  async #open(): Promise<void> {
    const url = await askForUrl(this.#deps, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return;
    const { clock, log } = this.#deps;
    const begun = clock.uptime();
    let wasReady = false;
    const isGood = () => wasReady && clock.uptime() - begun >= GOOD_MS;
    const connection = new SocketConnection(url, clock, {
      onHello: () => {
        wasReady = true;
        this.#connecting = false;
        log.info({ event: 'slack-connected' });
        this.#leaveOthers(connection);
      },
      onEnvelope: (envelope) => this.#answer(envelope, connection),
      onDisconnect: (reason) => {
        log.info({ event: 'slack-disconnect-announced', reason });
        if (!wasReady) connection.close();
        else if ([...this.#connections].at(-1) === connection) this.#openNext(isGood());
      },
      onRubbish: () => log.warn({ event: 'slack-message-ignored' }),
      onEnd: (why) => {
        this.#connections.delete(connection);
        if (!wasReady) {
          this.#connecting = false;
          return this.#tryAgain({ error: why });
        }
        if (this.#stopped.signal.aborted || this.isConnected()) return;
        log.warn({ event: 'slack-connection-lost', why });
        if (!isGood()) return this.#tryAgain({ error: why });
        this.#failures = 0;
        this.#connect();
      },
    });
    this.#connections.add(connection);
  }

  /**
   * Slack ends the newest connection soon: the next one is opened at once, and later only where Slack ends each one as soon
   * as it is there.
   */
  #openNext(isGood: boolean): void {
    if (isGood) this.#failures = 0;
    if (this.#failures > 0) return this.#tryAgain({ error: 'disconnect' });
    if (!isGood) this.#failures = 1;
    this.#connect();
  }

  #tryAgain(why: { error: string; code?: string }, afterMs: number | null = null): void {
    const { clock, log } = this.#deps;
    if (this.#stopped.signal.aborted || this.#connecting || this.#retry !== null) return;
    this.#failures += 1;
    const backOff = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10), LONGEST_PAUSE_MS);
    const pause = Math.max(backOff, afterMs ?? 0);
    log.error({ event: 'slack-not-connected', attempt: this.#failures, againInMs: pause, ...why });
    this.#retry = clock.after(pause, () => {
      this.#retry = null;
      this.#connect();
    });
  }

  /** A new connection is ready: the others go when what came over them is answered. */
  #leaveOthers(newest: SocketConnection): void {
    const others = [...this.#connections].filter((connection) => connection !== newest);
    if (others.length === 0) return;
    const timer = this.#deps.clock.after(LINGER_MS, () => {
      this.#lingering.delete(timer);
      for (const connection of others) connection.close();
    });
    this.#lingering.add(timer);
  }

  #answer({ id, payload, retryNum, retryReason }: Envelope, connection: SocketConnection): void {
    // What is not answered comes again, to whoever is connected then.
    if (this.#stopped.signal.aborted) return;
    const { clock, log, metrics } = this.#deps;
    const begun = clock.uptime();
    let isAnswered = false;
    const event: ReceiverEvent = {
      body: payload,
      ack: (answer?: unknown) => {
        if (!isAnswered) {
          const isTaken = connection.acknowledge(id, answer);
          if (!isTaken) log.warn({ event: 'slack-not-acknowledged' });
          const labels = { platform: 'slack', outcome: isTaken ? 'acknowledged' : 'cut-off' };
          metrics.observe('glir_chat_answer_seconds', labels, (clock.uptime() - begun) / 1000);
        }
        isAnswered = true;
        return Promise.resolve();
      },
      ...(retryNum === null ? {} : { retryNum }),
      ...(retryReason === null ? {} : { retryReason }),
    };
    const answering = withLogFields({ request: newLogId() }, () => this.#process(event))
      .catch((error: unknown) => log.error({ event: 'slack-error', ...errorFields(error) }))
      .finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }
}

const openedSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), url: z.url({ protocol: /^wss?$/ }) }),
  z.object({ ok: z.literal(false), error: z.string().regex(/^[a-z_]{1,64}$/) }),
]);

/** Asks Slack for the address of a connection. Rejects with OpenRefused, or an Error when Slack does not answer in 5 s. */
async function askForUrl({ appToken, apiUrl }: Dependencies, stopped: AbortSignal): Promise<string> {
  const response = await fetch(`${apiUrl}/api/apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${appToken.reveal()}`, 'content-type': 'application/x-www-form-urlencoded' },
    redirect: 'error',
    signal: AbortSignal.any([stopped, AbortSignal.timeout(OPEN_MS)]),
  });
  if (!response.ok) throw new OpenRefused(String(response.status), retryAfterOf(response));
  const opened = openedSchema.parse(await response.json());
  if (!opened.ok) throw new OpenRefused(opened.error, null);
  return opened.url;
}

const LONGEST_RETRY_AFTER_S = 300;

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1000 : null;
}
