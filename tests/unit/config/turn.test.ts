import { describe, expect, it } from 'vitest';
import { load, refusals } from './settings.ts';

const TURN = 'turn:turn.example.org:3478';

describe('STUN and TURN servers', () => {
  it.each([
    'turn:turn.example.org',
    'turn:turn.example.org:3478?transport=udp',
    'turns:turn.example.org:443?transport=tcp',
    'turns:[2001:db8::5]:5349',
    'turn:203.0.113.5',
  ])('may be %s', (url) => {
    expect(load({ GLIR_TURN: url, GLIR_TURN_SECRET: 'x' }).ice.urls).toEqual([url]);
  });

  it('may be several, STUN among them, each taken once', () => {
    const env = { GLIR_TURN: ` stun:stun.example.org, ${TURN},,${TURN}`, GLIR_TURN_SECRET: 'x' };
    expect(load(env).ice.urls).toEqual(['stun:stun.example.org', TURN]);
  });

  it('need no credentials when they are STUN alone', () => {
    expect(load({ GLIR_TURN: 'stuns:stun.example.org:5349' }).ice.credentials).toEqual({ kind: 'none' });
  });

  it.each([
    'turn.example.org:3478',
    'turn://turn.example.org',
    'turn:',
    'turn:turn.example.org:70000',
    'turn:turn.example.org/path',
    'turn:turn.example.org#x',
    'turn:turn.example.org?transport=sctp',
    'stun:stun.example.org?transport=udp',
    'turn:user@turn.example.org',
    'https://turn.example.org',
  ])('may not be %s', (url) => {
    expect(refusals({ GLIR_TURN: url, GLIR_TURN_SECRET: 'x' })).toEqual([
      expect.stringMatching(/^GLIR_TURN: an entry .+ Write /),
    ]);
  });
});

describe('TURN credentials', () => {
  it('are a secret shared with coturn', () => {
    const { credentials } = load({ GLIR_TURN: TURN, GLIR_TURN_SECRET: 'hush' }).ice;
    expect(credentials.kind === 'shared-secret' && credentials.secret.reveal()).toBe('hush');
  });

  it('or a fixed user name and password', () => {
    const { credentials } = load({ GLIR_TURN: TURN, GLIR_TURN_USERNAME: 'u', GLIR_TURN_PASSWORD: 'p' }).ice;
    expect(credentials).toMatchObject({ kind: 'fixed', username: 'u' });
  });

  it.each([
    ['GLIR_TURN', { GLIR_TURN: TURN }],
    ['GLIR_TURN_PASSWORD', { GLIR_TURN: TURN, GLIR_TURN_USERNAME: 'u' }],
    ['GLIR_TURN_USERNAME', { GLIR_TURN: TURN, GLIR_TURN_PASSWORD: 'p' }],
    ['GLIR_TURN_SECRET', { GLIR_TURN: TURN, GLIR_TURN_SECRET: 's', GLIR_TURN_USERNAME: 'u', GLIR_TURN_PASSWORD: 'p' }],
    ['GLIR_TURN', { GLIR_TURN_SECRET: 's' }],
    ['GLIR_TURN', { GLIR_TURN: 'stun:stun.example.org', GLIR_TURN_SECRET: 's' }],
  ])('are refused at %s when they are none, half or double: %o', (variable, env) => {
    expect(refusals(env)).toEqual([expect.stringMatching(new RegExp(`^${variable}: `))]);
  });
});

describe('connections through TURN only', () => {
  it('need a TURN server', () => {
    expect(refusals({ GLIR_ICE_TRANSPORT: 'relay' })).toEqual([
      expect.stringMatching(/^GLIR_ICE_TRANSPORT: relay needs a TURN server/),
    ]);
    expect(load({ GLIR_ICE_TRANSPORT: 'relay', GLIR_TURN: TURN, GLIR_TURN_SECRET: 'x' }).ice.transport).toBe('relay');
  });
});
