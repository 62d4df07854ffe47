import express, { type Router } from 'express';
import { forAdmins } from './access.ts';
import { ADMIN_PATH, pagePath } from './admin-page.ts';
import { auditRoutes } from './audit.ts';
import type { ConsoleContext } from './console-context.ts';
import { countRoutes } from './counts.ts';
import { roomRoutes } from './rooms.ts';
import { serverRoutes } from './server-pages.ts';
import { settingsRoutes } from './settings.ts';
import { signInRoutes } from './sign-in.ts';

const FORM_LIMIT = '16kb';

/**
 * The admin console at `/admin`: pages without a script, made anew for each request. Admins of a tenant come in with a link
 * from the bot and see their tenant alone; the operator comes in with OpenID Connect and sees everything.
 *
 * @param operator the operator's way in; null where there is none
 */
export function adminConsole(context: ConsoleContext, operator: Router | null): Router {
  const router = express.Router();
  // Whatever a body says it is: none here is larger than a form.
  router.use(express.urlencoded({ extended: false, limit: FORM_LIMIT, type: () => true }));
  router.get(
    '/',
    forAdmins(context, async (_admin, _request, response) => response.redirect(303, pagePath('rooms'))),
  );
  router.use(signInRoutes(context, operator !== null));
  if (operator !== null) router.use(operator);
  router.use('/rooms', roomRoutes(context));
  router.use('/settings', settingsRoutes(context));
  router.use('/counts', countRoutes(context));
  router.use('/audit', auditRoutes(context));
  router.use(serverRoutes(context));
  return express.Router().use(ADMIN_PATH, router);
}
