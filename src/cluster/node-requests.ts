import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ANSWER_MS, type Answer, answerSchema, type Command } from './cluster.ts';
import { ALIVE_PATH, COMMAND_PATH } from './node-server.ts';
import { type RequestSignatures, SIGNATURE_HEADER } from './request-signature.ts';

/** More than any answer: what stands at a node's address may be something else, and say a lot. */
const ANSWER_BYTES = 4 * 1024 * 1024;

/** A node as others reach it. */
export interface NodeAddress {
  readonly url: string;
  readonly run: string;
}

/**
 * Asks the server of a run at its URL whether it is there, for 1.5 s at most. `refused` means that a server there does not
 * accept this node's signature; whatever else comes back, or nothing, is `silent`. Never rejects.
 */
export async function checkAlive(
  node: NodeAddress,
  signatures: RequestSignatures,
): Promise<'answers' | 'refused' | 'silent'> {
  const response = await get(node, ALIVE_PATH, signatures);
  if (response?.status === 401) return 'refused';
  return response?.isProven === true ? 'answers' : 'silent';
}

/** Gives a command to a node at its URL, past the database; null when it does not answer within 1.5 s. Never rejects. */
export async function askNode(
  node: NodeAddress,
  command: Command,
  signatures: RequestSignatures,
): Promise<Answer | null> {
  // In the path, which the signature covers.
  const path = `${COMMAND_PATH}${Buffer.from(JSON.stringify(command)).toString('base64url')}`;
  const response = await get(node, path, signatures);
  if (response?.isProven !== true) return null;
  return answerSchema.safeParse(parse(response.body)).data ?? null;
}

/** Null when nothing comes back. `isProven` says that a node with the key answered this very request with this body. */
async function get(
  { url, run }: NodeAddress,
  path: string,
  signatures: RequestSignatures,
): Promise<{ status: number; body: string; isProven: boolean } | null> {
  const header = signatures.sign({ method: 'GET', path }, { run, url });
  try {
    const { status, headers, body } = await fetched(`${url}${path}`, header);
    const proof = [headers[SIGNATURE_HEADER]].flat()[0];
    return { status, body, isProven: status === 200 && signatures.isAnswer(header, proof, body) };
  } catch {
    return null;
  }
}

function fetched(url: string, header: string): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(ANSWER_MS);
    const request = send(url, { agent: false, headers: { [SIGNATURE_HEADER]: header }, signal }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES) response.destroy(new Error('the answer is longer than any'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
