import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOON } from '../support/server/soon.ts';
import { SlackDoctor, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';
import { message, ROSSI, WEBER } from '../support/teams/activities.ts';
import { cardOf, startTeamsClinic, type TeamsClinic } from '../support/teams/clinic.ts';

const ONE_EACH = { GLIR_LIMIT_USER_NOTES: '1', GLIR_LIMIT_REQUESTS: '100' };
const SENTENCE = 'You have begun 1 note within an hour, the most that you may. Try again in 1 hour.';

describe('a doctor in Slack who begins too many notes', () => {
  let clinic: SlackClinic;
  beforeAll(async () => {
    clinic = await startSlackClinic(ONE_EACH);
    await clinic.install();
  });
  afterAll(() => clinic.stop());

  it('is told in words that only they see, in the chat and in the form; a colleague is not', async () => {
    const [doctor, colleague] = [new SlackDoctor(clinic), new SlackDoctor(clinic, clinic.weber)];
    const { view } = await doctor.opensForm();
    expect((await doctor.types('15m')).text).toContain('/compose#');
    const { status, shown, text } = await doctor.types('15m');
    expect(status).toBe(200);
    expect(shown === null ? '' : wordsOf(shown)).toContain(SENTENCE);
    expect(JSON.parse(text)).toMatchObject({ response_type: 'ephemeral' });
    const submitted = await doctor.submits(view);
    expect(submitted.json).toMatchObject({ response_action: 'update' });
    expect(submitted.text).toContain(SENTENCE);
    expect((await colleague.types('15m')).text).toContain('/compose#');
  });

  it('does not use up what Slack’s address may ask for, which whoever sends it without a signature does', async () => {
    const doctor = new SlackDoctor(clinic);
    for (let typed = 0; typed < 120; typed++) expect((await doctor.types('list')).status).toBe(200);
    const forged = () => fetch(`${clinic.glir.url}/slack/events`, { method: 'POST', body: 'x=y' });
    const statuses: number[] = [];
    for (let sent = 0; sent < 110; sent++) statuses.push((await forged()).status);
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('a doctor in Teams who begins too many notes', () => {
  let clinic: TeamsClinic;
  beforeAll(async () => {
    clinic = await startTeamsClinic(ONE_EACH);
  });
  afterAll(() => clinic.stop());

  it('is told in a message that only they see, also in a group; a colleague is not', async () => {
    const sent = () => clinic.cloud.messages().filter(({ method }) => method === 'POST');
    const answerTo = async (text: string, person: typeof ROSSI, place: 'personal' | 'group') => {
      const before = sent().length;
      await clinic.cloud.post(message(text, person, place));
      await expect.poll(() => sent().length, SOON).toBeGreaterThan(before);
      return sent()[before];
    };
    expect(cardOf(await answerTo('glir 15m', ROSSI, 'personal')).json).toContain('/compose#');
    expect(cardOf(await answerTo('glir 15m', ROSSI, 'personal')).json).toContain(SENTENCE);
    const whispered = await answerTo('<at>GLIR</at> 15m', ROSSI, 'group');
    expect(cardOf(whispered).json).toContain(SENTENCE);
    expect(whispered?.query.get('isTargetedActivity')).toBe('true');
    expect(cardOf(await answerTo('glir 15m', WEBER, 'personal')).json).toContain('/compose#');
  });
});
