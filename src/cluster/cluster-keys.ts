import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Secret } from '../config/secret.ts';

const KEY_BYTES = 32;

/** The key for one purpose, derived from GLIR_CLUSTER_KEY (HKDF with SHA-256, RFC 5869). */
export function keyFor(purpose: 'messages' | 'requests' | 'networks', clusterKey: Secret): KeyObject {
  const secret = Buffer.from(clusterKey.reveal(), 'base64');
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `glir nodes: ${purpose}`, KEY_BYTES)));
}
