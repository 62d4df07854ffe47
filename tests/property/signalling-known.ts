export type { KnownReader, KnownRoom } from './signalling-line.ts';

/** What the steps reached, so that a test that walks nowhere is seen. */
export const reached = { seats: 0, joins: 0, knocks: 0, admitted: 0, full: 0, told: 0, ended: 0, refused: 0 };
