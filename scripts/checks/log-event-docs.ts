/** The catalogue of log events: its page, and the names that stand in the source. */
import { LOG_EVENTS, type LogEvent } from '../../src/log-events.ts';

const INTRODUCTION = `# Log events

<!-- Generated from src/log-events.ts by scripts/events-docs.ts. Change it there. -->

Every line of the log is one JSON object with \`time\`, \`level\` (30 info, 40 warn, 50 error, 60 fatal) and \`event\`. With
\`GLIR_LOG_FORMAT=json\` there is nothing else on the output. No line holds a note, a link, a secret, what was typed, or a
patient's name or address; \`room\` is the beginning of a room's id.
`;

/** Names that are put together while the server runs, by how they begin. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  'room-': ['room-interrupted', 'room-resumed'],
};

/** The whole of docs/events.md. */
export function eventsDocs(): string {
  const entries: [string, LogEvent][] = Object.entries(LOG_EVENTS);
  const areas = [...new Set(entries.map(([, { area }]) => area))];
  const tables = areas.map((area) => {
    const rows = entries
      .filter(([, event]) => event.area === area)
      .map(([name, { means, next }]) => `| \`${name}\` | ${means} | ${next ?? ''} |\n`);
    return `\n## ${area}\n\n| \`event\` | what it means | what to do |\n|---|---|---|\n${rows.join('')}`;
  });
  return [INTRODUCTION, ...tables].join('');
}

/** The names of all events that a source text writes into the log. */
export function eventsIn(source: string): string[] {
  const values = [...source.matchAll(/\bevent: (`[^`]*`|[^,}\n]*)/g)].map(([, value = '']) => value);
  const named = [...source.matchAll(/#(?:attempt|warn)\(\s*('[^']*')/g)].map(([, value = '']) => value);
  return [...values, ...named].flatMap((value) => {
    const literals = [...value.matchAll(/'([a-z][a-z-]*)'/g)].map(([, name = '']) => name);
    const templates = [...value.matchAll(/`([^`$]*)/g)].flatMap(([, text = '']) => TEMPLATES[text] ?? []);
    return [...literals, ...templates];
  });
}
