import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import type { Browser, Page } from 'playwright-core';

/** Microsoft's own renderer, as it is built for browsers. */
const RENDERER = createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.js');
/** Teams refuses messages that are larger than about 28 KB. */
const MOST_BYTES = 28 * 1024;
/** Teams shows that many actions side by side, and hides the others. */
const MOST_ACTIONS = 6;
/** Teams takes cards up to this version everywhere. */
const NEWEST_VERSION = '1.5';
/** A chat beside a meeting is about as narrow. */
const NARROW_PX = 280;

/** Properties that the renderer reads in its own way, without listing them. */
const EVERYWHERE = ['$schema', 'type', 'fallback', 'requires', 'msteams', 'body', 'items', 'columns', 'actions'];
/** A card as people see it. */
export interface ShownCard {
  /** What the card's author did wrong; empty when nothing. */
  problems: string[];
  /** All words on it, without Markdown. */
  words: string;
  buttons: string[];
  /** The labels of those that another button brings on screen. */
  asked: string[];
}

/** Draws cards with the `adaptivecards` renderer, in a window as narrow as Teams ever is. */
export interface CardTable {
  show(card: object): Promise<ShownCard>;
  close(): Promise<void>;
}

declare const window: Window & { AdaptiveCards: typeof AdaptiveCards };

export async function openCardTable(browser: Browser): Promise<CardTable> {
  const page = await browser.newPage({ viewport: { width: NARROW_PX, height: 900 }, locale: 'en-GB' });
  await page.setContent('<!doctype html><html lang="en"><body style="margin:0"></body></html>');
  await page.addScriptTag({ path: RENDERER });
  const known = await knownProperties(page);
  return {
    async show(card) {
      const { problems, ...shown } = await draw(page, card);
      return { ...shown, problems: [...problems, ...ownRules(card), ...unknownProperties(card, known)] };
    },
    close: () => page.close(),
  };
}

/** Every card in what was sent to Teams, each once. */
export function cardsIn(sent: readonly string[]): object[] {
  const found = new Map<string, object>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && value.type === 'AdaptiveCard') found.set(JSON.stringify(value), value);
    else for (const inner of Object.values(value)) look(inner);
  };
  for (const text of sent.filter((each) => each.startsWith('{'))) look(JSON.parse(text));
  return [...found.values()];
}

/** Rules of GLIR's and limits of Teams' that the renderer does not know. */
function ownRules(card: object): string[] {
  const json = JSON.stringify(card);
  const problems: string[] = [];
  if (/"Input\.(?!(?:ChoiceSet|Text)")/.test(json)) problems.push('it takes more than choices and a line of text');
  const texts = json.match(/"type":"Input\.Text"/g)?.length ?? 0;
  const short = json.match(/"maxLength":(?:[1-9]|[1-5]\d|60)[,}]/g)?.length ?? 0;
  if (texts > short) problems.push('it takes text that is longer than a name');
  if (/\/n\//.test(json)) problems.push('it holds a note link');
  if (Buffer.byteLength(json) > MOST_BYTES) problems.push(`it has more than ${MOST_BYTES} bytes`);
  // Times would be written in that language's way instead of the reader's own.
  if ('lang' in card) problems.push('it decides how times are written');
  if (!('fallbackText' in card)) problems.push('it says nothing where cards cannot be shown');
  return problems;
}

function draw(page: Page, card: object): Promise<ShownCard> {
  return page.evaluate(
    ([json, version, maxActions]) => {
      const { AdaptiveCards: cards } = window;
      const problems: string[] = [];
      const context = new cards.SerializationContext(cards.Version.parse(version, new cards.SerializationContext()));
      const drawn = new cards.AdaptiveCard();
      drawn.hostConfig = new cards.HostConfig({ supportsInteractivity: true, actions: { maxActions } });
      // Teams reads Markdown; here its marks are only taken away.
      cards.AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = text.replace(/\*\*(.+?)\*\*/g, '<b>$1</b>').replace(/\\([^\w\s])/g, '$1');
        result.didProcess = true;
      };
      drawn.parse(JSON.parse(json), context);
      for (let index = 0; index < context.eventCount; index += 1) problems.push(context.getEventAt(index).message);
      problems.push(...drawn.validateProperties().validationEvents.map(({ message }) => message));

      const element = drawn.render();
      if (element === undefined) problems.push('it cannot be drawn');
      else document.body.replaceChildren(element);
      for (const part of document.body.querySelectorAll('*')) {
        const cut = part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflow === 'hidden';
        const outside = part.getBoundingClientRect().right > window.innerWidth + 1;
        if (cut || outside) problems.push(`too long: ${part.textContent}`);
      }
      const all = [...document.querySelectorAll('.ac-pushButton')];
      const labels = (parts: Element[]) => parts.map((part) => part.textContent.trim());
      const buttons = labels(all.filter((part) => part.checkVisibility()));
      const asked = labels(all.filter((part) => !part.checkVisibility()));
      const blocks = [...document.querySelectorAll('.ac-textBlock, label, option')].map((part) => part.textContent);
      return { problems: [...new Set(problems)], words: blocks.join('\n'), buttons, asked };
    },
    [JSON.stringify(card), NEWEST_VERSION, MOST_ACTIONS] as const,
  );
}

/** The names of the properties that each kind of element and action has. */
async function knownProperties(page: Page): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const names = await page.evaluate(() => {
    const { AdaptiveCards: cards } = window;
    const made: [string, AdaptiveCards.SerializableObject][] = [
      ['AdaptiveCard', new cards.AdaptiveCard()],
      ['Column', new cards.Column()],
      ['choice', new cards.Choice()],
    ];
    for (const registry of [cards.GlobalRegistry.elements, cards.GlobalRegistry.actions]) {
      for (let index = 0; index < registry.getItemCount(); index += 1) {
        const { typeName, objectType } = registry.getItemAt(index);
        made.push([typeName, new objectType()]);
      }
    }
    return made.map(([type, object]): [string, string[]] => {
      const schema = object.getSchema();
      return [type, Array.from({ length: schema.getCount() }, (_, index) => schema.getItemAt(index).name)];
    });
  });
  const known = new Map(names.map(([type, properties]) => [type, new Set([...properties, ...EVERYWHERE])]));
  // https://adaptivecards.io/explorer/TargetElement.html
  return known.set('target', new Set(['elementId', 'isVisible']));
}

/** The renderer passes over what it does not know, such as a misspelt name. */
function unknownProperties(
  value: unknown,
  known: ReadonlyMap<string, ReadonlySet<string>>,
  untyped = 'choice',
): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownProperties(item, known, untyped));
  if (typeof value !== 'object' || value === null) return [];
  const { type = untyped, ...properties } = { type: undefined, ...value };
  const names = known.get(String(type));
  return Object.entries(properties).flatMap(([name, inner]) => [
    ...(names?.has(name) ? [] : [`${type} has no ${name}`]),
    // What a press brings along is our own.
    ...(name === 'data' || name === 'msteams'
      ? []
      : unknownProperties(inner, known, name === 'targetElements' ? 'target' : 'choice')),
  ]);
}
