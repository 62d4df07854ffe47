import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ANSWER_MS } from './cluster.ts';
import { ALIVE_PATH } from './node-server.ts';
import { type RequestSignatures, SIGNATURE_HEADER } from './request-signature.ts';

const ANSWER_BYTES = 1024;

/**
 * Asks the server of a run at its URL whether it is there, for 1.5 s at most. `refused` means that a server there does not
 * accept this node's signature; whatever else comes back, or nothing, is `silent`. Never rejects.
 */
export async function checkAlive(
  url: string,
  run: string,
  signatures: RequestSignatures,
): Promise<'answers' | 'refused' | 'silent'> {
  const header = signatures.sign({ method: 'GET', path: ALIVE_PATH }, run);
  try {
    const { status, text } = await get(`${url}${ALIVE_PATH}`, header);
    if (status === 401) return 'refused';
    return status === 200 && signatures.isAnswer(header, text) ? 'answers' : 'silent';
  } catch {
    return 'silent';
  }
}

function get(url: string, header: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(ANSWER_MS);
    const request = send(url, { agent: false, headers: { [SIGNATURE_HEADER]: header }, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_BYTES) request.destroy();
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}
