import type { IncomingMessage } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documentedBalancers, type RunningBalancer, startBalancer } from '../support/network/documented-balancer.ts';
import { freePort } from '../support/server/free-port.ts';
import { type Nodes, startNodesBehind } from '../support/server/nodes.ts';
import { AT_ONCE_MS, SOON } from '../support/server/soon.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';
import { closeAllPages, ticketFor } from '../support/signalling/wrtc.ts';

const NOTE = 'Amoxicillin 500 mg: 1 capsule in the morning';
const NODES = 3;
/** As many as it takes until each node had one. */
const READERS = 3;
const trusted = getCACertificates('default');

describe.each(documentedBalancers(process.env).found)('a hospital behind $name as documented', (kind) => {
  let hospital: Nodes;
  let balancer: RunningBalancer;
  /** How many sockets each node got. */
  let sockets: number[];

  beforeAll(async () => {
    const port = await freePort();
    const settings = { GLIR_TRUST_PROXY: '1' };
    hospital = await startNodesBehind(`https://localhost:${port}`, NODES, { settings });
    balancer = await startBalancer(
      kind,
      port,
      hospital.nodes.map((node) => node.port),
    );
    setDefaultCACertificates([...trusted, balancer.certificate]);
    sockets = hospital.nodes.map(() => 0);
    hospital.nodes.forEach(({ app }, index) => {
      app.server.on('upgrade', () => {
        sockets[index] = (sockets[index] ?? 0) + 1;
      });
    });
    actAsPages(hospital.url);
  });
  afterEach(() => {
    closeAllSessions();
    closeAllPages();
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await balancer.stop();
    await hospital.stop();
  });

  async function shared() {
    const doctor = await composerPage(hospital.url);
    doctor.session.write(NOTE);
    doctor.session.choosePolicy({ admission: 'link', maxReaders: READERS });
    await doctor.session.share();
    const { link } = await doctor.shows('open');
    return { doctor, link };
  }

  async function readBy(link: string) {
    const patient = receiverPage(link);
    await patient.shows('closed');
    patient.session.open();
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
    return patient;
  }

  /** Whether commands are answered, once around. */
  async function takesAll(): Promise<boolean> {
    for (let asked = 0; asked < NODES; asked++) {
      if (!(await ticketFor(hospital.url).then(Boolean, () => false))) return false;
    }
    return true;
  }

  /** What the chat answers, at whichever node comes next. */
  async function typed(text: string): Promise<string> {
    const response = await fetch(`${hospital.url}/local/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: hospital.url },
      body: JSON.stringify({ text }),
    });
    expect(response.status).toBe(200);
    return await response.text();
  }

  it('has notes written at one node, read by people at all of them and revoked in the chat of any', async () => {
    const { link } = await shared();
    const patients: Awaited<ReturnType<typeof readBy>>[] = [];
    for (let reader = 0; reader < READERS; reader++) patients.push(await readBy(link));
    expect(sockets.filter((count) => count > 0)).toHaveLength(NODES);
    await typed(`/glir revoke ${new URL(link).pathname.split('/').at(-1)?.slice(0, 8)}`);
    for (const patient of patients) expect(await patient.shows('gone')).toMatchObject({ reason: 'revoked' });
  });

  it('loses no note and refuses nobody while a node stops and is gone', async () => {
    const { doctor, link } = await shared();
    const patient = await readBy(link);
    const roomId = new URL(link).pathname.split('/').at(-1) ?? '';
    const host = hospital.nodes.find(({ app }) => app.rooms.find(roomId) !== undefined);
    const stopping = host?.pause();
    await expect.poll(() => patient.states.at(-1)?.name, SOON).toBe('interrupted');
    const hidden = performance.now();
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
    expect(performance.now() - hidden).toBeLessThan(AT_ONCE_MS);
    await stopping;
    // Caddy sends what has a body to nobody else before it has seen that the node is away.
    if (kind.name === 'caddy') await expect.poll(takesAll, SOON).toBe(true);
    // More than once around, one after the other and all at once.
    for (let asked = 0; asked < 2 * NODES; asked++) await ticketFor(hospital.url);
    await Promise.all(Array.from({ length: 2 * NODES }, () => ticketFor(hospital.url)));
    const other = await readBy(link);
    await host?.again();
    doctor.session.destroy();
    for (const page of [patient, other]) expect(await page.shows('gone')).toMatchObject({ reason: 'revoked' });
  });

  it('tells the nodes where a person comes from, whatever that person says of it', async () => {
    const said: unknown[] = [];
    const listen = ({ headers }: IncomingMessage) => said.push(headers['x-forwarded-for']);
    for (const { app } of hospital.nodes) app.server.on('request', listen);
    await fetch(`${hospital.url}/glir`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    for (const { app } of hospital.nodes) app.server.off('request', listen);
    // HAProxy also asks for /healthz by itself, and then for nobody.
    expect(said.filter((each) => each !== undefined)).toEqual(['127.0.0.1']);
  });
});
