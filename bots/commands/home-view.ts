import type { RoomView } from '../../src/cluster/room-directory.ts';
import { formatDuration } from '../../src/protocol/duration.ts';
import { roomTag } from '../../src/rooms/room.ts';
import type { PastNote } from '../../src/store/store.ts';
import type { EffectiveSettings } from './settings.ts';
import { strings } from './strings.ts';
import { buttons, heading, type Part, quiet, row, type TextLine, text, type View } from './view.ts';

/** Past notes shown. */
export const PAST_SHOWN = 20;
const LIVE_SHOWN = 20;

/**
 * A doctor's own notes, live and past. `live` is null when a node that may have some does not answer; `settings` is null for
 * everybody but the admin.
 */
export function homeView({
  live,
  past,
  settings,
  notice = null,
}: {
  live: readonly RoomView[] | null;
  past: readonly PastNote[];
  settings: EffectiveSettings | null;
  /** What the admin has to know. */
  notice?: string | null;
}): View {
  return {
    summary: strings.home.title,
    parts: [
      heading(strings.home.title),
      text([strings.home.intro]),
      buttons({ action: 'glir-new', label: strings.newNote, value: 'new', look: 'primary' }),
      heading(strings.home.live),
      ...liveParts(live),
      heading(strings.home.past),
      ...(past.length === 0 ? [quiet([strings.home.noPast])] : past.slice(0, PAST_SHOWN).map(pastRow)),
      quiet([strings.home.privacy]),
      ...(settings === null ? [] : settingsParts(settings, notice)),
    ],
  };
}

function liveParts(live: readonly RoomView[] | null): Part[] {
  if (live === null) return [quiet([strings.nodeUnreachable.list])];
  if (live.length === 0) return [quiet([strings.noRooms])];
  const hidden = live.length - LIVE_SHOWN;
  const rows = live.slice(0, LIVE_SHOWN).map(liveRow);
  return hidden > 0 ? [...rows, quiet([strings.moreRooms(hidden)])] : rows;
}

function liveRow({ id, state, expiresAt, reading, readBy }: RoomView): Part {
  const readers = `${strings.status.reading(reading)}, ${strings.status.readBy(readBy)}`;
  const lines = [[{ strong: strings.state[state] }], [...strings.status.left(expiresAt), `, ${readers}`]];
  return row(lines, {
    action: 'glir-revoke-home',
    label: strings.revoke,
    value: roomTag(id),
    look: 'danger',
    confirm: strings.confirmRevoke,
  });
}

function pastRow({ openedAt, endedAt, reason, readBy }: PastNote): Part {
  const life = formatDuration(Math.ceil((endedAt - openedAt) / 60_000) * 60);
  const how = ` · ${life} · ${strings.status.readBy(readBy)} · ${strings.over[reason]}`;
  return text([{ at: openedAt, as: 'day' }, how]);
}

function settingsParts(settings: EffectiveSettings, notice: string | null): Part[] {
  const { admissions, reader } = strings.form;
  const fact = (name: string, value: string): TextLine => [`${name}: `, { strong: value }];
  return [
    heading(strings.home.settings),
    ...(notice === null ? [] : [text([notice])]),
    text(
      fact(strings.settings.expiryMaxSeconds, formatDuration(settings.expiryMaxSeconds)),
      fact(strings.settings.expiryDefaultSeconds, formatDuration(settings.expiryDefaultSeconds)),
      fact(strings.settings.admissions, settings.admissions.map((admission) => admissions[admission]).join(', ')),
      fact(strings.settings.admissionDefault, admissions[settings.admissionDefault]),
      fact(strings.settings.readersMax, reader(settings.readersMax)),
      fact(strings.settings.readersDefault, reader(settings.readersDefault)),
    ),
    buttons({ action: 'glir-settings', label: strings.home.change, value: 'settings' }),
  ];
}
