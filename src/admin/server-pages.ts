import express, { type Router } from 'express';
import type { NodeStatus } from '../cluster/cluster.ts';
import { type Html, html } from '../http/html.ts';
import { FAILURE_CODES } from '../limits/failure-log.ts';
import { sameTenant } from '../rooms/room.ts';
import { type Admin, forAdmins, sendConsolePage } from './access.ts';
import { pagePath } from './admin-page.ts';
import { momentIn, zoneIn } from './admin-strings.ts';
import type { ConsoleContext } from './console-context.ts';
import { linkTo as linkToEnd } from './rooms.ts';
import { linkTo as linkToSettings } from './settings.ts';

/** What is the operator's alone: every tenant with its health, and every node. */
export function serverRoutes(context: ConsoleContext): Router {
  const router = express.Router();
  const forOperator = (handle: Parameters<typeof forAdmins>[1]) =>
    forAdmins(context, async (admin, request, response) => {
      if (admin.tenant !== null) return response.redirect(303, pagePath('rooms'));
      await handle(admin, request, response);
    });

  router.get(
    '/tenants',
    forOperator(async (admin, _request, response) => {
      const { text, say } = admin.language;
      const [tenants, { rooms, missing }] = await Promise.all([context.platforms.tenants(), context.rooms.all(null)]);
      const items = tenants.map(({ tenant, isWell }) => {
        const live = rooms.filter(({ doctor }) => sameTenant(doctor, tenant)).length;
        const facts = [
          fact(text('tenant'), html`<bdi>${tenant.tenant}</bdi> (${tenant.platform})`),
          fact(text('state'), say(isWell ? 'tenants.well' : 'tenants.unwell')),
          fact(text('nav.rooms'), number(live, admin)),
        ];
        const end = linkToEnd({ what: 'tenant', platform: tenant.platform, tenant: tenant.tenant });
        return html`<li class="item">
<dl class="facts">${facts}</dl>
<p class="row">
<a class="button" href="${linkToSettings(tenant)}" aria-label="${text('nav.settings')}: ${tenant.tenant}">${text('nav.settings')}</a>
${live === 0 ? '' : html`<a class="button button-danger" href="${end}">${text('end.tenant', { tenant: tenant.tenant })}</a>`}
</p>
</li>
`;
      });
      const body = html`
${missingNotice(missing, admin)}
${tenants.length === 0 ? html`<p>${say('tenants.none')}</p>` : html`<ul class="items">${items}</ul>`}`;
      sendConsolePage(response, admin, { title: text('nav.tenants'), body, at: 'tenants' });
    }),
  );

  router.get(
    '/health',
    forOperator(async (admin, _request, response) => {
      const { text, say } = admin.language;
      const now = context.clock.now();
      const { nodes, missing } = await context.rooms.nodes();
      const body = html`
${missingNotice(missing, admin)}
<ul class="items">${nodes.map((node) => nodeItem(node, now, admin))}</ul>
<p class="quiet">${say('zone', { zone: zoneIn(admin.language, now) })}</p>`;
      sendConsolePage(response, admin, { title: text('nav.health'), body, at: 'health' });
    }),
  );
  return router;
}

function missingNotice(missing: number, { language }: Admin): Html {
  return missing === 0 ? html`` : html`<p class="notice notice-warn" role="status">${language.say('missing')}</p>`;
}

function fact(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function number(value: number, { language }: Admin): Html {
  return html`${new Intl.NumberFormat(language.code).format(value)}`;
}

function nodeItem(node: NodeStatus, now: number, admin: Admin): Html {
  const { text, say } = admin.language;
  const { running, configured } = node.workers;
  const facts = [
    fact(text('server'), node.url === null ? say('thisServer') : html`<bdi>${node.url}</bdi>`),
    fact(text('health.version'), html`<bdi>${node.version}</bdi>`),
    fact(text('health.since'), html`${momentIn(admin.language, now - node.uptimeMs)}`),
    fact(text('nav.rooms'), number(node.rooms, admin)),
    fact(text('health.workers'), say('health.of', { running, configured })),
    fact(text('state'), say(node.isWritable ? 'health.writable' : 'health.notWritable')),
  ];
  return html`<li class="item">
<dl class="facts">${facts}</dl>
<h2>${text('health.troubles')}</h2>
${node.troubles.length === 0 ? html`<p>${say('health.none')}</p>` : troublesOf(node, now, admin)}
</li>
`;
}

function troublesOf({ troubles }: NodeStatus, now: number, admin: Admin): Html {
  const { text, say } = admin.language;
  const rows = troubles.map(({ kind, code, count, agoMs }) => {
    const failure = FAILURE_CODES.find((known) => known === code);
    const words = kind === 'connection' && failure !== undefined ? say(`failure.${failure}`) : say('refusal', { code });
    return html`<tr><td>${words}</td><td class="number">${number(count, admin)}</td><td>${momentIn(admin.language, now - agoMs)}</td></tr>
`;
  });
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${text('health.troubles')}">
<table>
<thead><tr><th scope="col">${text('audit.what')}</th><th scope="col" class="number">${text('health.count')}</th><th scope="col">${text('health.last')}</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</div>`;
}
