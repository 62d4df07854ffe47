import type { Policy } from '../../src/protocol/messages.ts';
import type { EndReason } from '../../src/protocol/terms.ts';
import type { FakeRoom } from '../support/fake-sfu.ts';
import type { Line } from './signalling-line.ts';

/** A reader as the server's answers told of it. */
export interface KnownReader {
  id: string;
  line: Line;
  channelId: string;
  offerId: string;
  knocked: boolean;
}

/** One room as it is known from the tickets, links and tokens that were given out, whatever the server believes. */
export interface KnownRoom {
  readonly id: string;
  readonly ticket: string;
  readonly joinKey: string;
  readonly joinHash: string;
  readonly tokens: string[];
  readonly readers: KnownReader[];
  /** The channels of each of its composers' connections, the present one last. */
  readonly seats: FakeRoom[];
  /** Who may act as its composer: the last who was answered with a token. */
  composer: Line | null;
  /** Whose ticket it is: null before it was used. */
  page: string | null;
  shared: Policy | null;
  over: EndReason | null;
  /** Over because nobody brought it back after a restart: there was no room left to end, and nobody is told at once. */
  forgotten: boolean;
}

/** What the steps reached, so that a test that walks nowhere is seen. */
export const reached = { seats: 0, joins: 0, knocks: 0, admitted: 0, full: 0, told: 0, ended: 0, refused: 0 };
