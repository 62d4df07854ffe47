import type { RoomView } from '../../src/cluster/room-directory.ts';
import { roomTag } from '../../src/rooms/room.ts';
import type { PastNote } from '../../src/store/store.ts';
import { type ChatLanguage, languageOfLocale } from './chat-language.ts';
import { confirmRevoke, readByText, readersText } from './note-views.ts';
import type { Preferences } from './preferences.ts';
import type { EffectiveSettings } from './settings.ts';
import { buttons, heading, type Part, quiet, row, type TextLine, text, type View } from './view.ts';

/** Past notes shown. */
export const PAST_SHOWN = 20;
const LIVE_SHOWN = 20;

/** What a doctor's own page shows. */
export interface HomeFacts {
  /** Null when a node that may have some does not answer. */
  live: readonly RoomView[] | null;
  past: readonly PastNote[];
  personal: Pick<Preferences, 'name' | 'language'>;
  /** Null for everybody but the admin. */
  settings: EffectiveSettings | null;
  /** What the admin has to know. */
  notice?: string | null;
}

/** A doctor's own notes, live and past, and the settings. */
export function homeView({ live, past, personal, settings, notice = null }: HomeFacts, language: ChatLanguage): View {
  const { text: say } = language;
  return {
    summary: say('home.title'),
    parts: [
      heading(say('home.title')),
      text([say('home.intro')]),
      buttons({ action: 'glir-new', label: say('newNote'), value: 'new', look: 'primary' }),
      heading(say('home.live')),
      ...liveParts(live, language),
      heading(say('home.past')),
      ...(past.length === 0
        ? [quiet([say('home.noPast')])]
        : past.slice(0, PAST_SHOWN).map((note) => pastRow(note, language))),
      quiet([say('home.privacy')]),
      ...personalParts(personal, language),
      ...(settings === null ? [] : settingsParts(settings, notice, language)),
    ],
  };
}

function liveParts(live: readonly RoomView[] | null, language: ChatLanguage): Part[] {
  const { text: say } = language;
  if (live === null) return [quiet([say('unreachable.list')])];
  if (live.length === 0) return [quiet([say('noNotes')])];
  const hidden = live.length - LIVE_SHOWN;
  const rows = live.slice(0, LIVE_SHOWN).map((room) => liveRow(room, language));
  return hidden > 0 ? [...rows, quiet([say('moreNotes', { count: hidden })])] : rows;
}

function liveRow({ id, state, expiresAt, reading, readBy }: RoomView, language: ChatLanguage): Part {
  const { text: say, line } = language;
  const readers = readersText(reading, readBy, language);
  const lines = [
    [{ strong: say(`state.${state}`) }],
    [...line('ends', { when: { at: expiresAt, as: 'period' } }), ` · ${readers}`],
  ];
  return row(lines, {
    action: 'glir-revoke-home',
    label: say('revoke'),
    value: roomTag(id),
    look: 'danger',
    confirm: confirmRevoke(language),
  });
}

function pastRow({ openedAt, endedAt, reason, readBy }: PastNote, language: ChatLanguage): Part {
  const { text: say, duration } = language;
  const life = duration(Math.ceil((endedAt - openedAt) / 60_000) * 60);
  const how = ` · ${life} · ${readByText(readBy, language)} · ${say(`over.${reason}`)}`;
  return text([{ at: openedAt, as: 'day' }, how]);
}

function fact(name: string, value: string): TextLine {
  return [`${name}: `, { strong: value }];
}

function personalParts({ name, language: chosen }: HomeFacts['personal'], { text: say }: ChatLanguage): Part[] {
  return [
    heading(say('personal.title')),
    text(
      fact(say('personal.name'), name ?? say('personal.name.none')),
      fact(say('language'), languageOfLocale(chosen)?.name ?? say('personal.language.own')),
    ),
    buttons({ action: 'glir-personal', label: say('personal.change'), value: 'personal' }),
  ];
}

function settingsParts(settings: EffectiveSettings, notice: string | null, language: ChatLanguage): Part[] {
  const { text: say, duration } = language;
  const readers = (count: number) => say('readers', { count });
  return [
    heading(say('settings.heading')),
    ...(notice === null ? [] : [text([notice])]),
    text(
      fact(say('settings.expiryMaxSeconds'), duration(settings.expiryMaxSeconds)),
      fact(say('settings.expiryDefaultSeconds'), duration(settings.expiryDefaultSeconds)),
      fact(
        say('settings.admissions'),
        settings.admissions.map((admission) => say(`admission.${admission}`)).join(' · '),
      ),
      fact(say('settings.admissionDefault'), say(`admission.${settings.admissionDefault}`)),
      fact(say('settings.readersMax'), readers(settings.readersMax)),
      fact(say('settings.readersDefault'), readers(settings.readersDefault)),
      fact(say('settings.phone'), settings.phone ?? say('settings.phone.none')),
    ),
    buttons({ action: 'glir-settings', label: say('settings.change'), value: 'settings' }),
  ];
}
