import {
  type CallbackOptions,
  type InstallProvider,
  type InstallURLOptions,
  InvalidStateError,
  type StateStore,
} from '@slack/oauth';
import express, { type Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { Logger } from 'pino';
import { z } from 'zod';
import { personOf } from '../../src/audit/audit-events.ts';
import type { Audit } from '../../src/audit/audit-log.ts';
import { sendPlainPage } from '../../src/http/plain-page.ts';
import type { Store } from '../../src/store/store.ts';
import { createInstallPages, type InstallFailure } from './install-pages.ts';
import { tenantOfInstallation } from './installations.ts';
import { INSTALL_PATHS, SCOPES } from './manifest.ts';
import { errorFields } from './slack-log.ts';

/** How long an administrator may take in Slack. */
export const STATE_SECONDS = 600;

/** Installations that one address may begin in that time; each one leaves a row until it is over. */
const STARTS = 60;

const installOptionsSchema = z.object({ scopes: z.array(z.string()), redirectUri: z.url() });

/** OAuth states that are stored on the server, and good for one use. */
export function stateStore(states: Store['states']): StateStore {
  return {
    generateStateParam: ({ scopes, redirectUri }) => states.issue({ scopes, redirectUri }, STATE_SECONDS),
    async verifyStateParam(_now, state): Promise<InstallURLOptions> {
      const options = await states.redeem(state, installOptionsSchema);
      if (options === null) throw new InvalidStateError('This state is unknown, used or too old.');
      return options;
    },
  };
}

/** The pages of the installation: `/slack/install`, the way to Slack, and the way back. */
export function installRoutes({
  installer,
  publicUrl,
  audit,
  log,
}: {
  installer: InstallProvider;
  publicUrl: string;
  audit: Audit;
  log: Logger;
}): Router {
  const router = express.Router();
  const pages = createInstallPages(INSTALL_PATHS.start);
  const options: InstallURLOptions = {
    scopes: SCOPES.map(({ scope }) => scope),
    redirectUri: `${publicUrl}${INSTALL_PATHS.callback}`,
  };

  const callback: CallbackOptions = {
    success(installation, _options, _request, response) {
      const { team, enterprise, bot } = installation;
      log.info({ event: 'slack-installed', tenant: (enterprise ?? team)?.id });
      const tenant = tenantOfInstallation(installation);
      if (tenant !== null) {
        const installer = personOf({ ...tenant, user: installation.user.id });
        audit.record({ action: 'app-installed', ...installer, where: 'workspace' });
      }
      const workspace = (installation.isEnterpriseInstall ? enterprise?.name : team?.name) ?? '';
      sendPlainPage(response, 200, pages.success({ workspace, messages: bot?.scopes.includes('chat:write') ?? false }));
    },
    failure(error, _options, _request, response) {
      const why = reasonOf(error);
      log.warn({ event: 'slack-not-installed', why, ...errorFields(error) });
      sendPlainPage(response, why === 'unreachable' ? 502 : 400, pages.failure(why));
    },
  };

  router.get(INSTALL_PATHS.landing, (_request, response) => sendPlainPage(response, 200, pages.landing));
  const limited = rateLimit({
    windowMs: STATE_SECONDS * 1000,
    limit: STARTS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, response) => sendPlainPage(response, 429, pages.failure('too-often')),
  });
  router.get(INSTALL_PATHS.start, limited, async (request, response) => {
    try {
      await installer.handleInstallPath(request, response, undefined, options);
    } catch (error) {
      log.error({ event: 'slack-install-not-begun', ...errorFields(error) });
      sendPlainPage(response, 502, pages.failure('unreachable'));
    }
  });
  router.get(INSTALL_PATHS.callback, async (request, response) => {
    await installer.handleCallback(request, response, callback);
  });
  return router;
}

function reasonOf(error: Error & { code: string }): InstallFailure {
  switch (error.code) {
    case 'glir_team_not_served':
      return 'not-served';
    case 'slack_oauth_installer_authorization_error':
      return 'cancelled';
    case 'slack_oauth_invalid_state':
    case 'slack_oauth_missing_state':
    case 'slack_oauth_missing_code':
      return 'stale';
    case 'slack_webapi_platform_error':
      return 'refused';
    default:
      return 'unreachable';
  }
}
