import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventsDocs, eventsIn } from '../../scripts/checks/log-event-docs.ts';
import { LOG_EVENTS } from '../../src/log-events.ts';

const ROOT = new URL('../../', import.meta.url);

/** What the server's own source writes into the log. */
function written(): Set<string> {
  const files = ['src', 'bots'].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('local/page'))
      .map((file) => new URL(`${folder}/${file}`, ROOT)),
  );
  return new Set(files.flatMap((file) => eventsIn(readFileSync(file, 'utf8'))));
}

it('every event in the log is in the catalogue, and everything in the catalogue is written', () => {
  expect([...written()].sort()).toEqual(Object.keys(LOG_EVENTS).sort());
});

it('docs/events.md is up to date (else run: node scripts/events-docs.ts > docs/events.md)', () => {
  expect(readFileSync(new URL('docs/events.md', ROOT), 'utf8')).toBe(eventsDocs());
});

it('names that the source puts together, chooses between or passes on are found', () => {
  const source =
    "log.error({ event: bad ? 'one-thing' : 'another' }); this.#warn('third', error); log.info({ event: `room-$" +
    '{event.kind}` })';
  expect(eventsIn(source)).toEqual(['one-thing', 'another', 'room-interrupted', 'room-resumed', 'third']);
});
