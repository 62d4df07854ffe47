/** Every sentence that GLIR says in a chat, whatever the platform. */
import type { EndReason } from '../../src/protocol/constants.ts';
import type { Chat, PlainLine, TextLine } from './view.ts';

function count(amount: number, one: string, more: string): string {
  return `${amount} ${amount === 1 ? one : more}`;
}

export const strings = {
  newNote: 'Write a private note',
  writeNote: 'Write the note',
  revoke: 'Revoke',
  confirmRevoke: {
    title: 'Revoke this note?',
    text: 'It vanishes from every screen at once. This cannot be undone.',
    yes: 'Revoke',
    no: 'Keep it open',
  },
  admit: 'Admit',
  refuse: 'Refuse',
  refresh: 'Refresh',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  next: 'Continue',

  form: {
    title: 'A private note',
    intro: 'Choose how the note lives. You write it in your own browser, never in this chat.',
    expiry: 'How long can it be read?',
    admission: 'Who gets in?',
    admissions: { ask: 'I admit each reader', pin: 'A PIN opens it', link: 'The link is enough' },
    readers: 'How many readers at most?',
    reader: (amount: number) => count(amount, 'reader', 'readers'),
  },
  ready: {
    title: 'Ready to write',
    text: (until: number): TextLine => [
      'Write the note in your browser. This button works once, until ',
      { at: until, as: 'time' },
      '.',
    ],
    policy: (expiry: string, admission: string, readers: string) => `${expiry} · ${admission} · ${readers} at most`,
    private: "The note stays in your browser tab. Neither this chat nor GLIR's server sees it.",
  },

  doNotType: ({ name, command }: Chat): PlainLine[] => [
    [{ strong: "Don't type the note here." }, ` ${name} keeps what you type.`],
    ['GLIR has dropped it unread. Type ', { typed: command }, ' alone, and write the note on the page that opens.'],
  ],
  help: ({ command }: Chat): PlainLine[] => [
    [{ typed: command }, ' – write a private note'],
    [{ typed: `${command} 15m` }, ' – the same, to be read for 15 minutes'],
    [{ typed: `${command} list` }, ' – your open notes'],
    [{ typed: `${command} revoke all` }, ' – end all your notes now'],
  ],
  noRooms: 'You have no open notes.',
  rooms: 'Your open notes:',
  listed: (state: string, reading: string, left: string) => `${state}, ${reading}, ${left} left`,
  moreRooms: (amount: number) => `${count(amount, 'more is', 'more are')} open. Revoke some of these to see the rest.`,
  revoked: (amount: number) =>
    amount === 1 ? 'The note is gone, on every screen.' : `${amount} notes are gone, on every screen.`,
  notFound: ({ command }: Chat): PlainLine => [
    'There is no such open note. Type ',
    { typed: `${command} list` },
    ' to see yours.',
  ],
  notWaiting: 'That person is no longer waiting.',
  pageIsAway: 'Your page has lost its connection, so nobody can be let in or refused now. Open it, then decide there.',
  range: (least: string, most: string) => `A note can live from ${least} to ${most}.`,
  admissionNotAllowed: 'Your administrator does not allow this choice. Pick another one.',
  readersRange: (least: number, most: number) => `Choose from ${least} to ${most} readers.`,
  openAtOnce: {
    user: (most: number) =>
      `You have ${count(most, 'open note', 'open notes')}, the most that you may have at once. Revoke one from your list, then try again.`,
    tenant: (most: number) =>
      `Your organisation has ${count(most, 'open note', 'open notes')}, the most that it may have at once. Try again when some are over, or ask your administrator to raise the limit.`,
  },
  inAnHour: {
    user: (most: number, minutes: number) =>
      `You have begun ${count(most, 'note', 'notes')} within an hour, the most that you may. Try again in ${count(minutes, 'minute', 'minutes')}.`,
    tenant: (most: number, minutes: number) =>
      `Your organisation has begun ${count(most, 'note', 'notes')} within an hour, the most that it may. Try again in ${count(minutes, 'minute', 'minutes')}, or ask your administrator to raise the limit.`,
  },
  noNewNotes:
    'GLIR cannot begin a note at this moment, because its storage cannot be written. Notes that are open go on. Try again in a few minutes, or tell your administrator.',
  nodeUnreachable: {
    list: "One of GLIR's servers does not answer, so your open notes cannot all be shown. Try again in a moment.",
    revoke: "One of GLIR's servers does not answer, so a note may still be open. Try again in a moment.",
    press: "That note's server does not answer. Try again in a moment.",
  },
  trouble: 'That did not work. Wait a moment, then try again.',

  state: {
    draft: 'Not shared yet',
    open: 'Open',
    interrupted: 'Interrupted: your browser lost its connection',
    ended: 'Over',
  },
  status: {
    title: 'Your private note',
    left: (until: number): TextLine => ['Ends ', { at: until, as: 'period' }],
    reading: (amount: number) =>
      amount === 0 ? 'nobody is reading' : count(amount, 'person is reading', 'people are reading'),
    readBy: (amount: number) => (amount === 0 ? 'not read yet' : `read by ${amount}`),
    waiting: (number: number, code: string): PlainLine => [
      { strong: `Reader ${number} waits.` },
      ' Code on their screen: ',
      { strong: code },
    ],
    more: (amount: number) => `${count(amount, 'more reader waits', 'more readers wait')}. See them on your page.`,
    restarting: [
      'GLIR was restarted.',
      'While its page is open in your browser, the note comes back there by itself.',
      'This message then shows it again. Your page shows who waits and who reads.',
    ],
    again: 'Opened again from your page, under another link.',
    follow: 'Only you see this. Press Refresh when it seems out of date.',
  },
  over: {
    revoked: 'You revoked it',
    expired: 'Its time was up',
    left: 'You closed the page',
    lost: 'Your browser was cut off for too long',
    locked: 'Too many wrong PINs closed it',
    stopped: 'GLIR was stopped or removed',
  } satisfies Record<EndReason, string>,
  overAt: (what: string, at: number): TextLine => [`${what}, `, { at, as: 'time' }, '.'],

  home: {
    title: 'Private notes',
    intro: 'Hand a patient a note through a link that stores nothing.',
    live: 'Open notes',
    past: 'Your last notes',
    noPast: 'No notes yet.',
    privacy:
      'GLIR keeps when a note was open, how many read it and how it ended. It never keeps the note, the link or who read it.',
    settings: 'Settings for all doctors',
    change: 'Change the settings',
  },
  settings: {
    title: 'GLIR settings',
    expiryMaxSeconds: 'Longest life of a note',
    expiryDefaultSeconds: 'Life of a note when the doctor does not choose',
    admissions: 'What doctors may choose',
    admissionsAll: 'Everything, also that the link is enough',
    admissionsChecked: 'Admit each reader, or a PIN',
    admissionsAsk: 'Always admit each reader',
    admissionDefault: 'Who gets in when the doctor does not choose',
    readersMax: 'Most readers at a time',
    readersDefault: 'Readers when the doctor does not choose',
    overOwnLimit: 'More than your own limit. Choose less, or raise the limit.',
    overServerLimit: 'More than this server allows. Choose less.',
    notAmongAllowed: 'Doctors may not choose this. Pick another one.',
  },
} as const;
