/** Everything that the server can refuse a page. */
export const REFUSALS = [
  'bad-message',
  'too-large',
  'too-often',
  'wrong-version',
  'unknown-ticket',
  'used-ticket',
  'expired-ticket',
  'unknown-room',
  'ended-room',
  'not-open',
  'wrong-key',
  'wrong-owner',
  'composer-present',
  'not-allowed',
  'unknown-reader',
  'room-full',
  'declined',
  'no-prekey',
  'too-many-notes',
  'unavailable',
  'node-unreachable',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A request that GLIR refuses, with its code from the closed list; never carries what was refused. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: Refusal;

  constructor(code: Refusal) {
    super(code);
    this.code = code;
  }
}
