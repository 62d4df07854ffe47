import { type Browsers, visit } from './browsers.ts';
import { type Figure, median, timesFigure } from './figures.ts';
import { correct, plainNote, readWarm, revoke, type Shared, share } from './journey.ts';
import type { Server } from './server.ts';

/** What a measurement in browsers needs; `runs` counts, one more before it warms the processes up and does not. */
export interface Stage {
  server: Server;
  browsers: Browsers;
  runs: number;
  progress(text: string): void;
}

const SHORT_NOTE = plainNote(800);
const LONG_NOTE = plainNote(20_000);

/** Share, open, tap, destroy: each run with a new room and new profiles in both browsers. */
export async function measureJourney(stage: Stage): Promise<Figure[]> {
  const journeys = await repeat(stage, 'journey, 800 characters', () => journey(stage, SHORT_NOTE));
  const times = (pick: (run: (typeof journeys)[number]) => number) => journeys.map(pick);
  const tap = tapFigure('tap_to_note_ms', '800 characters', journeys);
  return [
    tap,
    timesFigure(
      'open_to_ready_ms',
      times((run) => run.openToReadyMs),
      'From following the note link in a new profile of a running browser to the open data channel, nothing tapped.',
    ),
    timesFigure(
      'share_to_link_ms',
      times((run) => run.shareToLinkMs),
      'From the press on Share to the note link in the page.',
    ),
    {
      ...timesFigure(
        'revoke_to_wiped_ms',
        times((run) => run.revokeToWipedMs),
        "From the doctor's last press to the note gone from the patient's page, in another process; the pages' clocks are compared first and their difference is taken out.",
      ),
      clocksApartMs: median(times((run) => run.clocksMs)),
    },
  ];
}

/** The tap alone, with a long note. */
export async function measureLongNote(stage: Stage): Promise<Figure[]> {
  const journeys = await repeat(stage, 'journey, 20 kB', () => journey(stage, LONG_NOTE));
  return [tapFigure('tap_to_note_20kb_ms', '20,000 characters', journeys)];
}

/** One letter typed into a note that is being read, in a room of its own each time. */
export async function measureCorrection(stage: Stage): Promise<Figure[]> {
  const { server, browsers } = stage;
  const runs = await repeat(stage, 'correction', async () => {
    const shared = await share(server, browsers, SHORT_NOTE);
    const { patient } = await readWarm(browsers, shared, SHORT_NOTE);
    const ms = await correct(shared, patient);
    await leave(shared, patient);
    return ms;
  });
  const what =
    "From the doctor's key in a note of 800 characters to the letter in the patient's page, in another process; the pages' clocks are compared first and their difference is taken out.";
  return [timesFigure('correction_ms', runs, what)];
}

/** A new profile follows the link and the button is pressed in the moment it appears. */
export async function measureLink(stage: Stage): Promise<Figure[]> {
  const runs = await repeat(stage, 'link to text', () => followAndTap(stage));
  const link = timesFigure(
    'link_to_text_ms',
    runs.map((run) => run.textMs),
    'From following the link in a new profile of a running browser to the 800-character note in the page, tapped in the moment the button appears.',
  );
  const painted = median(runs.map((run) => run.paintedMs));
  return [{ ...link, paintedP50: painted, buttonP50: median(runs.map((run) => run.buttonMs)) }];
}

function tapFigure(
  name: string,
  size: string,
  runs: readonly { tapToNoteMs: number; tapToPaintedMs: number }[],
): Figure {
  const tap = timesFigure(
    name,
    runs.map((run) => run.tapToNoteMs),
    `From the patient's tap to the whole note (${size}) in the page, the data channel open before; the doctor's browser is another process. paintedP50 counts to the drawn frame.`,
  );
  return { ...tap, paintedP50: median(runs.map((run) => run.tapToPaintedMs)) };
}

async function journey({ server, browsers }: Stage, note: string) {
  const shared = await share(server, browsers, note);
  const { patient, times } = await readWarm(browsers, shared, note);
  const end = await revoke(shared, patient);
  await leave(shared, patient);
  return { ...times, ...end, shareToLinkMs: shared.shareToLinkMs };
}

async function followAndTap({ server, browsers }: Stage) {
  const shared = await share(server, browsers, SHORT_NOTE);
  const patient = await visit(browsers.patient, shared.noteLink, { note: SHORT_NOTE, tapAtOnce: true });
  const painted = await patient.until('painted');
  const [began, button, text] = [await patient.began(), await patient.until('button'), await patient.until('note')];
  await leave(shared, patient);
  return { textMs: text - began, paintedMs: painted - began, buttonMs: button - began };
}

async function leave({ doctor }: Shared, patient: { close(): Promise<void> }): Promise<void> {
  await Promise.all([doctor.close(), patient.close()]);
}

async function repeat<Result>({ runs, progress }: Stage, title: string, run: () => Promise<Result>): Promise<Result[]> {
  await run();
  const results: Result[] = [];
  for (let count = 1; count <= runs; count++) {
    results.push(await run());
    progress(`${title}: ${count} of ${runs}`);
  }
  return results;
}
