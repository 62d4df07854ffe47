import { executeOnCard, message, ROSSI, WEBER } from '../../support/teams/activities.ts';
import { answeredCard, cardOf, idOf, submission } from '../../support/teams/clinic.ts';
import { startTeamsCloud, type TeamsCall } from '../../support/teams/cloud.ts';
import { until } from './until.ts';

/** A Teams and a doctor in it. */
export interface TeamsSide {
  url: string;
  /** Among them the port that GLIR has to listen on. */
  settings: NodeJS.ProcessEnv;
  /** Everything that Teams was told: requests to it, and answers to its own. */
  received(): string[];
  /** Types this text behind `/glir`, which is refused; then `/glir`, and goes through its form. Gives the compose link. */
  asks(typed: string): Promise<string>;
  /** A colleague of this name begins a note, and never writes it. */
  beginsAs(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function startTeams(): Promise<TeamsSide> {
  const cloud = await startTeamsCloud();
  const answers: string[] = [];
  const posted = () => cloud.messages().filter(({ method, status }) => method === 'POST' && status === 201);

  async function post(activity: object): Promise<unknown> {
    const { status, text, json } = await cloud.post(activity);
    answers.push(text);
    if (status !== 200) throw new Error(`Teams: an activity was answered with ${status}`);
    return json;
  }
  /** Writes a message; gives the one that GLIR answers with. */
  async function says(text: string, person = ROSSI): Promise<TeamsCall> {
    const before = posted().length;
    await post(message(text, person));
    return until('an answer in Teams', () => posted()[before] ?? null);
  }

  return {
    url: cloud.url,
    settings: cloud.env,
    received: () => [...cloud.calls.flatMap(({ path, query, body }) => [path, query.toString(), body]), ...answers],
    async asks(typed) {
      const refused = await says(`/glir ${typed}`);
      if (!refused.body.includes("Don't type the note here"))
        throw new Error('Teams: text behind /glir was not refused');
      const form = await says('/glir');
      const card = cardOf(form);
      const chosen = submission(card, 'Continue', { expiry: '900', admission: 'pin' });
      const { verb = '' } = card.button('Continue');
      const ready = answeredCard(await post(executeOnCard(verb, chosen, idOf(form, cloud))));
      return ready.button('Write the note').url ?? '';
    },
    async beginsAs(name) {
      await says('/glir 15m', { ...WEBER, name });
    },
    close: () => cloud.stop(),
  };
}
