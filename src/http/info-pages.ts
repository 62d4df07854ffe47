import express, { type Router } from 'express';
import { Html, html } from './html.ts';
import { INFO_PATHS, type PlainPage, plainPageMaker, sendPlainPage } from './plain-page.ts';
import type { PlainLanguage } from './plain-strings.ts';

/** What the pages say about this GLIR: nothing that its operator would not tell anybody. */
export interface InfoFacts {
  /** Who runs it, in their own words; null when nobody said. */
  operator: string | null;
  /** The chat platforms that are set up. */
  platforms: { slack: boolean; teams: boolean };
  /** Days for which past notes are remembered without their content; 0 is not at all. */
  historyDays: number;
  /** Days for which the audit is kept; 0 is no audit. */
  auditDays: number;
  /** Whether browsers are sent to STUN or TURN servers. */
  relays: boolean;
}

/** Serves `/`, `/privacy` and `/terms`: the same pages for everybody, made once. */
export function infoRouter(facts: InfoFacts): Router {
  const router = express.Router();
  const pages = infoPages(facts);
  for (const path of Object.values(INFO_PATHS)) {
    router.get(path, (_request, response) => sendPlainPage(response, 200, pages[path]));
  }
  return router;
}

/** The pages by their paths. */
export function infoPages(facts: InfoFacts): Record<(typeof INFO_PATHS)[keyof typeof INFO_PATHS], PlainPage> {
  const page = plainPageMaker();
  const { website, privacy, terms } = INFO_PATHS;
  return {
    [website]: page((language) => ({ title: 'GLIR', body: aboutBody(language, facts) }), website),
    [privacy]: page(
      (language) => ({ title: `${language.text('privacyPage')} – GLIR`, body: privacyBody(language, facts) }),
      privacy,
    ),
    [terms]: page(
      (language) => ({ title: `${language.text('termsPage')} – GLIR`, body: termsBody(language, facts) }),
      terms,
    ),
  };
}

function aboutBody({ say, ...language }: PlainLanguage, { platforms }: InfoFacts): Html {
  const chats = chatsOf(platforms);
  const doctors =
    chats.length === 0 ? '' : html`<p>${say('about.doctors', { chats: listed(language, chats, 'disjunction') })}</p>`;
  return html`
<h1>${say('about.title')}</h1>
<p class="lead">${say('about.lead')}</p>
${section(
  'patients',
  say('note.ask'),
  html`
<p>${say('about.here')}</p>
<p>${say('note.call')}</p>`,
)}
${doctors}
<p class="go-on"><a href="${language.pathOf(INFO_PATHS.privacy)}">${say('privacy.title')}</a></p>`;
}

function privacyBody(language: PlainLanguage, facts: InfoFacts): Html {
  const { say } = language;
  return html`
<h1>${say('privacy.title')}</h1>
<p class="lead">${say('privacy.lead')}</p>
${section(
  'never',
  say('privacy.never'),
  html`
${points(say('privacy.never.note'), say('privacy.never.secret'), say('privacy.never.readers'))}
<p>${say('privacy.honest')}</p>
<p>${say('privacy.hash')}</p>
<p>${say('privacy.device')}</p>`,
)}
${section(
  'open',
  say('privacy.open'),
  points(say('privacy.open.who'), say('privacy.open.addresses'), say('privacy.open.memory'), say('privacy.open.day')),
)}
${section('kept', say('privacy.kept'), points(...keptPoints(language, facts)))}
${othersSection(language, facts)}
${askSection(language, facts, say('ask.practice'))}`;
}

function keptPoints(
  { say }: PlainLanguage,
  { platforms: { slack, teams }, historyDays, auditDays }: InfoFacts,
): Html[] {
  const butTheAudit = auditDays === 0 ? '' : html` ${say('privacy.butAudit')}`;
  const history = historyDays === 0 ? say('privacy.history.none') : say('privacy.history', { count: historyDays });
  return [
    ...(slack || teams ? [history] : []),
    ...(slack ? [html`${say('privacy.slack')}${butTheAudit}`] : []),
    ...(teams ? [html`${say('privacy.teams')}${butTheAudit}`] : []),
    ...(slack || teams ? [say('privacy.choices')] : []),
    ...(auditDays === 0 ? [] : [html`${say(...auditSpan(auditDays))} ${say('privacy.audit.what')}`]),
    say('privacy.log'),
    say('privacy.logs'),
  ];
}

/** Whole years as such. */
function auditSpan(days: number): ['privacy.audit.days' | 'privacy.audit.years', { count: number }] {
  const years = Math.round(days / 365.25);
  if (years > 1 && Math.abs(years * 365.25 - days) < 1) return ['privacy.audit.years', { count: years }];
  return ['privacy.audit.days', { count: days }];
}

function othersSection(language: PlainLanguage, { platforms, relays }: InfoFacts): Html | '' {
  const { say } = language;
  const chats = chatsOf(platforms);
  const seen = [
    ...(chats.length === 0 ? [] : [say('privacy.others.chats', { chats: listed(language, chats, 'conjunction') })]),
    ...(relays ? [say('privacy.others.relays')] : []),
  ];
  return seen.length === 0 ? '' : section('others', say('privacy.others'), points(...seen));
}

function termsBody(language: PlainLanguage, facts: InfoFacts): Html {
  const { say } = language;
  const { operator } = facts;
  const who = operator === null ? say('terms.operator.unknown') : endedOnce(say('terms.operator', { operator }));
  return html`
<h1>${say('terms.title')}</h1>
<p class="lead">${who}</p>
${section(
  'does',
  say('terms.does'),
  html`
<p>${say('terms.does.shows')}</p>
<p>${say('terms.does.copy')}</p>
<p>${say('terms.does.emergency')}</p>`,
)}
${section(
  'not',
  say('terms.not'),
  points(
    ...(['reader', 'device', 'server', 'link', 'traces', 'sleep'] as const).map((danger) =>
      named(language.text(`terms.not.${danger}`)),
    ),
  ),
)}
${section(
  'warranty',
  say('terms.warranty'),
  html`
<p>${say('terms.warranty.asIs')}</p>
<p>${say('terms.warranty.law')}</p>`,
)}
${askSection(language, facts)}`;
}

function askSection({ say }: PlainLanguage, { operator }: InfoFacts, more: Html | '' = ''): Html {
  const who = operator === null ? say('ask.whoever') : endedOnce(say('ask.operator', { operator }));
  return section(
    'ask',
    say('ask'),
    html`
<p>${who} ${more}</p>
<p>${say('ask.makers')}</p>`,
  );
}

/** A name that ends with a full stop, such as "S.p.A.", ends its sentence as well. */
function endedOnce(sentence: Html): Html {
  return new Html(sentence.markup.replace('.</bdi>.', '.</bdi>'));
}

/** Names the danger, which is the first sentence. */
function named(text: string): Html {
  const end = text.indexOf('.') + 1;
  return html`<strong>${text.slice(0, end)}</strong>${text.slice(end)}`;
}

function chatsOf({ slack, teams }: InfoFacts['platforms']): string[] {
  return [...(slack ? ['Slack'] : []), ...(teams ? ['Microsoft Teams'] : [])];
}

function listed({ code }: Pick<PlainLanguage, 'code'>, names: string[], type: 'conjunction' | 'disjunction'): string {
  return new Intl.ListFormat(code, { type }).format(names);
}

function section(id: string, title: Html, body: Html): Html {
  return html`<section class="sheet-plain" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>`;
}

function points(...items: Html[]): Html {
  return html`<ul class="points">
${items.map(
  (item) => html`<li>${item}</li>
`,
)}</ul>`;
}
