import { setGlobalProxyFromEnv } from 'node:http';

/** What names a proxy for the addresses that GLIR calls, as other programs read it. */
const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;

/**
 * Sends every call that GLIR makes to Slack and to Microsoft through the proxy of the environment, sockets too; `NO_PROXY`
 * names what is called directly. Does nothing when the environment names none.
 *
 * @returns puts everything back
 * @throws an Error that says what to set, for a proxy of a kind that cannot be used
 */
export function useProxyOf(env: NodeJS.ProcessEnv): () => void {
  const named = VARIABLES.filter((name) => (env[name] ?? '') !== '');
  if (named.length === 0) return () => undefined;
  for (const name of named) {
    const protocol = URL.parse(env[name] ?? '')?.protocol;
    if (protocol === 'http:' || protocol === 'https:') continue;
    throw new Error(
      `${name}: GLIR can use HTTP proxies only. Set an address such as http://proxy.example.org:3128, or unset ${name}.`,
    );
  }
  return setGlobalProxyFromEnv(env);
}
