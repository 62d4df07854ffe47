import { localAnswerSchema } from '../../../src/protocol/local-chat.ts';

/** Sends a command as the page of the local chat does, to the server at `url`; gives the compose link of its answer. */
export async function composeLinkFor(url: string, command = '/glir'): Promise<string> {
  const response = await fetch(`${url}/local/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ text: command }),
  });
  const [first] = localAnswerSchema.parse(await response.json()).messages;
  if (first?.kind !== 'compose') throw new Error(`"${command}" was answered with "${first?.kind}"`);
  return first.url;
}
