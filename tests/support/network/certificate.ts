import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and a certificate that the key signed itself, both PEM. */
export interface Certificate {
  key: string;
  cert: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT = 0xa0;
/** ecdsa-with-SHA256, commonName, subjectAltName. */
const ECDSA_SHA256 = der(0x06, Buffer.from('2a8648ce3d040302', 'hex'));
const COMMON_NAME = der(0x06, Buffer.from('550403', 'hex'));
const ALT_NAME = der(0x06, Buffer.from('551d11', 'hex'));
/** UTCTime counts to 2049. */
const VALID = ['200101000000Z', '491231235959Z'];

/**
 * A certificate (RFC 5280), for `localhost` where nothing else is said, for a server of a test: nobody but the test trusts it, and
 * its key goes with it.
 *
 * @param valid from when until when, as UTCTime
 */
export function localhostCertificate(host = 'localhost', valid: readonly string[] = VALID): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = Buffer.from(host);
  const names = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, name))));
  const algorithm = der(SEQUENCE, ECDSA_SHA256);
  const altNames = der(SEQUENCE, ALT_NAME, der(0x04, der(SEQUENCE, der(0x82, name))));
  const body = der(
    SEQUENCE,
    der(CONTEXT, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    names,
    der(SEQUENCE, ...valid.map((time) => der(0x17, Buffer.from(time)))),
    names,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(CONTEXT + 3, der(SEQUENCE, altNames)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const encoded = der(SEQUENCE, body, algorithm, signature).toString('base64');
  const lines = encoded.replace(/.{1,64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
  };
}

/** One value in DER (X.690): its tag, its length, its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const value = Buffer.concat(content);
  // The shortest form: browsers read no other.
  const { length } = value;
  const lengths = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengths]), value]);
}
