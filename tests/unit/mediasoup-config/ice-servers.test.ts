import { describe, expect, it } from 'vitest';
import { iceServers } from '../../../mediasoup-config/ice-servers.ts';
import { loadConfig } from '../../../src/config/load.ts';

const SESSION = { until: 1_800_003_600_999, user: 'k3J9' };
const URLS = 'stun:stun.example.org,turn:turn.example.org:3478,turns:turn.example.org:443?transport=tcp';
const config = (env: NodeJS.ProcessEnv) => loadConfig(env, { addresses: [] });

describe('the ICE servers of a browser', () => {
  it('are none when none are set', () => {
    expect(iceServers(config({}), SESSION)).toEqual([]);
  });

  it('are STUN alone without credentials', () => {
    expect(iceServers(config({ GLIR_TURN: 'stun:stun.example.org' }), SESSION)).toEqual([
      { urls: ['stun:stun.example.org'] },
    ]);
  });

  it('have the fixed credentials on TURN only', () => {
    const env = { GLIR_TURN: URLS, GLIR_TURN_USERNAME: 'glir', GLIR_TURN_PASSWORD: 'hush' };
    expect(iceServers(config(env), SESSION)).toEqual([
      { urls: ['stun:stun.example.org'] },
      {
        urls: ['turn:turn.example.org:3478', 'turns:turn.example.org:443?transport=tcp'],
        username: 'glir',
        credential: 'hush',
      },
    ]);
  });

  it('have credentials with a shared secret that last as long as their room, and five minutes for clocks', () => {
    const env = { GLIR_TURN: 'turn:turn.example.org', GLIR_TURN_SECRET: 'north' };
    // printf %s 1800003900:k3J9 | openssl dgst -sha1 -hmac north -binary | base64
    expect(iceServers(config(env), SESSION)).toEqual([
      { urls: ['turn:turn.example.org'], username: '1800003900:k3J9', credential: '42UcBG46Bcvd7vRwVsPmO50Bb4c=' },
    ]);
  });

  it('are STUN alone for a browser that is no user of a TURN server, also with fixed credentials', () => {
    for (const credentials of [{ GLIR_TURN_SECRET: 'north' }, { GLIR_TURN_USERNAME: 'a', GLIR_TURN_PASSWORD: 'b' }]) {
      expect(iceServers(config({ GLIR_TURN: URLS, ...credentials }), { ...SESSION, user: null })).toEqual([
        { urls: ['stun:stun.example.org'] },
      ]);
    }
  });

  it('have different credentials for different users', () => {
    const shared = config({ GLIR_TURN: 'turn:turn.example.org', GLIR_TURN_SECRET: 'north' });
    const credentials = ['a', 'b'].map((user) => iceServers(shared, { ...SESSION, user })[0]?.credential);
    expect(credentials[0]).toBeTypeOf('string');
    expect(credentials[0]).not.toBe(credentials[1]);
  });
});
