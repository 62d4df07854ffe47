/**
 * Prints docs/events.md as it should be (`node scripts/events-docs.ts > docs/events.md`). A test says when it is not up to date.
 */
import { eventsDocs } from './checks/log-event-docs.ts';

process.stdout.write(eventsDocs());
