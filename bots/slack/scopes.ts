/** What GLIR asks Slack's permission for, and why: the same words on the install page and in the README. */
export const SCOPES = [
  {
    scope: 'commands',
    optional: false,
    why: 'So that you can type /glir, fill in its form and press its buttons.',
  },
  {
    scope: 'chat:write',
    optional: true,
    why: 'So that GLIR can send you, and nobody else, one direct message per note that shows who waits and who reads. You can leave it out.',
  },
] as const;

export type Scope = (typeof SCOPES)[number]['scope'];

/** Every scope, in the order in which they are asked for. */
export const ALL_SCOPES: Scope[] = SCOPES.map(({ scope }) => scope);
