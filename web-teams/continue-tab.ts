/** The tab that takes a note over from a Teams dialog. */

import { receiveDraft } from '../web-composer/session/draft-handover.ts';
import { startComposer } from '../web-composer/session/start.ts';
import { browserClock } from '../web-shared/clock.ts';
import { showCard, type TeamsPage } from './page.ts';

/** Shows the composer with the note that arrives, or what to do when none does. */
export async function openContinueTab({ root, language }: TeamsPage): Promise<void> {
  const { strings } = language;
  const draft = await receiveDraft(browserClock);
  if (draft !== null) return void startComposer(root, language, { draft });
  const why = strings.t('teams.nothingArrived.why');
  showCard(root, strings.t('teams.nothingArrived'), why, strings.t('teams.nothingArrived.next'));
}
