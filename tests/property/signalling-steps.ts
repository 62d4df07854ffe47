import fc from 'fast-check';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { clientMessageSchema } from '../../src/protocol/messages.ts';
import { CLOSE } from '../../src/signalling/peer.ts';
import { json, jsonText } from '../support/fuzz/arbitraries.ts';
import { nearly, taking } from '../support/fuzz/arbitraries-schema.ts';
import type { KnownRoom } from './signalling-known.ts';
import type { Line } from './signalling-line.ts';
import {
  type Choice,
  choice,
  ENTRIES,
  join,
  liveRoom,
  pick,
  prekey,
  say,
  speaker,
  spoilt,
  whichRoom,
  writeOne,
} from './signalling-messages.ts';
import type { Scene } from './signalling-model.ts';
import { narrated, type Step } from './step.ts';

const named = narrated<Scene>;

const onLine = (name: string, act: (line: Line, scene: Scene) => void): fc.Arbitrary<Step<Scene>> =>
  fc.nat(30).map((at) =>
    named(`${name} ${at}`, (scene) => {
      const line = pick(
        scene.lines.filter(({ gone }) => !gone),
        at,
      );
      if (line !== undefined) act(line, scene);
    }),
  );

const jump = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 6_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(100, 5_000, 29_999, 30_000, 60_000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4_000_000 }) },
);

const outside = (name: string, act: (scene: Scene, room: KnownRoom) => unknown): fc.Arbitrary<Step<Scene>> =>
  whichRoom.map((at) =>
    named(`${name} ${at}`, async (scene) => {
      const room = pick(scene.rooms, at);
      if (room === undefined) return;
      scene.endsFromOutside = true;
      await act(scene, room);
      scene.endsFromOutside = false;
    }),
  );

const endedInChat = outside('end in the chat', (scene, { id }) => scene.rules.end(id, 'revoked'));
const held = named('the worker is slow', ({ sfu }) => sfu.hold());
const answered = named('the worker answers', ({ sfu }) => sfu.answer());
const died = named('the worker dies', ({ sfu }) => sfu.die());

function said(made: Choice): Step<Scene> {
  return named(
    'say',
    (scene) => {
      const line = speaker(scene, made);
      say(line, writeOne(scene, line, made));
    },
    made,
  );
}

function crowd(at: number, many: number, knock: boolean): Step<Scene> {
  return named(`${many} come to ${at}${knock ? ' and knock' : ''}`, (scene) => {
    const room = liveRoom(scene, at);
    for (let made = 0; made < many && room?.composer != null; made++)
      say(room.composer, prekey(room.composer.nextId()));
    for (let each = 0; each < many; each++) {
      const line = scene.line();
      say(line, join(line.nextId(), room));
      if (knock) say(line, { t: 'knock', id: line.nextId(), enc: 'e'.repeat(87), ciphertext: scene.ciphertext() });
    }
  });
}

function admitAll(at: number): Step<Scene> {
  return named(`admit everybody of ${at}`, (scene) => {
    const room = liveRoom(scene, at);
    const composer = room?.composer;
    if (composer == null) return;
    for (const { id: readerId } of room?.readers ?? []) say(composer, { t: 'admit', id: composer.nextId(), readerId });
  });
}

/** An offer is there, and somebody comes for it with the key of another room. */
function wrongLink(at: number, other: number): Step<Scene> {
  return named(`come to ${at} with another key`, (scene) => {
    const room = liveRoom(scene, at);
    if (room?.composer != null) say(room.composer, prekey(room.composer.nextId()));
    const strange = scene.rooms.filter((one) => one !== room);
    say(scene.line(), { ...join(1, room), joinKey: pick(strange, other)?.joinKey ?? 'x'.repeat(43) });
  });
}

/** Everything that was ever good for a room, once it is over. */
function haunt(at: number): Step<Scene> {
  return named(`come back to what is over ${at}`, (scene) => {
    const room = pick(
      scene.rooms.filter(({ over }) => over !== null),
      at,
    );
    if (room === undefined) return;
    const sayNew = (message: Record<string, unknown>): void => say(scene.line(), message);
    for (const ownerToken of [...room.tokens.slice(0, 1), ...room.tokens.slice(-1)]) {
      sayNew({ t: 'resume', id: 1, version: PROTOCOL_VERSION, ownerToken });
    }
    sayNew({ t: 'compose', id: 1, version: PROTOCOL_VERSION, ticket: room.ticket });
    sayNew(join(1, room));
  });
}

const step: fc.Arbitrary<Step<Scene>> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(named('draft', (scene) => scene.draft())) },
  {
    weight: 6,
    arbitrary: choice.map((made) =>
      named(
        'a note is shared',
        async (scene) => {
          await scene.draft();
          const composer = scene.line();
          const room = { ...made, fits: true, room: scene.rooms.filter(({ over }) => over === null).length - 1 };
          say(composer, writeOne(scene, composer, { ...room, kind: 'compose' }));
          say(composer, writeOne(scene, composer, { ...room, kind: 'share' }));
        },
        made,
      ),
    ),
  },
  { weight: 40, arbitrary: choice.map(said) },
  {
    weight: 5,
    arbitrary: fc.tuple(choice, fc.nat(20), json).map(([made, at, other]) =>
      named(
        'say what is nearly right',
        (scene) => {
          const line = speaker(scene, made);
          say(line, spoilt(writeOne(scene, line, made), at, other));
        },
        [made, at, other],
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.oneof(
          jsonText,
          fc
            .oneof(nearly(clientMessageSchema), taking(clientMessageSchema))
            .map((value) => JSON.stringify(value) ?? ''),
        ),
        fc.nat(30),
      )
      .map(([text, at]) =>
        named(
          `send to ${at}`,
          (scene) =>
            (
              pick(
                scene.lines.filter(({ isOpen }) => isOpen),
                at,
              ) ?? scene.line()
            ).send(text),
          text.slice(0, 200),
        ),
      ),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(whichRoom, fc.integer({ min: 1, max: 12 }), fc.boolean()).map((all) => crowd(...all)),
  },
  { weight: 3, arbitrary: whichRoom.map(admitAll) },
  { weight: 4, arbitrary: fc.nat(5).map(haunt) },
  { weight: 3, arbitrary: fc.tuple(whichRoom, fc.nat(5)).map((all) => wrongLink(...all)) },
  { weight: 2, arbitrary: onLine('lose', (line) => line.hangUp(1006)) },
  { weight: 1, arbitrary: onLine('close the page of', (line) => line.hangUp(CLOSE.goingAway)) },
  {
    weight: 1,
    arbitrary: onLine('lose the composer of', (line) => line.inside?.composer?.hangUp(1006)),
  },
  { weight: 5, arbitrary: jump.map((ms) => named(`wait ${ms} ms`, (scene) => scene.time.advance(ms))) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -7_200_000, max: 7_200_000 })
      .map((ms) => named(`the clock is set by ${ms} ms`, (scene) => scene.time.set(ms))),
  },
  { weight: 2, arbitrary: fc.constant(held) },
  { weight: 6, arbitrary: fc.constant(answered) },
  { weight: 1, arbitrary: fc.constant(died) },
  {
    weight: 1,
    arbitrary: fc.boolean().map((down) =>
      named(`${down ? 'no' : 'a'} worker runs`, ({ sfu }) => {
        sfu.down = down;
        if (down) sfu.die();
      }),
    ),
  },
  { weight: 1, arbitrary: endedInChat },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('stop' as const, 'crash' as const)
      .map((how) => named(`${how} and start`, (scene) => scene.restart(how))),
  },
);

const ofRoom = fc.tuple(choice, whichRoom).map(([made, room]) => ({ ...made, room, fits: true }));

/** Somebody comes, and while the worker takes its time the room ends, its composer goes, or another comes. */
const meanwhile: fc.Arbitrary<Step<Scene>[]> = fc
  .tuple(
    ofRoom,
    fc.constantFrom(...ENTRIES),
    fc.oneof(
      endedInChat,
      fc.constant(died),
      whichRoom.map((at) =>
        named(`lose the composer of room ${at}`, (scene) => liveRoom(scene, at)?.composer?.hangUp(1006)),
      ),
      ofRoom.map((made) => said({ ...made, kind: 'resume' })),
      ofRoom.map((made) => said({ ...made, kind: 'end' })),
      fc.constant(named('wait 30000 ms', (scene) => scene.time.advance(30_000))),
    ),
  )
  .map(([made, kind, disturbance]) => [held, said({ ...made, kind }), disturbance, answered]);

/** A doctor opens the link, loses the connection, and somebody else has the ticket. */
const stolenTicket: fc.Arbitrary<Step<Scene>[]> = choice.map((made) => {
  const opened = named('a link is opened and lost', async (scene) => {
    await scene.draft();
    const line = scene.line();
    const at = scene.rooms.filter(({ over }) => over === null).length - 1;
    say(line, writeOne(scene, line, { ...made, kind: 'compose', fits: true, room: at }));
  });
  const stolen = named('its ticket is stolen', (scene) => {
    const room = scene.rooms.at(-1);
    room?.composer?.hangUp(1006);
    const thief = scene.line();
    say(thief, { t: 'compose', id: 1, version: PROTOCOL_VERSION, ticket: room?.ticket, page: 'z'.repeat(22) });
  });
  return [opened, stolen];
});

/** Several are let in, or as many as may. */
const letIn: fc.Arbitrary<Step<Scene>[]> = fc
  .tuple(whichRoom, fc.integer({ min: 1, max: 4 }))
  .map(([at, many]) => [crowd(at, many, true), admitAll(at)]);

/** What people, thieves, machines and time do to the signalling: up to 60 steps. */
export const steps: fc.Arbitrary<Step<Scene>[]> = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: step.map((one) => [one]) },
      { weight: 1, arbitrary: fc.oneof(meanwhile, letIn, stolenTicket) },
    ),
    {
      maxLength: 60,
      size: 'max',
    },
  )
  .map((parts) => parts.flat().slice(0, 60));
