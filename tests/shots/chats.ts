import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { types } from '@slack/bolt';
import type * as AdaptiveCards from 'adaptivecards';
import { pino } from 'pino';
import type { Page } from 'playwright-core';
import { type ChatLanguage, languageOfLocale } from '../../bots/commands/chat-language.ts';
import { statusView } from '../../bots/commands/note-views.ts';
import { personalForm } from '../../bots/commands/personal-form.ts';
import { RoomPings } from '../../bots/commands/pings.ts';
import type { RoomStatus } from '../../bots/commands/room-status.ts';
import { NO_SETTINGS } from '../../bots/commands/settings.ts';
import { settingsForm } from '../../bots/commands/settings-form.ts';
import type { View } from '../../bots/commands/view.ts';
import { messageOf, modalOf } from '../../bots/slack/blocks.ts';
import { formCard, viewCard } from '../../bots/teams/adaptive-cards.ts';
import { launchBrowser } from '../support/browser/browsers.ts';
import { standingClock } from '../support/server/movable-clock.ts';

const IMAGES = path.join(import.meta.dirname, '../../docs/images');
const RENDERER = createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.js');
const LANGUAGES = ['en', 'it', 'ar'];
const LIMITS = { expiryDefaultSeconds: 1_800, expiryMaxSeconds: 86_400, readersDefault: 3, phone: null };
const READER = { readerId: 'r'.repeat(22), number: 1, shortCode: '731652' };

declare const window: Window & { AdaptiveCards: typeof AdaptiveCards };

/**
 * Pictures of what the bots say, one for each of three languages, into docs/images/: blocks for Slack drawn by a sketch of our own
 * (Slack has no renderer outside of itself), cards for Teams by Microsoft's.
 */
export async function shootChats(): Promise<void> {
  await mkdir(IMAGES, { recursive: true });
  const browser = await launchBrowser();
  try {
    for (const code of LANGUAGES) {
      const language = languageOfLocale(code);
      if (language === null) throw new Error(`There is no ${code}.`);
      const page = await browser.newPage({
        viewport: { width: 980, height: 900 },
        deviceScaleFactor: 2,
        locale: code,
        timezoneId: 'Europe/Rome',
      });
      await draw(page, language);
      await page.locator('main').screenshot({ path: path.join(IMAGES, `chats-${code}.png`), animations: 'disabled' });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

async function draw(page: Page, language: ChatLanguage): Promise<void> {
  const status: RoomStatus = {
    roomTag: 'abcdefgh',
    state: 'open',
    expiresAt: Date.parse('2026-12-01T14:40:00Z'),
    reading: 1,
    waiting: [READER],
    readBy: 1,
    isPageVisible: false,
    over: null,
  };
  const ping = await pingOf(status, language);
  const shown = statusView(status, language);
  const own = personalForm(
    { name: 'Dr Anna Rossi', language: language.code, lastChoice: null, welcomed: true },
    language,
    true,
  );
  const settings = settingsForm(NO_SETTINGS, LIMITS, language, { language: true, admins: true });
  const slack = [messageOf(ping).blocks, messageOf(shown).blocks, modalOf(own).blocks, modalOf(settings).blocks];
  const html = slack.map((blocks) => `<article dir="auto">${blocks.map(blockHtml).join('')}</article>`).join('');
  await page.setContent(
    `<!doctype html><html lang="${language.code}"><style>${STYLE}</style><main dir="${language.direction}"><section><h1>Slack</h1>${html}</section><section id="teams"><h1>Teams</h1></section></main></html>`,
  );
  await page.addScriptTag({ path: RENDERER });
  const teamsOwn = { ...own, fields: own.fields.slice(0, 1) };
  const cards = [viewCard(ping, language), viewCard(shown, language), formCard(teamsOwn, language)];
  await page.evaluate(
    (all) => {
      for (const json of all) {
        const card = new window.AdaptiveCards.AdaptiveCard();
        window.AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
          result.outputHtml = text.replaceAll(/\*\*([^*]+)\*\*/g, '<b>$1</b>').replaceAll(/\\(.)/g, '$1');
          result.didProcess = true;
        };
        card.parse(JSON.parse(json));
        const article = document.createElement('article');
        const drawn = card.render();
        if (drawn !== undefined) article.append(drawn);
        document.getElementById('teams')?.append(article);
      }
    },
    cards.map((card) => JSON.stringify(card)),
  );
}

/** The ping as it would be posted. */
async function pingOf(status: RoomStatus, language: ChatLanguage): Promise<View> {
  const posted: View[] = [];
  const post = (view: View) => Promise.resolve(posted.push(view));
  const nothing = () => Promise.resolve();
  const log = pino({ level: 'silent' });
  const context = { language: () => Promise.resolve(language), clock: standingClock(), log };
  await new RoomPings({ post, remove: nothing, keep: nothing }, context).show(status);
  const [view] = posted;
  if (view === undefined) throw new Error('nothing rang');
  return view;
}

type Block = types.KnownBlock | types.Block;

function blockHtml(block: Block): string {
  if (!('type' in block)) return '';
  const known = block as types.KnownBlock;
  switch (known.type) {
    case 'header':
      return `<h2>${known.text.text}</h2>`;
    case 'section':
      return `<p>${marked(known.text?.text ?? '')}</p>`;
    case 'context':
      return `<p class="quiet">${known.elements.map((each) => ('text' in each ? marked(String(each.text)) : '')).join(' ')}</p>`;
    case 'actions':
      return `<p>${known.elements.map((each) => (each.type === 'button' ? `<span class="button ${each.style ?? ''}">${each.text.text}</span>` : '')).join(' ')}</p>`;
    case 'input':
      return `<p><b>${known.label.text}</b><span class="field">${fieldText(known.element)}</span>${known.hint === undefined ? '' : `<span class="quiet">${known.hint.text}</span>`}</p>`;
    default:
      return '';
  }
}

function fieldText(element: types.InputBlock['element']): string {
  if (element.type === 'static_select') return `${element.initial_option?.text.text ?? ''} ▾`;
  return element.type === 'plain_text_input' ? (element.initial_value ?? '&nbsp;') : '&nbsp;';
}

/** Slack's marks that GLIR uses; times as a reader in Rome sees them. */
function marked(text: string): string {
  return text
    .replaceAll(/<!date\^(\d+)\^([^|]*)\|[^>]*>/g, (_all, seconds: string, format: string) =>
      format === '{ago}' ? '…' : new Date(Number(seconds) * 1000).toISOString().slice(11, 16),
    )
    .replaceAll(/\*([^*]+)\*/g, '<b>$1</b>')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll('\n', '<br>');
}

const STYLE = `
  body { margin: 0; font: 15px/1.45 "Noto Sans", "DejaVu Sans", sans-serif; }
  main { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; padding: 16px; background: #f7f5f0; }
  h1 { font-size: 15px; margin: 0 0 8px; } h2 { font-size: 17px; margin: 0 0 8px; }
  article { background: #fff; border: 1px solid #d9d4c7; border-radius: 10px; padding: 12px 14px; margin-bottom: 12px; }
  p { margin: 0 0 8px; } .quiet { color: #55605b; font-size: 13px; display: block; }
  .button { display: inline-block; border: 1px solid #55605b; border-radius: 6px; padding: 3px 12px; margin-inline-end: 6px; }
  .primary { background: #0f5c57; color: #fff; border-color: #0f5c57; } .danger { color: #a3211b; border-color: #a3211b; }
  .field { display: block; border: 1px solid #55605b; border-radius: 6px; padding: 4px 10px; margin: 2px 0; }
`;
