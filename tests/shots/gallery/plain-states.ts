/** The pages without a script, as the server sends them, by the names of their pictures. */
import { createInstallPages } from '../../../bots/slack/install-pages.ts';
import { infoPages } from '../../../src/http/info-pages.ts';
import { INFO_PATHS, type PlainPage } from '../../../src/http/plain-page.ts';
import { troublePages } from '../../../src/http/trouble-pages.ts';

const trouble = troublePages();
const install = createInstallPages('/slack/install/start');

const info = infoPages({
  operator: 'Ospedale San Marco, Rome, IT department, privacy@sanmarco.example, 06 555 0100',
  platforms: { slack: true, teams: true },
  historyDays: 90,
  auditDays: 2_192,
  relays: true,
});
const bare = infoPages({
  operator: null,
  platforms: { slack: false, teams: false },
  historyDays: 90,
  auditDays: 2_192,
  relays: false,
});

export const plainStates: Readonly<Record<string, PlainPage>> = {
  about: info[INFO_PATHS.website],
  privacy: info[INFO_PATHS.privacy],
  'privacy-bare': bare[INFO_PATHS.privacy],
  terms: info[INFO_PATHS.terms],
  missing: trouble.missing,
  busy: trouble.busy,
  failed: trouble.failed,
  'slack-install': install.landing,
  'slack-installed': install.success({ workspace: 'Ospedale San Marco', messages: true }),
  'slack-failed': install.failure('stale'),
};
