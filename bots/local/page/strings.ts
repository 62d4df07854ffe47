/** Every English sentence of the local chat. */

function count(amount: number, one: string, more: string): string {
  return `${amount} ${amount === 1 ? one : more}`;
}

export const strings = {
  name: 'GLIR',
  you: 'You',
  trial: 'Trial room on this computer',
  trialHint: 'Nobody else is here. In daily use, you type /glir in Slack or Microsoft Teams.',
  messages: 'Messages',
  message: 'Message',
  placeholder: 'Type /glir',
  send: 'Send',
  typing: 'One moment…',

  hello: 'Hello. Type /glir to write a private note for a patient.',
  notShown: '(not shown)',
  onlyYou: 'Only you can see this',
  writeNote: 'Write the note',
  composeHint: (expiry: string, until: string) =>
    `The patient can read it for ${expiry}. This link works once, until ${until}.`,
  noRooms: 'You have no open notes.',
  rooms: 'Your notes',
  roomState: {
    draft: 'not shared yet',
    open: 'open',
    interrupted: 'interrupted',
  },
  roomFacts: (readers: number, left: string) =>
    `${readers === 0 ? 'nobody is reading' : count(readers, 'person is reading', 'people are reading')}, ${left} left`,
  revoke: 'Revoke',
  revoked: (amount: number) =>
    amount === 1
      ? 'The note is gone, here and on every screen.'
      : `${amount} notes are gone, here and on every screen.`,
  notFound: 'There is no such note. Type /glir list to see yours.',
  doNotType: [
    "Don't type the note here. A chat keeps what you type.",
    'Type /glir and write the note on the page that opens. This page has forgotten your message.',
  ],
  help: 'This is what you can type:',
  commands: [
    ['/glir', 'Write a note. It can be read for 30 minutes.'],
    ['/glir 15m', 'The same, for 15 minutes. From 1m to 24h.'],
    ['/glir list', 'See your open notes.'],
    ['/glir revoke all', 'End all your notes now.'],
  ],
  unreachable: 'GLIR does not answer. Is it still running on this computer? Start it, then try again.',
} as const;
