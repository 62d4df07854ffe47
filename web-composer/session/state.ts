import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import type { Admission, EndReason } from '../../src/protocol/constants.ts';
import type { Refusal } from '../../src/protocol/errors.ts';
import type { PolicyLimits } from '../../src/protocol/messages.ts';
import type { Medicine, Note } from '../../src/protocol/note.ts';
import type { Place } from '../../src/protocol/sealed.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import type { FilesState } from '../files/files-state.ts';
import type { ChosenFile } from '../files/note-files.ts';
import type { AlertKind } from './alerts.ts';
import type { NoteModel, NoteOptions } from './note-model.ts';
import type { PinGate } from './pin.ts';

export interface ReaderRow {
  id: string;
  number: number;
  /** What the doctor calls this reader, such as "daughter"; empty for none. It never leaves the page. */
  name: string;
  /** Local time at which its page was last reloaded; null when it was not. */
  reloadedAt: number | null;
  /** `pin` while a PIN is waited for, `waiting` while the doctor's decision is. */
  state: 'pin' | 'waiting' | 'reading' | 'left' | 'refused';
  /** Six digits without a space; the patient's page shows the same. */
  shortCode: string;
  /** Local time of the last change, milliseconds since the Unix epoch. */
  since: number;
  wrongPins: number;
  visible: boolean;
  /** Revisions of the note: the one on its screen, the one read to its end, the one understood; 0 for none. */
  shownRev: number;
  endRev: number;
  understoodRev: number;
  /** Where the reader said "I don't understand this", as the note stands in the textbox now. */
  points: readonly Place[];
}

export interface Policy {
  expirySeconds: number;
  admission: Admission;
  maxReaders: number;
  /** Whether the patient's page names the doctor. */
  showName: boolean;
}

/** What is known of a room once it is open; replaced as a whole when the doctor gives it more time. */
export interface OpenRoom {
  readonly policy: Policy;
  /** Local time of expiry, milliseconds since the Unix epoch. */
  readonly until: number;
  /** Its whole life, in milliseconds. */
  readonly totalMs: number;
  /** Null unless admission is by PIN. */
  readonly gate: PinGate | null;
}

/** Milliseconds until an open room expires; 0 afterwards, and for a draft. */
export function timeLeftMs(opened: OpenRoom | null, clock: Pick<PageClock, 'now'>): number {
  return opened === null ? 0 : Math.max(0, opened.until - clock.now());
}

/** What keeps a page from its readers, and the addresses of the data channels that it was told, for the help desk. */
export interface Blocked {
  failure: ConnectionFailure;
  addresses: readonly string[];
  /** How long sockets live that are cut. */
  seconds?: number;
}

/** The composer's state; the note itself stays in the textbox and in the session. */
export type ComposerState =
  | { name: 'loading' }
  | {
      name: 'writing';
      policy: Policy;
      /** Whether the doctor chose the policy in the chat: then it is shown, and not asked for again. */
      isChosen: boolean;
      limits: PolicyLimits;
      displayName: string;
      noteBytes: number;
      options: NoteOptions;
      files: FilesState;
      /** Set by the doctor, or proposed; counts when admission is by PIN. */
      pin: string;
      sharing: boolean;
      problem: 'too-long' | 'list-too-long' | 'empty' | 'bad-pin' | 'unreachable' | 'blocked' | null;
      /** What keeps this page from its readers. */
      blocked: Blocked | null;
    }
  | {
      name: 'open';
      policy: Policy;
      displayName: string;
      link: string;
      /** Local time of expiry and milliseconds left of the total. */
      until: number;
      leftMs: number;
      totalMs: number;
      readers: ReaderRow[];
      noteBytes: number;
      options: NoteOptions;
      files: FilesState;
      /** The revision in which the content last changed: a reader whose `understoodRev` is not below it understood it. */
      contentRev: number;
      editing: boolean;
      /** Why the last change was not sent: readers keep what they have. */
      problem: 'too-long' | 'list-too-long' | 'empty' | null;
      /** Null unless admission is by PIN. */
      pin: { pin: string; triesLeft: number } | null;
      extendableMs: number;
      /** The ways of getting in that are allowed here. */
      admissions: readonly Admission[];
      /** True while our own connection is away; the note is still here. */
      interrupted: boolean;
      /** What keeps this page from its readers; they have nothing meanwhile. */
      blocked: Blocked | null;
      alert: AlertKind | null;
      /** Whether the same text is being sent to another patient, or why it could not be. */
      another: 'opening' | AgainProblem | 'no-tab' | null;
    }
  /**
   * The room is over, and no reader has anything of the note any more. `readBy` counts readers who had it on screen.
   * `from` is when it was shared, null for a draft. `kept` is the note, which stays in this page until it is wiped; null
   * when it is.
   */
  | {
      name: 'over';
      reason: EndReason;
      from: number | null;
      at: number;
      readBy: number;
      kept: KeptNote | null;
      /** Whether the same text is being opened again, or why it could not be. */
      again: 'opening' | AgainProblem | null;
    }
  /**
   * Nothing could be started: a used or expired compose link and the like. `kept` is what was written before that was known,
   * `again` as above: a link that another browser used opens another note.
   */
  | { name: 'refused'; code: RefusedCode; kept: KeptNote | null; again: 'opening' | AgainProblem | null };

/** Why the same text cannot be opened again, or another note not begun. */
export type AgainProblem = 'limited' | 'ended' | 'unreachable';

/** What is left of a note in the page that it was written in. */
export type KeptNote = Note & Pick<NoteOptions, 'copy' | 'print'>;

export type RefusedCode =
  | Refusal
  | Extract<ConnectionFailure, 'no-webrtc' | 'socket-blocked'>
  | 'incomplete-link'
  | 'no-secret'
  | 'reloaded'
  | 'unreachable'
  | 'wrong-address'
  | 'not-encrypted';

export interface ComposerActions {
  write(text: string): void;
  setMedicines(medicines: readonly Medicine[]): void;
  choosePolicy(policy: Partial<Policy>): void;
  chooseOptions(options: Partial<NoteOptions>): void;
  /** Files that are to go with the note. */
  addFiles(files: readonly ChosenFile[]): void;
  withdrawFile(id: number): void;
  /** Whether readers may save the files. */
  letFilesBeSaved(maySave: boolean): void;
  setPin(pin: string): void;
  /** Sets another PIN that GLIR makes up. */
  proposePin(): void;
  share(): void;
  admit(readerId: string): void;
  refuse(readerId: string): void;
  /** Lets more readers ask, after many about whom nobody decided. */
  letMoreAsk(): void;
  nameReader(readerId: string, name: string): void;
  markAnswered(readerId: string): void;
  extend(seconds: number): void;
  /** Lets readers in by a stricter way from now on. */
  restrict(admission: Admission): void;
  /** The same text under another link, with readers of its own: in another tab, or here, which ends this note. */
  sendToAnother(where: 'tab' | 'here'): void;
  destroy(): void;
  /** Wipes the note that is kept after its room is over. */
  wipe(): void;
  /** Opens another room for that note, under another link. */
  openAgain(): void;
}

/** Whether another browser, or another tab, has used the compose link: another note can be begun with it. */
export function isUsedElsewhere(code: RefusedCode): boolean {
  return code === 'used-ticket' || code === 'composer-present';
}

type Writing = ComposerState & { name: 'writing' };
type Open = ComposerState & { name: 'open' };

export function noteFacts({ bytes, options }: NoteModel): Pick<Writing, 'noteBytes' | 'options'> {
  return { noteBytes: bytes, options };
}

export function writingState(
  note: NoteModel,
  room: Pick<Writing, 'policy' | 'isChosen' | 'limits' | 'displayName' | 'pin' | 'files'>,
): Writing {
  return { name: 'writing', ...room, ...noteFacts(note), sharing: false, problem: null, blocked: null };
}

/** The state of an open room that is connected and has no alert. */
export function openState(
  { displayName, link, limits }: { displayName: string; link: string; limits: PolicyLimits },
  opened: OpenRoom,
  readers: ReaderRow[],
  note: NoteModel,
  files: FilesState,
  clock: Pick<PageClock, 'now'>,
): Open {
  const { policy, until, totalMs, gate } = opened;
  return {
    name: 'open',
    policy,
    displayName,
    link,
    until,
    leftMs: timeLeftMs(opened, clock),
    totalMs,
    // In whole seconds, as it is asked for: clocks tell a millisecond more or less.
    extendableMs: Math.max(0, Math.round((limits.expiryMaxSeconds * 1000 - totalMs) / 1000)) * 1000,
    admissions: limits.admissions,
    readers,
    files,
    ...noteFacts(note),
    contentRev: note.contentRev,
    editing: false,
    problem: note.problem,
    pin: gate === null ? null : { pin: gate.pin, triesLeft: gate.triesLeft },
    interrupted: false,
    blocked: null,
    alert: null,
    another: null,
  };
}
