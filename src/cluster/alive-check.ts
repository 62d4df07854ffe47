import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ANSWER_MS } from './cluster.ts';
import { ALIVE_PATH } from './node-server.ts';
import { type RequestSignatures, SIGNATURE_HEADER } from './request-signature.ts';

/**
 * Asks the server of a run at its URL whether it is there, for 1.5 s at most. `refused` means that a server there does not
 * accept this node's signature; whatever else comes back, or nothing, is `silent`. Never rejects.
 */
export async function checkAlive(
  url: string,
  run: string,
  signatures: RequestSignatures,
): Promise<'answers' | 'refused' | 'silent'> {
  const header = signatures.sign({ method: 'GET', path: ALIVE_PATH }, { run, url });
  try {
    const { statusCode, headers } = await get(`${url}${ALIVE_PATH}`, header);
    if (statusCode === 401) return 'refused';
    const proof = headers[SIGNATURE_HEADER];
    return statusCode === 200 && signatures.isAnswer(header, [proof].flat()[0]) ? 'answers' : 'silent';
  } catch {
    return 'silent';
  }
}

function get(url: string, header: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(ANSWER_MS);
    const request = send(url, { agent: false, headers: { [SIGNATURE_HEADER]: header }, signal }, (response) => {
      // The head says it all.
      request.destroy();
      resolve(response);
    });
    request.on('error', reject);
    request.end();
  });
}
