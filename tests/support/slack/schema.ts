import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';

const TYPES = 'node_modules/@slack/types/dist/index.d.ts';
const MANIFEST = 'node_modules/@slack/web-api/dist/types/request/manifest.d.ts';

type SlackType = 'KnownBlock' | 'HomeView' | 'ModalView' | 'Manifest';

/** Made once for each type: reading Slack's declarations takes seconds. */
const made = new Map<SlackType, ValidateFunction>();

/** Slack's own types as a JSON schema: what is wrong with a value, empty when nothing is. */
export function slackSchema(type: SlackType): (value: unknown) => string[] {
  const validate = made.get(type) ?? validatorOf(type);
  made.set(type, validate);
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

function validatorOf(type: SlackType): ValidateFunction {
  const path = type === 'Manifest' ? MANIFEST : TYPES;
  const schema: object = JSON.parse(
    JSON.stringify(createGenerator({ path, type, skipTypeCheck: true }).createSchema(type)),
  );
  return new Ajv({ strict: false, allErrors: false }).compile(schema);
}

interface Limit {
  path: RegExp;
  max: number;
}

/** Slack's limits on lengths and counts, by where in a message or view something is. */
const LIMITS: Limit[] = [
  { path: /\.blocks\[\d+\]\.block_id$/, max: 255 },
  { path: /\.action_id$/, max: 255 },
  { path: /\.value$/, max: 150 },
  { path: /\.url$/, max: 3_000 },
  { path: /^\$\.(?:title|submit|close)\.text$/, max: 24 },
  { path: /\.confirm\.title\.text$/, max: 100 },
  { path: /\.confirm\.text\.text$/, max: 300 },
  { path: /\.confirm\.(?:confirm|deny)\.text$/, max: 30 },
  { path: /\.(?:elements\[\d+\]|accessory)\.text\.text$/, max: 75 },
  { path: /\.options\[\d+\]\.text\.text$/, max: 75 },
  { path: /\.options$/, max: 100 },
  { path: /\.elements$/, max: 10 },
  { path: /\.label\.text$/, max: 2_000 },
  { path: /\.blocks\[\d+\]\.text\.text$/, max: 3_000 },
  { path: /\.private_metadata$/, max: 3_000 },
  { path: /\.callback_id$/, max: 255 },
  { path: /^\$\.text$/, max: 3_000 },
];

/** What in a message or view is longer, or more, than Slack takes; and action ids that are twice in a block. */
export function overLimits(value: unknown, maxBlocks: number, at = '$'): string[] {
  const found = [...tooLong(value, maxBlocks, at), ...twice(value, at)];
  if (typeof value !== 'object' || value === null) return found;
  const parts = Object.entries(value).flatMap(([name, part]) =>
    overLimits(part, maxBlocks, Array.isArray(value) ? `${at}[${name}]` : `${at}.${name}`),
  );
  return [...found, ...parts];
}

function tooLong(value: unknown, maxBlocks: number, at: string): string[] {
  if (typeof value !== 'string' && !Array.isArray(value)) return [];
  return [...LIMITS, { path: /^\$\.blocks$/, max: maxBlocks }]
    .filter(({ path, max }) => path.test(at) && value.length > max)
    .map(({ max }) => `${at}: ${value.length} of at most ${max}`);
}

function twice(value: unknown, at: string): string[] {
  if (!at.endsWith('.elements') || !Array.isArray(value)) return [];
  const ids = value.flatMap((element: { action_id?: string }) => element.action_id ?? []);
  return new Set(ids).size < ids.length ? [`${at}: an action_id is there twice`] : [];
}
