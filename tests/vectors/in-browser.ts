import { type Outcome, runCases } from './case.ts';
import { cryptoCases } from './cases.ts';

/** What the browser's page runs: every case, in this browser's own WebCrypto. */
export function runAll(): Promise<Outcome[]> {
  if (!isSecureContext) throw new Error('WebCrypto needs a secure context: serve this page on 127.0.0.1');
  return runCases(cryptoCases);
}
