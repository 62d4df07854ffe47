import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { earlyJoinSchema, type ServerMessage, serverMessageSchema } from '../../../src/protocol/messages.ts';

/** What `POST /join` answered. */
interface EarlyAnswer {
  status: number;
  messages: ServerMessage[];
  token: string | undefined;
}

/** Joins as a patient's page does before its socket is there; `origin` is the page's, `from` the address that it comes from. */
export async function joinEarly(
  url: string,
  body: Record<string, unknown> | string,
  { origin = url, from = '127.0.0.1', signal }: { origin?: string | null; from?: string; signal?: AbortSignal } = {},
): Promise<EarlyAnswer> {
  const asked = request(`${url}/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(origin === null ? {} : { origin }) },
    localAddress: from,
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  });
  asked.end(typeof body === 'string' ? body : JSON.stringify(body));
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  if (answer === undefined) throw new Error('no answer');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const read = earlyJoinSchema.safeParse(JSON.parse(text));
  const { messages, token } = read.data ?? { messages: [], token: undefined };
  return { status: answer.statusCode ?? 0, messages: messages.map((one) => serverMessageSchema.parse(one)), token };
}
