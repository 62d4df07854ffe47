import { aptCommand, ensurePackages, missingOf, thisSystem } from './packages.mjs';

/** coturn, and `ip` for the networks that the tests make around it. */
const PACKAGES = [
  { name: 'coturn', provides: 'turnserver' },
  { name: 'iproute2', provides: 'ip' },
];

/**
 * The TURN server whose documented configuration is tested: Debian's package where we may install it. Where there is
 * none a notice is enough, and its tests are skipped.
 * @param {import('./place.mjs').Place} place
 */
export async function ensureTurnServer(place) {
  const system = thisSystem();
  const missing = missingOf(PACKAGES, system);
  if (missing.length === 0) return;
  if (system.isRoot && system.isDebian) return await ensurePackages(place, PACKAGES, 'The tests with a TURN server');
  const sentence = 'the tests with a TURN server will be skipped';
  place.report.line(
    system.isDebian
      ? `${sentence}; to run them: ${aptCommand(missing)}`
      : `${sentence}; they need what Debian calls ${missing.join(' and ')}`,
  );
}
