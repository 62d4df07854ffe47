import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { SlackCall, SlackCloud } from './cloud.ts';
import { type SendOptions, type SlackClinic, type SlackPerson, TEAM } from './workspace.ts';

/** What Slack answers a person with, as far as the tests look at it. */
export interface Shown {
  text?: string;
  blocks: Block[];
}

interface Block {
  type: string;
  block_id?: string;
  text?: { text: string };
  elements?: Element[];
  accessory?: Element;
  element?: {
    type: string;
    options?: { text: { text: string }; value: string }[];
    initial_option?: { value: string };
    initial_value?: string;
    initial_users?: string[];
  };
}

interface Element {
  type: string;
  text?: unknown;
  action_id?: string;
  value?: string;
  url?: string;
}

const shownSchema = z.looseObject({ text: z.string().optional(), blocks: z.array(z.custom<Block>()) });

/** The message or view in a request to Slack or an answer of GLIR. */
export function shownIn(data: unknown): Shown {
  const { text, blocks } = shownSchema.parse(data);
  return text === undefined ? { blocks } : { text, blocks };
}

interface OpenedView {
  view: z.infer<typeof viewSchema>;
  call: SlackCall;
}

/** What the doctor sees as GLIR's direct message: as it was posted or changed last; null before there is one. */
export function directMessageIn(slack: Pick<SlackCloud, 'calls'>): Shown | null {
  const call = slack.calls.findLast(({ path }) => ['/api/chat.postMessage', '/api/chat.update'].includes(path));
  return call === undefined ? null : shownIn(call.fields);
}

/** Every word on screen; none where nothing is shown. */
export function wordsOf(shown: Shown | null): string {
  return JSON.stringify(shown?.blocks ?? []);
}

/** The first button with this text. */
export function buttonIn(shown: Shown | null, text: string): Element {
  const elements = (shown?.blocks ?? []).flatMap(({ elements = [], accessory }) => [
    ...elements,
    ...(accessory ? [accessory] : []),
  ]);
  const button = elements.find(
    (element) => element.type === 'button' && JSON.stringify(element.text).includes(`"${text}"`),
  );
  if (button === undefined) throw new Error(`There is no button "${text}" in ${JSON.stringify(shown)}`);
  return button;
}

/** What a doctor needs of a clinic. */
type SlackSide = Pick<SlackClinic, 'slack' | 'rossi' | 'token' | 'send'>;

/** Slack's triggers live for three seconds. */
const FORM_MS = 3_000;

/** A doctor in Slack: everything they do reaches GLIR as Slack would send it. */
export class SlackDoctor {
  readonly #clinic: SlackSide;
  readonly person: SlackPerson;
  /** Where the doctor's workspace is; another one for a forgery. */
  team = TEAM;
  enterprise: string | null = null;

  constructor(clinic: SlackSide, person = clinic.rossi) {
    this.#clinic = clinic;
    this.person = person;
  }

  /** A trigger that the emulator takes once, within three seconds. */
  async trigger(): Promise<string> {
    const got = await fetch(`${this.#clinic.slack.url}/api/views.generateTriggerId`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#clinic.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: this.person.id }),
    });
    return z.object({ trigger_id: z.string() }).parse(await got.json()).trigger_id;
  }

  /** The fields of a slash command. */
  commandFields(text: string, triggerId: string, responseUrl: string): Record<string, string> {
    return {
      token: 'verification',
      team_id: this.team,
      team_domain: 'san-marco',
      ...(this.enterprise === null ? {} : { enterprise_id: this.enterprise, is_enterprise_install: 'true' }),
      channel_id: 'C000000001',
      channel_name: 'ward',
      user_id: this.person.id,
      user_name: this.person.name,
      command: '/glir',
      text,
      api_app_id: 'A000000001',
      trigger_id: triggerId,
      response_url: responseUrl,
    };
  }

  /** Types a command; `shown` is what comes back at once, null when nothing does. */
  async types(text: string, { triggerId = String(randomUUID()), name = 'command' } = {}, options: SendOptions = {}) {
    const responseUrl = this.#clinic.slack.responseUrl(name);
    const answer = await this.#clinic.send(this.commandFields(text, triggerId, responseUrl), options);
    return { ...answer, shown: answer.text === '' ? null : shownIn(JSON.parse(answer.text)) };
  }

  /** Types `/glir` and waits for the form; gives it with the id that Slack gave it. */
  async opensForm(name = 'command'): Promise<OpenedView> {
    const triggerId = await this.trigger();
    const { status } = await this.types('', { triggerId, name });
    if (status !== 200) throw new Error(`/glir was answered with ${status}`);
    return this.form(triggerId);
  }

  /** Waits for the form that a trigger opens. */
  async form(triggerId: string): Promise<OpenedView> {
    const latest = performance.now() + FORM_MS;
    const opened = () =>
      this.#clinic.slack.callsTo('views.open').find(({ fields }) => fields['trigger_id'] === triggerId);
    while ((opened()?.answer ?? '') === '' && performance.now() < latest) await delay(10);
    const call = opened();
    if (call === undefined || call.answer === '') throw new Error('no form was opened');
    return { view: z.object({ view: viewSchema }).parse(JSON.parse(call.answer)).view, call };
  }

  /** Submits a form with its first choices, or others. */
  submits(view: z.infer<typeof viewSchema>, choices: Record<string, string> = {}, triggerId: string = randomUUID()) {
    const values = Object.fromEntries(
      view.blocks.flatMap(({ block_id: id, element }): [string, Record<string, unknown>][] => {
        if (id === undefined || element === undefined) return [];
        if (element.type === 'plain_text_input') {
          return [[id, { [id]: { type: element.type, value: choices[id] ?? element.initial_value ?? null } }]];
        }
        if (element.type === 'multi_users_select') {
          const users = choices[id]?.split(',') ?? element.initial_users ?? [];
          return [[id, { [id]: { type: element.type, selected_users: users } }]];
        }
        if (element.type !== 'static_select') return [];
        const value = choices[id] ?? element.initial_option?.value;
        return [[id, { [id]: { type: 'static_select', selected_option: { value } } }]];
      }),
    );
    return this.interacts({
      type: 'view_submission',
      trigger_id: triggerId,
      view: { ...view, state: { values } },
    });
  }

  /** Presses a button of a message that only they see (`url`: its response_url), or of a direct message or view. */
  presses(
    button: Element,
    { ephemeral = null, triggerId = randomUUID() }: { ephemeral?: string | null; triggerId?: string } = {},
  ) {
    const { type, action_id: actionId = '', value } = button;
    return this.interacts({
      type: 'block_actions',
      trigger_id: triggerId,
      container:
        ephemeral === null ? { type: 'view' } : { type: 'message', is_ephemeral: true, channel_id: 'C000000001' },
      ...(ephemeral === null ? {} : { response_url: ephemeral }),
      actions: [{ type, action_id: actionId, block_id: 'b', value, action_ts: '1.2', text: button.text }],
    });
  }

  /**
   * Presses a button of a direct message, which has a response_url too:
   * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
   */
  pressesDirectly(button: Element, at: { channel: string; ts: string }, responseUrl: string) {
    const { type, action_id: actionId = '', value } = button;
    return this.interacts({
      type: 'block_actions',
      trigger_id: randomUUID(),
      container: { type: 'message', message_ts: at.ts, channel_id: at.channel, is_ephemeral: false },
      channel: { id: at.channel, name: 'directmessage' },
      message: { type: 'message', ts: at.ts },
      response_url: responseUrl,
      actions: [{ type, action_id: actionId, block_id: 'b', value, action_ts: '1.2', text: button.text }],
    });
  }

  /** Uses the shortcut "Write a private note". */
  usesShortcut(triggerId: string) {
    return this.interacts({ type: 'shortcut', callback_id: 'glir-new-note', trigger_id: triggerId, action_ts: '1.2' });
  }

  /** Opens the Home tab. */
  opensHome(options: SendOptions = {}, eventId: string = randomUUID()) {
    const event = { type: 'app_home_opened', user: this.person.id, channel: 'D1', tab: 'home', event_ts: '1.2' };
    return this.happens(event, options, eventId);
  }

  /** An event of the Events API. */
  happens(event: Record<string, unknown>, options: SendOptions = {}, eventId: string = randomUUID()) {
    const authorizations = [
      { team_id: this.team, enterprise_id: this.enterprise, is_enterprise_install: this.enterprise !== null },
    ];
    const envelope = {
      type: 'event_callback',
      team_id: this.team,
      api_app_id: 'A000000001',
      event_id: eventId,
      event_time: 1,
    };
    return this.#clinic.send(JSON.stringify({ ...envelope, event, authorizations }), options);
  }

  /** Sends an interaction as Slack does: a form with one field that holds JSON. */
  async interacts(payload: Record<string, unknown>, options: SendOptions = {}) {
    const { id, name } = this.person;
    const whole = {
      team: { id: this.team, domain: 'san-marco' },
      ...(this.enterprise === null ? {} : { enterprise: { id: this.enterprise }, is_enterprise_install: true }),
      user: { id, name, username: name, team_id: this.team },
      api_app_id: 'A000000001',
      token: 'verification',
      ...payload,
    };
    const answer = await this.#clinic.send({ payload: JSON.stringify(whole) }, options);
    const json: unknown = answer.text === '' ? null : JSON.parse(answer.text);
    return { ...answer, json };
  }
}

const viewSchema = z.looseObject({
  id: z.string(),
  callback_id: z.string(),
  private_metadata: z.string(),
  blocks: z.array(z.custom<Block>()),
});

/** The view in the answer to a submitted form. */
export function updatedView(json: unknown): Shown {
  return shownIn(z.object({ response_action: z.literal('update'), view: z.looseObject({}) }).parse(json).view);
}
