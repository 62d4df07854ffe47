import { once } from 'node:events';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { freePort } from './free-port.ts';

/** A real OpenID provider, whose people sign in without being asked for a password. */
export interface OpenIdProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who sits before the browser; the subject of whoever signs in next. */
  person: string;
  close(): Promise<void>;
}

const CLIENT = { clientId: 'glir-console', clientSecret: 'a-secret-of-the-tests-0123456789' };

/** Everybody has a verified address at `hospital.example`; those whose name begins with `op-` are in a group. */
export async function startOpenIdProvider(redirectUri: string): Promise<OpenIdProvider> {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [redirectUri] }],
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@hospital.example`,
        email_verified: !id.startsWith('unverified'),
        groups: id.startsWith('op-') ? ['staff', 'glir-operators'] : ['staff'],
      }),
    }),
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['key of the tests'] },
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  const own: OpenIdProvider = {
    issuer,
    ...CLIENT,
    person: 'op-maria',
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return void answer(request, response);
    const login = { login: { accountId: own.person } };
    return void provider.interactionFinished(request, response, login, { mergeWithLastSubmission: false });
  });
  server.listen(Number(new URL(issuer).port), '127.0.0.1');
  await once(server, 'listening');
  return own;
}
