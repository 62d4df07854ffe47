/** Every sentence that GLIR says in Slack, in plain text or Slack's mrkdwn. */
import type { EndReason } from '../../src/protocol/terms.ts';

function count(amount: number, one: string, more: string): string {
  return `${amount} ${amount === 1 ? one : more}`;
}

export const words = {
  newNote: 'Write a private note',
  writeNote: 'Write the note',
  revoke: 'Revoke',
  revokeAsk: {
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
    intro: 'Choose how the note lives. You write it in your own browser, never in Slack.',
    expiry: 'How long can it be read?',
    admission: 'Who gets in?',
    admissions: { ask: 'I admit each reader', link: 'The link is enough' },
    readers: 'How many readers at most?',
    reader: (amount: number) => count(amount, 'reader', 'readers'),
  },
  ready: {
    title: 'Ready to write',
    text: (until: string) => `Write the note in your browser. This button works once, until ${until}.`,
    policy: (expiry: string, admission: string, readers: string) => `${expiry} · ${admission} · ${readers} at most`,
    private: "The note stays in your browser tab. Neither Slack nor GLIR's server sees it.",
  },

  doNotType: [
    "*Don't type the note here.* Slack keeps what you type.",
    'GLIR has dropped it unread. Type `/glir` alone, and write the note on the page that opens.',
  ],
  help: [
    '`/glir` – write a private note',
    '`/glir 15m` – the same, to be read for 15 minutes',
    '`/glir list` – your open notes',
    '`/glir revoke all` – end all your notes now',
  ],
  noRooms: 'You have no open notes.',
  rooms: 'Your open notes:',
  revoked: (amount: number) =>
    amount === 1 ? 'The note is gone, on every screen.' : `${amount} notes are gone, on every screen.`,
  notFound: 'There is no such open note. Type `/glir list` to see yours.',
  notWaiting: 'That person is no longer waiting.',
  range: (least: string, most: string) => `A note can live from ${least} to ${most}.`,
  admissionNotAllowed: 'Your administrator does not allow this choice. Pick another one.',
  readersRange: (least: number, most: number) => `Choose from ${least} to ${most} readers.`,
  notInstalled: (url: string) =>
    `GLIR has lost its connection to this workspace. An administrator can install it again: ${url}`,
  formDidNotOpen: 'Slack did not open the form in time, so this note has the usual settings.',
  tryCommand: 'Slack did not open the form. Type `/glir` in any chat instead.',
  trouble: 'That did not work. Wait a moment, then try again.',

  state: {
    draft: 'Not shared yet',
    open: 'Open',
    interrupted: 'Interrupted: your browser lost its connection',
    ended: 'Over',
  },
  status: {
    title: 'Your private note',
    left: (until: string) => `Ends ${until}`,
    reading: (amount: number) =>
      amount === 0 ? 'nobody is reading' : count(amount, 'person is reading', 'people are reading'),
    readBy: (amount: number) => (amount === 0 ? 'not read yet' : `read by ${amount}`),
    waiting: (number: number, code: string) => `*Reader ${number} waits.* Code on their screen: *${code}*`,
    more: (amount: number) => `${count(amount, 'more reader waits', 'more readers wait')}. See them on your page.`,
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
  overAt: (what: string, when: string) => `${what}, ${when}.`,

  home: {
    title: 'Private notes',
    intro: 'Hand a patient a note through a link that stores nothing.',
    live: 'Open notes',
    past: 'Your last notes',
    noPast: 'No notes yet.',
    privacy:
      'GLIR keeps when a note was open, how many read it and how it ended. It never keeps the note, the link or who read it.',
    settings: 'Settings of this workspace',
    change: 'Change the settings',
  },
  settings: {
    title: 'GLIR settings',
    expiryMaxSeconds: 'Longest life of a note',
    expiryDefaultSeconds: 'Life of a note when the doctor does not choose',
    admissions: 'What doctors may choose',
    admissionsBoth: 'Admit each reader, or the link is enough',
    admissionsAsk: 'Always admit each reader',
    admissionDefault: 'Who gets in when the doctor does not choose',
    readersMax: 'Most readers at a time',
    readersDefault: 'Readers when the doctor does not choose',
    overOwnLimit: 'More than your own limit. Choose less, or raise the limit.',
    overServerLimit: 'More than this server allows. Choose less.',
    notAmongAllowed: 'Doctors may not choose this. Pick another one.',
    notYours: 'Only the person who installed GLIR can change its settings.',
  },
} as const;
