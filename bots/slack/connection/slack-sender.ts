import type { webApi } from '@slack/bolt';
import type { Clock } from '../../../src/clock.ts';
import type { Tenant } from '../../../src/store/store.ts';
import { DeliveryError, type Remedy } from '../../delivery/delivery-error.ts';
import type { Sender } from '../../delivery/sender.ts';
import type { Message } from '../blocks.ts';
import { respondTo } from '../ephemeral-message.ts';
import type { TenantClient, Tokens } from '../installations.ts';
import type { ReadResponseUrl } from '../response-url.ts';
import { slackErrorOf } from '../slack-log.ts';

/** Everything that GLIR says in Slack goes through here. Calls reject with a DeliveryError, or another Error. */
export interface SlackSender {
  /**
   * One call for a tenant, without a second try: see `Sender.once`. Null where GLIR is not installed, or may not do it.
   *
   * @param scope what GLIR has to be allowed
   */
  once<Result>(tenant: Tenant, options: CallOptions, call: Call<Result>): Promise<Result | null>;
  /** The same, tried again as long as that may help. */
  send<Result>(tenant: Tenant, options: Pick<CallOptions, 'scope'>, call: Call<Result>): Promise<Result | null>;
  /** Answers at a response_url, tried again as long as that may help. */
  respond(url: string, message: Message, options: { replace: boolean }): Promise<void>;
  /** The same without a second try. */
  respondOnce(url: string, message: Message, options: { replace: boolean }): Promise<void>;
}

type Call<Result> = (client: webApi.WebClient) => Promise<Result>;

interface CallOptions {
  /** Null where every installation may do it. */
  scope: string | null;
  /** Whether somebody waits for it. */
  urgent: boolean;
}

/** What Slack says when another try may help: https://docs.slack.dev/reference/methods/chat.update and others. */
const TEMPORARY: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'accesslimited',
  'team_added_to_org',
  'token_expired',
]);
/** What it says of a message that is gone, or that it no longer changes. */
const UNCHANGEABLE: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'channel_not_found',
  'is_inactive',
  'is_archived',
  'thread_not_found',
]);
/** What it says when GLIR may have been removed. */
const REMOVED: ReadonlySet<string> = new Set(['account_inactive', 'token_revoked', 'invalid_auth', 'not_authed']);

export function createSlackSender({
  tokens,
  sender,
  readResponseUrl,
  clock,
  onRefusedToken,
}: {
  tokens: Tokens;
  sender: Sender;
  /** Which URLs may be answered at. */
  readResponseUrl: ReadResponseUrl;
  clock: Clock;
  /** Slack does not know a tenant's token any more. */
  onRefusedToken: (tenant: Tenant) => void;
}): SlackSender {
  /** A try in the tenant's turn; a token that Slack calls too old is renewed first. */
  async function callOnce<Result>(tenant: Tenant, scope: string | null, call: Call<Result>): Promise<Result | null> {
    const allowed = await clientFor(tenant, scope);
    if (allowed === null) return null;
    try {
      return await call(allowed.client);
    } catch (error) {
      if (slackErrorOf(error) !== 'token_expired') throw deliveryError(error, tenant);
    }
    await tokens.renewNow(tenant);
    const renewed = await clientFor(tenant, scope);
    if (renewed === null) return null;
    try {
      return await call(renewed.client);
    } catch (error) {
      throw deliveryError(error, tenant);
    }
  }

  /** Null where GLIR may not do it. */
  async function clientFor(tenant: Tenant, scope: string | null): Promise<TenantClient | null> {
    const found = await tokens.of(tenant);
    return found !== null && (scope === null || found.scopes.includes(scope)) ? found : null;
  }

  /** What is not allowed takes no turn. */
  async function inTurn<Result>(
    tenant: Tenant,
    scope: string | null,
    take: () => Promise<Result | null>,
  ): Promise<Result | null> {
    return (await clientFor(tenant, scope)) === null ? null : await take();
  }

  function deliveryError(error: unknown, tenant: Tenant): DeliveryError {
    if (REMOVED.has(slackErrorOf(error) ?? '')) onRefusedToken(tenant);
    return asDeliveryError(error);
  }

  /** Whoever kept the URL may not have looked whose it is. */
  async function respond(text: string, message: Message, options: { replace: boolean }): Promise<void> {
    const url = readResponseUrl(text);
    if (url === null) throw new DeliveryError('none', 'not-slack');
    await respondTo(url, message, options, clock);
  }

  return {
    once: (tenant, { scope, urgent }, call) =>
      inTurn(tenant, scope, () => sender.once(tenant, urgent, () => callOnce(tenant, scope, call))),
    send: (tenant, { scope }, call) =>
      inTurn(tenant, scope, () => sender.send(tenant, () => callOnce(tenant, scope, call))),
    respond: (url, message, options) => sender.send(null, () => respond(url, message, options)),
    respondOnce: respond,
  };
}

/** What may help after an error of Slack's SDK. */
function asDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const said = slackErrorOf(error);
  if (said !== null) return new DeliveryError(remedyAfter(said), said);
  const isLimited = error instanceof Error && 'retryAfter' in error && typeof error.retryAfter === 'number';
  if (isLimited) return new DeliveryError('later', 'ratelimited', Number(error.retryAfter) * 1000);
  return new DeliveryError('later', error instanceof Error ? error.name : typeof error);
}

function remedyAfter(said: string): Remedy {
  if (TEMPORARY.has(said)) return 'later';
  return UNCHANGEABLE.has(said) ? 'post-anew' : 'none';
}
