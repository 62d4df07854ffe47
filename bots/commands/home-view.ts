import { formatDuration } from '../../src/protocol/duration.ts';
import { type Room, roomTag } from '../../src/rooms/room.ts';
import type { PastNote } from '../../src/store/store.ts';
import { buttons, heading, quiet, row, text } from './parts.ts';
import type { EffectiveSettings } from './settings.ts';
import type { Line, Part, View } from './view.ts';
import { words } from './words.ts';

/** Past notes shown. */
export const PAST_SHOWN = 20;
const LIVE_SHOWN = 20;

/** A doctor's own notes, live and past; `settings` is null for everybody but the admin. */
export function homeView({
  live,
  past,
  settings,
}: {
  live: readonly Room[];
  past: readonly PastNote[];
  settings: EffectiveSettings | null;
}): View {
  const hidden = live.length - LIVE_SHOWN;
  return {
    summary: words.home.title,
    parts: [
      heading(words.home.title),
      text([words.home.intro]),
      buttons({ action: 'glir-new', label: words.newNote, value: 'new', look: 'primary' }),
      heading(words.home.live),
      ...(live.length === 0 ? [quiet([words.noRooms])] : live.slice(0, LIVE_SHOWN).map(liveRow)),
      ...(hidden > 0 ? [quiet([words.moreRooms(hidden)])] : []),
      heading(words.home.past),
      ...(past.length === 0 ? [quiet([words.home.noPast])] : past.slice(0, PAST_SHOWN).map(pastRow)),
      quiet([words.home.privacy]),
      ...(settings === null ? [] : settingsParts(settings)),
    ],
  };
}

function liveRow({ id, state, expiresAt, reading, readBy }: Room): Part {
  const readers = `${words.status.reading(reading)}, ${words.status.readBy(readBy)}`;
  const lines = [[{ strong: words.state[state] }], [...words.status.left(expiresAt), `, ${readers}`]];
  return row(lines, {
    action: 'glir-revoke-home',
    label: words.revoke,
    value: roomTag(id),
    look: 'danger',
    ask: words.revokeAsk,
  });
}

function pastRow({ openedAt, endedAt, reason, readBy }: PastNote): Part {
  const life = formatDuration(Math.ceil((endedAt - openedAt) / 60_000) * 60);
  const how = ` · ${life} · ${words.status.readBy(readBy)} · ${words.over[reason]}`;
  return text([{ at: openedAt, as: 'day' }, how]);
}

function settingsParts(settings: EffectiveSettings): Part[] {
  const { admissions, reader } = words.form;
  const fact = (name: string, value: string): Line => [`${name}: `, { strong: value }];
  return [
    heading(words.home.settings),
    text(
      fact(words.settings.expiryMaxSeconds, formatDuration(settings.expiryMaxSeconds)),
      fact(words.settings.expiryDefaultSeconds, formatDuration(settings.expiryDefaultSeconds)),
      fact(words.settings.admissions, settings.admissions.map((admission) => admissions[admission]).join(', ')),
      fact(words.settings.admissionDefault, admissions[settings.admissionDefault]),
      fact(words.settings.readersMax, reader(settings.readersMax)),
      fact(words.settings.readersDefault, reader(settings.readersDefault)),
    ),
    buttons({ action: 'glir-settings', label: words.home.change, value: 'settings' }),
  ];
}
