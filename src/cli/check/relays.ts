/** The TURN servers that browsers are told of. */
import { iceServers } from '../../../mediasoup-config/ice-servers.ts';
import { type Check, type Finding, ok, problem, reasonOf, skipped } from './finding.ts';
import { allocateAt, turnAddress } from './turn-probe.ts';

const CREDENTIALS_MS = 60_000;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const QUOTA = 486;

/** Whether each gives an address to the credentials that browsers get. */
export const checkTurn: Check = async ({ config, now }) => {
  const urls = config.ice.urls.filter((url) => url.startsWith('turn'));
  if (urls.length === 0) {
    const says = 'GLIR_TURN is not set: patients in networks that block the data port cannot read.';
    return [skipped('turn', says)];
  }
  const [server] = iceServers(config, { until: now() + CREDENTIALS_MS, user: 'check' }).filter(({ urls: [url] }) =>
    url?.startsWith('turn'),
  );
  const { username = '', credential = '' } = server ?? {};
  return await Promise.all(urls.map((url) => relayFinding(url, username, credential)));
};

async function relayFinding(url: string, username: string, credential: string): Promise<Finding> {
  try {
    const code = await allocateAt(turnAddress(url), username, credential);
    if (code === 0) return ok('turn', `${url} gives addresses.`);
    return problem('turn', `${url} refuses what browsers show (${code}).`, next(code));
  } catch (error) {
    const open =
      'Start coturn, open its port in the firewall, or correct GLIR_TURN. For turns: it needs a certificate that names the host.';
    return problem('turn', `${url} does not answer (${reasonOf(error)}).`, open);
  }
}

function next(code: number): string {
  if (code === UNAUTHORIZED)
    return "Set GLIR_TURN_SECRET to coturn's static-auth-secret, with use-auth-secret; and set both clocks.";
  if (code === FORBIDDEN) return 'Allow this machine in coturn, or look into its log.';
  if (code === QUOTA) return 'Raise user-quota or total-quota in coturn.';
  return "Look into coturn's log.";
}
