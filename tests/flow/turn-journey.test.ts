import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTurnServer, type TurnServer, turnProblem } from '../support/network/turn-server.ts';
import { freePort, type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';

const SECRET = 'a secret of this test alone';
const NOTE = 'Ramipril 5 mg, one in the morning';

const problem = turnProblem();
let turn: TurnServer;
let glir: Glir;
beforeAll(async () => {
  if (problem !== null) return;
  const port = await freePort();
  // Here the data channels are on loopback, which coturn refuses whatever its lists say.
  turn = await startTurnServer({ port, secret: SECRET, sfu: '127.0.0.1' }, ['allow-loopback-peers']);
  glir = await startGlir({
    GLIR_TURN: `turn:127.0.0.1:${port}?transport=udp`,
    GLIR_TURN_SECRET: SECRET,
    GLIR_ICE_TRANSPORT: 'relay',
  });
  actAsPages(glir.url);
});
beforeEach(({ skip }) => skip(problem !== null, problem ?? ''));
afterAll(async () => {
  closeAllSessions();
  await glir?.stop();
  await turn?.stop();
});

it('a note reaches the patient when both browsers go through TURN alone', async () => {
  const doctor = await composerPage(glir.url);
  doctor.session.choosePolicy({ admission: 'link' });
  doctor.session.write(NOTE);
  await doctor.session.share();
  const { link } = await doctor.shows('open');
  const patient = receiverPage(link);
  await patient.shows('closed');
  patient.session.open();
  expect((await patient.shows('reading')).note.text).toBe(NOTE);
  // Two browsers have each an allocation, and the channels' address as their one peer.
  await expect.poll(() => turn.log().match(/processed, success/g)?.length ?? 0, SOON).toBeGreaterThan(3);
  const peers = new Set([...turn.log().matchAll(/peer ([\d.]+) lifetime/g)].map(([, peer]) => peer));
  expect([...peers]).toEqual(['127.0.0.1']);
  expect(turn.log()).not.toContain('Dr Anna Rossi');
});
