import { attackCases } from './attacks.ts';
import type { Case } from './case.ts';
import { firstKnockCases } from './first-knocks.ts';
import { handshakeCases } from './handshake.ts';
import { keyCases } from './keys.ts';
import { linkCases } from './links.ts';
import { noteCases } from './notes.ts';
import { paddingCases } from './padding.ts';
import { passCases } from './passes.ts';
import { rfc9180Cases } from './rfc9180.ts';
import { secondOpinionCases } from './second-opinion.ts';
import { streamCases } from './streams.ts';

/** Everything that must hold of the protocol's cryptography wherever it runs. */
export const cryptoCases: readonly Case[] = [
  ...rfc9180Cases,
  ...secondOpinionCases,
  ...handshakeCases,
  ...firstKnockCases,
  ...passCases,
  ...keyCases,
  ...streamCases,
  ...paddingCases,
  ...noteCases,
  ...attackCases,
  ...linkCases,
];
