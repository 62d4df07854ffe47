import express, { type Router } from 'express';
import { type Html, html } from '../http/html.ts';
import { END_REASONS, type EndReason } from '../protocol/constants.ts';
import type { NoteCount } from '../store/store.ts';
import { type Admin, forAdmins, sendConsolePage } from './access.ts';
import { type AdminLanguage, zoneIn } from './admin-strings.ts';
import { barChart } from './chart.ts';
import type { ConsoleContext } from './console-context.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_SHOWN = 31;

/** What ended in one day or month. */
interface Period {
  readonly name: string;
  notes: number;
  readers: number;
  readonly reasons: Map<EndReason, number>;
}

/** How many notes ended, by day and by month of the server's time zone; without what they said and whose they were. */
export function countRoutes(context: ConsoleContext): Router {
  const router = express.Router();
  router.get(
    '/',
    forAdmins(context, async (admin, _request, response) => {
      const { language, tenant } = admin;
      const now = context.clock.now();
      const { historyDays } = context.config.store;
      const counts = await context.store.history.counts(tenant, now - historyDays * DAY_MS);
      const days = byDay(counts, now, Math.min(DAYS_SHOWN, historyDays), language);
      const months = byMonth(counts, language);
      const body = html`
<p class="lead">${language.say('counts.lead')} ${language.say('counts.kept', { count: historyDays })}</p>
${section(language.text('counts.days'), days, admin)}
${months.length === 0 ? '' : section(language.text('counts.months'), months, admin)}
<p class="quiet">${language.say('zone', { zone: zoneIn(language, now) })}</p>`;
      sendConsolePage(response, admin, { title: language.text('nav.counts'), body, at: 'counts' });
    }),
  );
  return router;
}

/** The last days up to today, those without a note too. */
function byDay(counts: readonly NoteCount[], now: number, shown: number, { code }: AdminLanguage): Period[] {
  const format = new Intl.DateTimeFormat(code, { day: 'numeric', month: 'short' });
  const periods = new Map<string, Period>();
  const today = new Date(now);
  for (let back = shown - 1; back >= 0; back--) {
    // At noon, so that no change of the clock makes a day twice.
    const noon = new Date(today.getFullYear(), today.getMonth(), today.getDate() - back, 12);
    periods.set(dayOf(noon), emptyPeriod(format.format(noon)));
  }
  for (const count of counts) add(periods.get(dayOf(new Date(count.hour * HOUR_MS))), count);
  return [...periods.values()];
}

function byMonth(counts: readonly NoteCount[], { code }: AdminLanguage): Period[] {
  const format = new Intl.DateTimeFormat(code, { month: 'long', year: 'numeric' });
  const periods = new Map<string, Period>();
  for (const count of counts) {
    const at = new Date(count.hour * HOUR_MS);
    const key = `${at.getFullYear()}-${at.getMonth()}`;
    const period = periods.get(key) ?? emptyPeriod(format.format(at));
    periods.set(key, period);
    add(period, count);
  }
  return [...periods.values()];
}

function dayOf(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}

function emptyPeriod(name: string): Period {
  return { name, notes: 0, readers: 0, reasons: new Map() };
}

function add(period: Period | undefined, { reason, notes, readers }: NoteCount): void {
  if (period === undefined) return;
  period.notes += notes;
  period.readers += readers;
  period.reasons.set(reason, (period.reasons.get(reason) ?? 0) + notes);
}

function section(title: string, periods: readonly Period[], { language }: Admin): Html {
  const { text } = language;
  const format = new Intl.NumberFormat(language.code);
  const number = (value: number): string => format.format(value);
  const used = END_REASONS.filter((reason) => periods.some(({ reasons }) => reasons.has(reason)));
  const head = [
    text('time'),
    text('counts.notes'),
    text('counts.readers'),
    ...used.map((reason) => text(`reason.${reason}`)),
  ];
  const rows = [...periods].reverse().map(({ name, notes, readers, reasons }) => {
    const cells = [notes, readers, ...used.map((reason) => reasons.get(reason) ?? 0)];
    return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="number">${number(cell)}</td>`)}</tr>
`;
  });
  const bars = periods.map(({ name, notes }) => ({ name, value: notes }));
  return html`<section class="sheet-plain">
<h2>${title}</h2>
${barChart(bars, `${title}: ${text('counts.notes')}`, number)}
<details>
<summary>${text('counts.table')}</summary>
<div class="scroll" role="region" tabindex="0" aria-label="${title}">
<table>
<thead><tr>${head.map((cell, index) => html`<th scope="col"${index === 0 ? html`` : html` class="number"`}>${cell}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table>
</div>
</details>
</section>`;
}
