/** Where pages, browsers and the server's own eyes tell what is wrong on the way of pages and sockets. */
import express, { type ErrorRequestHandler, type Request, type Router } from 'express';
import { z } from 'zod';
import type { FailureLog } from '../limits/failure-log.ts';
import type { ProxyWatch } from '../limits/proxy-watch.ts';
import { FAILURE_PATH, failureReportSchema } from '../protocol/connection-failures.ts';

/** Where browsers report what a page's policy stopped (CSP Level 3, `report-uri`). */
export const POLICY_REPORT_PATH = '/page-altered';

/** What a browser says of a script that it did not run; the rest of its report is not looked at. */
const policyReportSchema = z.object({
  'csp-report': z.object({ 'effective-directive': z.enum(['script-src', 'script-src-elem']) }),
});

/**
 * @param socketPath of the signalling; a WebSocket's request that comes here as a plain one has lost a header on its way
 */
export function failureReports(
  socketPath: string,
  isOwnOrigin: (origin: string) => boolean,
  failures: FailureLog,
  proxies: Pick<ProxyWatch, 'onForeignOrigin'>,
): Router {
  const router = express.Router();
  const isFromOurPage = (request: Request): boolean => isOwnOrigin(request.get('origin') ?? '');

  router.get(socketPath, (request, response, next) => {
    const isSocket = isFromOurPage(request) || request.get('sec-websocket-key') !== undefined;
    // With both headers it is one that comes while the server starts.
    if (!isSocket || asksForUpgrade(request)) return next();
    failures.report({ code: 'upgrade-stripped' }, 'anybody');
    const said = 'A proxy on the way has taken the header Upgrade away. Have it pass on Upgrade and Connection.';
    response.status(426).set({ Upgrade: 'websocket' }).json({ error: 'upgrade-stripped', next: said });
  });

  router.post(FAILURE_PATH, express.json({ limit: '1kb' }), (request, response) => {
    if (!isFromOurPage(request)) {
      const error = proxies.onForeignOrigin(request) ?? 'not-allowed';
      return void response.status(403).json({ error, next: 'Open the link again, as it was sent.' });
    }
    const report = failureReportSchema.safeParse(request.body);
    if (!report.success) return void response.status(400).json({ error: 'bad-request', next: 'Reload the page.' });
    failures.report(report.data, 'anybody');
    response.status(204).end();
  });

  const policyReport = express.json({ limit: '16kb', type: 'application/csp-report' });
  router.post(POLICY_REPORT_PATH, policyReport, (request, response, next) => {
    if (request.body === undefined) return next();
    // Browser extensions try other things as well; only a script that did not run keeps a page from working.
    if (policyReportSchema.safeParse(request.body).success) failures.report({ code: 'page-altered' }, 'anybody');
    response.status(204).end();
  });

  router.use(refuseUnreadable);
  return router;
}

/** Whether a request still asks to become a WebSocket (RFC 6455, section 4.1). */
function asksForUpgrade(request: Request): boolean {
  return request.get('upgrade') !== undefined && /\bupgrade\b/i.test(request.get('connection') ?? '');
}

/** A body that is too large or not JSON. */
const refuseUnreadable: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 500;
  if (status !== 400 && status !== 413) return next(error);
  response.status(status).json({ error: 'bad-request', next: 'Reload the page.' });
};
