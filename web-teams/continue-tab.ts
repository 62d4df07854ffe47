/** The tab that takes a note over from a Teams dialog. */
import { startComposer } from '../web-composer/session/start.ts';
import { browserClock } from '../web-shared/clock.ts';
import { showCard } from './card.ts';
import { takeDraft } from './draft-handover.ts';
import type { TeamsPage } from './page.ts';

/** Draws the composer with the note that arrives, or what to do when none does. */
export async function openArrival({ root, language }: TeamsPage): Promise<void> {
  const { words: strings } = language;
  const draft = await takeDraft(browserClock);
  if (draft !== null) return void startComposer(root, language, { draft });
  const why = strings.t('teams.nothingArrived.why');
  showCard(root, strings.t('teams.nothingArrived'), why, strings.t('teams.nothingArrived.next'));
}
