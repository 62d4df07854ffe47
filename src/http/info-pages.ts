import express, { type Router } from 'express';
import { type Html, html } from './html.ts';
import { INFO_PATHS, type PlainPage, plainPageMaker, sendPlainPage } from './plain-page.ts';

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
    [website]: page('GLIR', aboutBody(facts), website),
    [privacy]: page('Privacy – GLIR', privacyBody(facts), privacy),
    [terms]: page('Terms – GLIR', termsBody(facts), terms),
  };
}

function aboutBody({ platforms }: InfoFacts): Html {
  const chats = chatsOf(platforms);
  const doctors =
    chats.length === 0 ? '' : html`<p>Are you a doctor here? In ${listed(chats, 'or')}, type <code>/glir</code>.</p>`;
  return html`
<h1>Private notes from doctors to patients</h1>
<p class="lead">A doctor hands a patient a private note through a link. The note goes from the doctor's page to the
patient's, and no server keeps it. It is gone when its time is up, or when the doctor ends it.</p>
${section(
  'patients',
  'Are you looking for your note?',
  html`
<p>It is not on this page. Open the whole link that your doctor gave you.</p>
<p>If that does not work, call the practice and ask for a new link.</p>`,
)}
${doctors}
<p>Read <a href="${INFO_PATHS.privacy}">what this server keeps</a>, and what it never sees.</p>`;
}

function privacyBody(facts: InfoFacts): Html {
  return html`
<h1>What this server keeps, and what it never sees</h1>
<p class="lead">Notes pass through this server encrypted. It cannot read them, and it does not keep them.</p>
${section(
  'never',
  'Never seen, never kept',
  html`
${points(
  html`The note. It is on the doctor's page and on the pages of its readers, nowhere else.`,
  html`The secret in the link, and the PIN.`,
  html`What readers do with the note, such as "I have understood". Only the doctor's page is told.`,
)}
<p>This holds while the server is honest. <a href="${INFO_PATHS.terms}">The terms</a> say what a bad one could do.</p>
<p>GLIR saves nothing on the patient's device. It needs no account, and uses no cookies and no trackers there.</p>`,
)}
${section(
  'open',
  'While a note is open',
  points(
    html`The server knows which doctor opened it, when, and how many people read it.`,
    html`It knows the network addresses of the doctor and of the readers.`,
    html`It keeps these addresses in memory only, and only while the note lives.`,
    html`For about a day longer it knows that the note is over, and why. So it can tell somebody who comes late.`,
  ),
)}
${section('kept', 'What is written down', points(...keptPoints(facts)))}
${othersSection(facts)}
${askSection(facts, 'Patients can also ask the practice that gave them the link.')}`;
}

function keptPoints({ platforms: { slack, teams }, historyDays, auditDays }: InfoFacts): Html[] {
  const days = historyDays === 1 ? '1 day' : `${historyDays} days`;
  const butTheAudit = auditDays === 0 ? '' : ' All but the audit.';
  const history =
    historyDays === 0
      ? html`No list of past notes is kept.`
      : html`For ${days}: when a doctor's notes were open, how many read each one, and how it ended. Never who read it.`;
  return [
    ...(slack || teams ? [history] : []),
    ...(slack
      ? [
          html`From Slack: its keys for GLIR, the workspace's name and who installed GLIR, all encrypted. And the workspace's settings. Remove GLIR in Slack, and all of this is deleted.${butTheAudit}`,
        ]
      : []),
    ...(teams
      ? [
          html`From Teams: each doctor's id there, how to reach them, and the settings. Remove GLIR in Teams, and what is kept about you is deleted.${butTheAudit}`,
        ]
      : []),
    ...(auditDays === 0
      ? []
      : [
          html`An audit, for ${spanOf(auditDays)}: which doctor did what, and when. It has the doctor's id, how many read a note, and how it ended. It has no note, no link and no name. It says nothing about a reader but a number. Nobody can change it unseen.`,
        ]),
    html`A log, one line for each step. No note is in it, no link, no person's name and no reader's address. The operator decides how long to keep it.`,
    html`Other programs on the way may keep a log of their own, with network addresses.`,
  ];
}

/** Whole years as such. */
function spanOf(days: number): string {
  const years = Math.round(days / 365.25);
  if (years > 1 && Math.abs(years * 365.25 - days) < 1) return `${years} years`;
  return days === 1 ? '1 day' : `${days} days`;
}

function othersSection({ platforms, relays }: InfoFacts): Html | '' {
  const chats = chatsOf(platforms);
  const seen = [
    ...(chats.length === 0
      ? []
      : [
          html`${listed(chats, 'and')} can see that a doctor uses GLIR. The doctor's messages there show how many read, and the codes of those who wait. The note and its link never go there.`,
        ]),
    ...(relays
      ? [html`Other servers help the two pages to connect. They can see network addresses, but not the note.`]
      : []),
  ];
  return seen.length === 0 ? '' : section('others', 'What others can see', points(...seen));
}

function termsBody(facts: InfoFacts): Html {
  return html`
<h1>What you can expect, and what not</h1>
<p class="lead">The operator of this server is ${operatorAtEnd(facts)}</p>
${section(
  'does',
  'What GLIR does',
  html`
<p>It shows a note to the people whom the doctor lets in. Then it takes the note away again.</p>
<p>No copy is left. It does not replace the doctor's records.</p>
<p>Do not count on it in an emergency. A note can come late, or not at all.</p>`,
)}
${section(
  'not',
  'What GLIR does not protect against',
  points(
    html`<strong>The reader.</strong> Whoever reads a note can photograph it, copy it or tell it.`,
    html`<strong>A device that is not safe.</strong> Bad software sees what you see. So does a person behind you.`,
    html`<strong>A server that lies.</strong> Your page comes from this server. In the wrong hands it could send a page that betrays the note.`,
    html`<strong>A stolen link.</strong> If the doctor chose "The link is enough", whoever has the link reads the note.`,
    html`<strong>Traces.</strong> The server knows when a note was open and from where it was read. See <a href="${INFO_PATHS.privacy}">what is kept</a>.`,
    html`<strong>A page that sleeps.</strong> The note is there only while the doctor's page is open. Phones can put a page to sleep.`,
  ),
)}
${section(
  'warranty',
  'No promise beyond the law',
  html`
<p>GLIR comes as it is. It can fail, and the operator can stop it at any time.</p>
<p>Nobody promises you more than the law asks for. The rights that the law gives you stay yours.</p>`,
)}
${askSection(facts)}`;
}

function askSection(facts: InfoFacts, more = ''): Html {
  return section(
    'ask',
    'Who to ask',
    html`
<p>Ask ${operatorAtEnd(facts)} ${more}</p>
<p>Those who made GLIR do not run this server. They cannot see what is on it.</p>`,
  );
}

/** Ends a sentence. Isolated, so that a name from right to left leaves the words around it in order. */
function operatorAtEnd({ operator }: InfoFacts): Html {
  const name = operator ?? 'whoever runs this server';
  return html`<bdi>${name}</bdi>${name.endsWith('.') ? '' : '.'}`;
}

function chatsOf({ slack, teams }: InfoFacts['platforms']): string[] {
  return [...(slack ? ['Slack'] : []), ...(teams ? ['Microsoft Teams'] : [])];
}

function listed(names: string[], by: 'and' | 'or'): string {
  return names.join(` ${by} `);
}

function section(id: string, title: string, body: Html): Html {
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
