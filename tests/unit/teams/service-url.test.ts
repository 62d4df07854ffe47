import { describe, expect, it } from 'vitest';
import type { Card } from '../../../bots/teams/adaptive-cards.ts';
import { createBotbuilderClient } from '../../../bots/teams/client/botbuilder-client.ts';
import { connectorCalls } from '../../../bots/teams/client/connector-calls.ts';
import { isConnectorUrl } from '../../../bots/teams/client/service-url.ts';
import { Secret } from '../../../src/config/secret.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

const app = {
  kind: 'registered',
  appId: 'a',
  password: new Secret('p'),
  tenantId: 't',
  openIdUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  loginUrl: 'https://login.microsoftonline.com',
} as const;

describe('a service URL', () => {
  it.each([
    'https://smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net/teams/v3/conversations/a/activities?isTargetedActivity=true',
    'https://smba.infra.gcc.teams.microsoft.com/gcc',
    'https://smba.infra.gov.teams.microsoft.us/gcch',
    'https://europe.webchat.botframework.com/',
  ])('%s is Teams’', (url) => {
    expect(isConnectorUrl(url, app)).toBe(true);
  });

  it.each([
    'http://smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net:8443/emea/',
    'https://other.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net.example.org/',
    'https://smba.trafficmanager.net@example.org/',
    'https://user:word@smba.trafficmanager.net/',
    'https://teams.microsoft.com.example.org/',
    'https://xteams.microsoft.com.evil/',
    'https://notteams.microsoft.com/',
    'https://botframework.com.evil/',
    'https://127.0.0.1/',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    '',
  ])('%s is not called', (url) => {
    expect(isConnectorUrl(url, app)).toBe(false);
  });

  it('on this machine is taken only where the signing keys come from it too', () => {
    expect(isConnectorUrl('http://127.0.0.1:9/', app)).toBe(false);
    const test = { ...app, openIdUrl: 'http://127.0.0.1:8/openid' };
    expect(isConnectorUrl('http://127.0.0.1:9/', test)).toBe(true);
    expect(isConnectorUrl('https://example.org/', test)).toBe(false);
    const playground = { kind: 'playground', origin: 'http://localhost:56150' } as const;
    expect(isConnectorUrl('http://localhost:56150/_connector', playground)).toBe(true);
    expect(isConnectorUrl('http://localhost:56151/_connector', playground)).toBe(false);
  });

  it('that was put into the store leads nowhere, and the bot’s token is not asked for', async () => {
    let asked = 0;
    const token = { get: () => Promise.resolve(String(++asked)), refused: () => undefined };
    const calls = connectorCalls(token, (url) => isConnectorUrl(url, app), standingClock());
    const client = createBotbuilderClient('a', calls);
    const conversation = {
      serviceUrl: 'https://127.0.0.1:9/',
      conversationId: 'c',
      tenantId: 't',
      bot: { id: 'b' },
      user: { id: 'u' },
    };
    const card: Card = {
      type: 'AdaptiveCard',
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      version: '1.5',
      fallbackText: '',
      body: [],
    };
    for (const call of [
      () => client.send(conversation, card),
      () => client.update(conversation, '1', card),
      () => client.sendTargeted(conversation, card),
      () => client.createConversation(conversation),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: '421', remedy: 'none' });
    }
    expect(asked).toBe(0);
  });
});
