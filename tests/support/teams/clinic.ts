import { z } from 'zod';
import type { Doctor } from '../../../src/rooms/room.ts';
import { type Glir, startGlir } from '../server/glir.ts';
import { ROSSI, TENANT_ID, type TeamsPerson } from './activities.ts';
import { startTeamsCloud, type TeamsCall, type TeamsCloud } from './cloud.ts';

/** GLIR connected to a Teams of its own. */
export interface TeamsClinic {
  cloud: TeamsCloud;
  glir: Glir;
  stop(): Promise<void>;
}

/** Starts both; `env` is added to GLIR's environment. */
export async function startTeamsClinic(env: NodeJS.ProcessEnv = {}): Promise<TeamsClinic> {
  const cloud = await startTeamsCloud();
  const glir = await startGlir({ ...cloud.env, ...env });
  return {
    cloud,
    glir,
    async stop() {
      await glir.stop();
      await cloud.stop();
    },
  };
}

/** A person as GLIR knows them. */
export function doctorOf({ aadObjectId, name }: TeamsPerson = ROSSI): Doctor {
  return { platform: 'teams', tenant: TENANT_ID, user: aadObjectId, displayName: name };
}

const actionSchema = z.object({
  type: z.string(),
  title: z.string(),
  url: z.string().optional(),
  verb: z.string().optional(),
  style: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
type CardAction = z.infer<typeof actionSchema>;

const inputSchema = z.object({
  type: z.literal('Input.ChoiceSet'),
  id: z.string(),
  value: z.string(),
  choices: z.array(z.object({ title: z.string(), value: z.string() })),
});

/** A card as it travels. */
export interface SentCard {
  /** Everything on it, as JSON. */
  json: string;
  actions: CardAction[];
  /** What its fields hold at first, by their ids. */
  chosen: Record<string, string>;
  /** The button with this title that reaches GLIR or opens a page: behind its question, where it asks one. */
  button(title: string): CardAction;
}

/** Reads a card. Throws when it is none. */
export function readCard(content: unknown): SentCard {
  const { type } = z.looseObject({ type: z.string() }).parse(content);
  if (type !== 'AdaptiveCard') throw new Error(`This is no card but ${type}.`);
  const actions: CardAction[] = [];
  const chosen: Record<string, string> = {};
  walk(content, (part) => {
    const action = actionSchema.safeParse(part).data;
    if (action?.type.startsWith('Action.') === true) actions.push(action);
    const input = inputSchema.safeParse(part).data;
    if (input !== undefined) chosen[input.id] = input.value;
  });
  return {
    json: JSON.stringify(content),
    actions,
    chosen,
    button(title) {
      const found = actions.find((action) => action.title === title && action.type !== 'Action.ToggleVisibility');
      if (found === undefined) throw new Error(`There is no button "${title}" in ${JSON.stringify(content)}`);
      return found;
    },
  };
}

/** The card of a message that GLIR sent. */
export function cardOf(call: TeamsCall | undefined): SentCard {
  const schema = z.object({ attachments: z.tuple([z.object({ content: z.unknown() })]) });
  return readCard(schema.parse(call?.fields).attachments[0].content);
}

/** The card in the answer to a press. */
export function answeredCard(json: unknown): SentCard {
  const type = z.literal('application/vnd.microsoft.card.adaptive');
  return readCard(z.object({ statusCode: z.literal(200), type, value: z.unknown() }).parse(json).value);
}

/** The dialog in an answer. */
export function dialogOf(json: unknown): { title: string; card: SentCard } {
  const value = z.object({ title: z.string(), card: z.object({ content: z.unknown() }) });
  const task = z.object({ type: z.literal('continue'), value });
  const parsed = z.strictObject({ task }).parse(json).task.value;
  return { title: parsed.title, card: readCard(parsed.card.content) };
}

/** What comes back when a form's button is pressed with its first choices, or others. */
export function submission(card: SentCard, title: string, choices: Record<string, string> = {}): object {
  return { ...card.button(title).data, ...card.chosen, ...choices };
}

/** The id that a posted message got: the connector counts them. */
export function idOf(call: TeamsCall | undefined, cloud: TeamsCloud): string {
  const posted = cloud.messages().filter(({ method, status }) => method === 'POST' && status === 201);
  const index = call === undefined ? -1 : posted.indexOf(call);
  if (index < 0) throw new Error('This message was not posted.');
  return String(1_700_000_000_000 + index);
}

function walk(value: unknown, visit: (part: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  visit(value);
  for (const [name, inner] of Object.entries(value)) {
    if (name !== 'fallback' && name !== 'data') walk(inner, visit);
  }
}
