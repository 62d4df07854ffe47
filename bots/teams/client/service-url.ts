import { hostOf, isLoopbackHost } from '../../../src/config/addresses.ts';
import type { TeamsConfig } from '../../../src/config/config.ts';

/** Hosts of Teams' connector: the public cloud, and where every name in the zone is Microsoft's, all of them. */
const HOSTS: ReadonlySet<string> = new Set(['smba.trafficmanager.net']);
const ZONES = [
  '.teams.microsoft.com',
  '.teams.microsoft.us',
  '.teams.microsoftonline.cn',
  '.botframework.com',
  '.botframework.azure.us',
  '.botframework.azure.cn',
];

/**
 * Whether GLIR may call a URL that an activity, a stored conversation or botbuilder names: Teams' connector with https and the
 * default port; on one machine, where the signing keys come from this machine as well, whatever is on it; for the
 * Playground its own origin alone. What is called gets the bot's token and the links for doctors.
 */
export function isConnectorUrl(text: string, app: TeamsConfig['app']): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (app.kind === 'playground') return url.origin === app.origin;
  const keysUrl = URL.parse(app.openIdUrl);
  if (keysUrl !== null && isLoopbackHost(hostOf(keysUrl))) return isLoopbackHost(hostOf(url));
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return HOSTS.has(url.hostname) || ZONES.some((zone) => url.hostname.endsWith(zone));
}
