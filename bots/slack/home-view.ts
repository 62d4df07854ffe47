import type { types } from '@slack/bolt';
import { formatDuration } from '../../src/protocol/duration.ts';
import type { Room } from '../../src/rooms/room.ts';
import { roomTag } from '../../src/rooms/tag.ts';
import type { PastNote } from '../../src/store/store.ts';
import type { EffectiveSettings } from '../commands/settings.ts';
import { ACTIONS, actions, agoToken, button, dayToken, type GlirBlock, header, quiet, section } from './blocks.ts';
import { words } from './words.ts';

/** Past notes shown. */
export const PAST_SHOWN = 20;
/** Slack shows at most 100 blocks. */
const LIVE_SHOWN = 40;

/** A doctor's Home tab; `settings` is null for everybody but the admin. */
export function homeView({
  live,
  past,
  settings,
}: {
  live: readonly Room[];
  past: readonly PastNote[];
  settings: EffectiveSettings | null;
}): types.HomeView {
  return {
    type: 'home',
    blocks: [
      header(words.home.title),
      section(words.home.intro),
      actions(button(ACTIONS.newNote, words.newNote, 'new', { style: 'primary' })),
      header(words.home.live),
      ...(live.length === 0 ? [quiet(words.noRooms)] : live.slice(0, LIVE_SHOWN).map(liveRow)),
      header(words.home.past),
      ...(past.length === 0 ? [quiet(words.home.noPast)] : past.slice(0, PAST_SHOWN).map(pastRow)),
      quiet(words.home.privacy),
      ...(settings === null ? [] : settingsRows(settings)),
    ],
  };
}

function liveRow({ id, state, expiresAt, reading, readBy }: Room): GlirBlock {
  const facts = `${words.status.left(agoToken(expiresAt))}, ${words.status.reading(reading)}, ${words.status.readBy(readBy)}`;
  return {
    ...section(`*${words.state[state]}*`, facts),
    accessory: button(ACTIONS.revokeAtHome, words.revoke, roomTag(id), { style: 'danger', confirm: words.revokeAsk }),
  };
}

function pastRow({ openedAt, endedAt, reason, readBy }: PastNote): GlirBlock {
  const life = formatDuration(Math.ceil((endedAt - openedAt) / 60_000) * 60);
  return section(`${dayToken(openedAt)} · ${life} · ${words.status.readBy(readBy)} · ${words.over[reason]}`);
}

function settingsRows(settings: EffectiveSettings): GlirBlock[] {
  const { admissions, reader } = words.form;
  const facts = [
    `${words.settings.expiryMaxSeconds}: *${formatDuration(settings.expiryMaxSeconds)}*`,
    `${words.settings.expiryDefaultSeconds}: *${formatDuration(settings.expiryDefaultSeconds)}*`,
    `${words.settings.admissions}: *${settings.admissions.map((admission) => admissions[admission]).join(', ')}*`,
    `${words.settings.admissionDefault}: *${admissions[settings.admissionDefault]}*`,
    `${words.settings.readersMax}: *${reader(settings.readersMax)}*`,
    `${words.settings.readersDefault}: *${reader(settings.readersDefault)}*`,
  ];
  return [
    header(words.home.settings),
    section(...facts),
    actions(button(ACTIONS.settings, words.home.change, 'settings')),
  ];
}
