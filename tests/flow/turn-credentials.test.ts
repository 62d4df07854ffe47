import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { type RawClient, rawClient } from '../support/signalling/client.ts';
import { joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer } from '../support/signalling/wrtc.ts';

const SKEW_SECONDS = 300;

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir({ GLIR_TURN: 'stun:127.0.0.1:9,turn:127.0.0.1:9', GLIR_TURN_SECRET: 'hush' });
});
afterEach(() => closeAllPages());
afterAll(() => glir.stop());

const servers = z.array(z.object({ urls: z.array(z.string()), username: z.string().optional() }));
const replySchema = z.object({
  t: z.literal('reply'),
  data: z.object({
    readerId: z.string().optional(),
    transport: z.object({ iceServers: servers }).optional(),
    iceServers: servers.optional(),
  }),
});

/** Joins as a page does that never taps; gives the TURN user name, and the id of the reader. */
async function join(client: RawClient, link: string) {
  const { data } = replySchema.parse(await client.ask(await joinMessage(link)));
  return { readerId: data.readerId ?? '', username: usernameIn(data.transport?.iceServers) };
}

function usernameIn(given: z.infer<typeof servers> = []): string {
  return given.find(({ urls }) => urls[0]?.startsWith('turn'))?.username ?? '';
}

const userIn = (username: string) => username.split(':')[1];
const secondsLeft = (username: string) => Number(username.split(':')[0]) - glir.clock.now() / 1000;

describe('the TURN credentials of a room', () => {
  it('are those of one user for whoever comes again and again, of another one in another room, and of a third for the doctor', async () => {
    const doctor = await composer(glir.url, { command: '/glir 15m' });
    const link = await doctor.share({ maxReaders: 3 });
    const users = new Set<string | undefined>();
    for (let count = 0; count < 30; count++) {
      const visitor = await rawClient(glir.url);
      users.add(userIn((await join(visitor, link)).username));
      visitor.close();
    }
    expect(users.size).toBe(1);
    const other = await composer(glir.url, { command: '/glir 15m' });
    const visitor = await rawClient(glir.url);
    users.add(userIn((await join(visitor, await other.share())).username));
    const { data } = z
      .object({ data: z.object({ transport: z.object({ iceServers: servers }) }) })
      .parse(
        doctor.client.received.find(
          (message) => message.t === 'reply' && JSON.stringify(message).includes('iceServers'),
        ),
      );
    users.add(userIn(usernameIn(data.transport.iceServers)));
    expect(users.size).toBe(3);
    visitor.close();
  });

  it('work as long as the room and no longer, and are fresh when ICE is restarted', async () => {
    const doctor = await composer(glir.url, { command: '/glir 15m' });
    const link = await doctor.share();
    const visitor = await rawClient(glir.url);
    const { username } = await join(visitor, link);
    expect(secondsLeft(username)).toBeGreaterThan(15 * 60 + SKEW_SECONDS - 20);
    expect(secondsLeft(username)).toBeLessThanOrEqual(15 * 60 + SKEW_SECONDS);

    await doctor.extend(600);
    const restarted = replySchema.parse(await visitor.ask({ t: 'restart-ice', id: 50 }));
    const fresh = usernameIn(restarted.data.iceServers);
    expect(userIn(fresh)).toBe(userIn(username));
    expect(secondsLeft(fresh)).toBeGreaterThan(25 * 60 + SKEW_SECONDS - 20);
    expect(secondsLeft(fresh)).toBeLessThanOrEqual(25 * 60 + SKEW_SECONDS);
    visitor.close();
  });

  it('are not given before the link’s key was shown, with a refusal, or to somebody who was turned away', async () => {
    const doctor = await composer(glir.url, { command: '/glir 15m' });
    const visitor = await rawClient(glir.url);
    const draft = await visitor.ask(await joinMessage(doctor.link));
    const link = await doctor.share({ maxReaders: 1 });
    const answers = [
      draft,
      await visitor.ask({ t: 'restart-ice', id: 1 }),
      await visitor.ask(await joinMessage(link, { joinKey: 'k'.repeat(43) })),
      await visitor.ask(await joinMessage(link, { roomId: 'r'.repeat(22) })),
      await visitor.ask({ t: 'restart-ice', id: 2 }),
    ];
    const { readerId, username } = await join(visitor, link);
    await doctor.client.ask({ t: 'refuse', id: 900, readerId });
    answers.push(await visitor.ask({ t: 'restart-ice', id: 3 }));
    for (const answer of answers) expect(answer).toMatchObject({ t: 'refused' });
    expect(JSON.stringify(answers)).not.toMatch(/turn:|credential/);
    // Coming again brings nothing that the visitor had not before.
    const again = await join(await rawClient(glir.url), link);
    expect(userIn(again.username)).toBe(userIn(username));
  });
});
