/** The few lines of SDP (RFC 8866, RFC 8841) that a connection with one data channel and no media needs. */
import type { TransportInfo } from '../../src/protocol/messages.ts';

const SHA_256 = /^a=fingerprint:sha-256 ([0-9A-F:]{95})\r?$/im;
/** What a value of the server's may be made of: nothing that could end a line, or a word in it. */
const WORD = /^[\w.:+/=-]{1,256}$/;
const MID = /^a=mid:(\S+)\r?$/m;

/** The fingerprint of this page's certificate. Throws when the offer has none that is a SHA-256. */
export function fingerprintOf(offer: string): { algorithm: 'sha-256'; value: string } {
  const value = SHA_256.exec(offer)?.[1];
  if (value === undefined) throw new Error('the offer has no fingerprint');
  // The worker compares it letter by letter.
  return { algorithm: 'sha-256', value: value.toUpperCase() };
}

/**
 * The server's answer to an offer, made of what it said about its transport; `ice` replaces its ICE parameters. Throws when a
 * value could say more than it should.
 */
export function answerTo(
  offer: string,
  { dtlsParameters, iceCandidates, sctpParameters }: TransportInfo,
  ice: TransportInfo['iceParameters'],
): { type: 'answer'; sdp: string } {
  const mid = MID.exec(offer)?.[1] ?? '0';
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    ...(ice.iceLite === true ? ['a=ice-lite'] : []),
    `a=group:BUNDLE ${mid}`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 127.0.0.1',
    `a=mid:${mid}`,
    `a=ice-ufrag:${word(ice.usernameFragment)}`,
    `a=ice-pwd:${word(ice.password)}`,
    ...iceCandidates.map(candidateLine),
    'a=end-of-candidates',
    ...dtlsParameters.fingerprints.map(({ algorithm, value }) => `a=fingerprint:${word(algorithm)} ${word(value)}`),
    `a=setup:${dtlsParameters.role === 'client' ? 'active' : 'passive'}`,
    `a=sctp-port:${word(sctpParameters.port)}`,
    `a=max-message-size:${word(sctpParameters.maxReceiveMessageSize)}`,
  ];
  return { type: 'answer', sdp: `${lines.join('\r\n')}\r\n` };
}

function candidateLine(candidate: TransportInfo['iceCandidates'][number]): string {
  const { foundation, protocol, priority, address, port, type, tcpType } = candidate;
  const end = tcpType === undefined ? '' : ` tcptype ${word(tcpType)}`;
  const values = [foundation, 1, protocol, priority, address, port, 'typ', type].map(word);
  return `a=candidate:${values.join(' ')}${end}`;
}

function word(value: string | number): string {
  const text = String(value);
  if (!WORD.test(text)) throw new Error('the server says what does not belong into SDP');
  return text;
}
